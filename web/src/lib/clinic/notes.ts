/** What nursing notes are about, in words. */
import { t } from '$lib/i18n';
import type { NoteKind } from '$lib/api/schema';

export const NOTE_KINDS: readonly NoteKind[] = ['progress', 'admission', 'procedure', 'handover', 'incident'];

export function noteKindSaid(kind: NoteKind): string {
	const said: Record<NoteKind, string> = {
		progress: t('Progress'),
		admission: t('Admission'),
		procedure: t('Procedure'),
		handover: t('Handover'),
		incident: t('Incident')
	};
	return said[kind];
}
