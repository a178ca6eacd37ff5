/** A line of the timeline in words: what it was, in one sentence. */
import { t } from '$lib/i18n';
import { drugSaid } from './medicineWords';
import type { EntryOut, NoteKind } from '$lib/api/schema';
import { day } from './dates';
import { observedInWords } from './observed';
import { stateSaid } from './states';

export const KINDS = ['consultation', 'vitals', 'note', 'prescription', 'visit'] as const;

/** What kind it is, as its heading. */
export function kindSaid(kind: EntryOut['kind']): string {
	return {
		consultation: t('Consultation'),
		vitals: t('Observations'),
		note: t('Nursing note'),
		prescription: t('Medicines'),
		visit: t('Visit')
	}[kind];
}

/** Which kind of nursing note. */
export function noteSaid(kind: NoteKind): string {
	const said: Record<string, string> = {
		progress: t('Progress note'),
		admission: t('Admission note'),
		procedure: t('Procedure'),
		handover: t('Handover note'),
		incident: t('Incident')
	};
	return said[kind] ?? t('Nursing note');
}

/** What stands in it, short. */
export function gist(entry: EntryOut): string {
	if (entry.consultation) {
		const { diagnoses, presenting_complaint, plan } = entry.consultation;
		const named = diagnoses.map((one) => one.text).join(', ');
		return named || firstWords(presenting_complaint ?? plan ?? '');
	}
	if (entry.vitals) return observedInWords(entry.vitals);
	if (entry.note) return firstWords(entry.note.text);
	if (entry.prescription) return entry.prescription.lines.map((line) => drugSaid(line.drug)).join('; ');
	if (entry.visit)
		return [entry.visit.clinic, heldOn(entry), entry.visit.reason, stateSaid(entry.visit.state)]
			.filter(Boolean)
			.join(' · ');
	return '';
}

/** The day of a visit that was written down on another. */
function heldOn({ at, visit }: EntryOut): string {
	const on = day(visit?.held_on);
	return on === day(at) ? '' : on;
}

/** Who wrote it, where somebody did. */
export function authorOf(entry: EntryOut): string {
	return (entry.consultation ?? entry.vitals ?? entry.note ?? entry.prescription)?.author.name ?? '';
}

/** Whether it was withdrawn, or is another patient's. */
export function gone(entry: EntryOut): boolean {
	const record = entry.consultation ?? entry.vitals ?? entry.note ?? entry.prescription;
	return !!record && (!!record.voided || record.entered_in_error);
}

/** The beginning of a text, whole words, on one line. */
export function firstWords(text: string, most = 120): string {
	const line = text.replace(/\s+/g, ' ').trim();
	if (line.length <= most) return line;
	return `${line.slice(0, line.lastIndexOf(' ', most) || most)} …`;
}
