/** What an event of the audit says, in words. It knows tables, routes and fields by name, and never a value. */
import type { Act } from '$lib/api/schema';
import { t } from '$lib/i18n';

export const ACTS: Act[] = [
	'read',
	'search',
	'create',
	'change',
	'void',
	'refuse',
	'sign_in',
	'sign_out',
	'export',
	'import'
];

/** What was done. */
export function actSaid(act: Act): string {
	return {
		read: t('Opened'),
		search: t('Searched'),
		create: t('Added'),
		change: t('Changed'),
		void: t('Withdrew'),
		refuse: t('Was refused'),
		sign_in: t('Signed in'),
		sign_out: t('Signed out'),
		export: t('Exported'),
		import: t('Imported')
	}[act];
}

/** What it was done to: a table, or the last word of a route that says something. */
export function subjectSaid(subject: string): string {
	const words: Record<string, string> = {
		addenda: t('Addendum'),
		admins: t('Staff'),
		assertions: t('Blood group, genotype, pregnancy'),
		audit: t('Audit'),
		chart: t('Chart'),
		clinics: t('Clinics'),
		consultations: t('Consultation'),
		diagnoses: t('Diagnosis'),
		dispensed_lines: t('Dispensed line'),
		dispenses: t('Dispensing'),
		doctors: t('Staff'),
		drafts: t('Draft'),
		drug_prescriptions: t('Line of a prescription'),
		drugs: t('Drug'),
		enquiries: t('Request of a visitor'),
		favourites: t('Favourites'),
		identifiers: t('Identifier of a patient'),
		import_batches: t('Import'),
		line_acts: t('Line of a prescription stopped or held'),
		notes: t('Nursing notes'),
		nurse_notes: t('Nursing note'),
		nursenotes: t('Nursing notes'),
		nurses: t('Staff'),
		patients: t('Patient'),
		pharmacists: t('Staff'),
		prescription: t('Prescription'),
		prescription_progress: t('State of a prescription'),
		prescriptions: t('Prescription'),
		recordofficers: t('Staff'),
		roles: t('Roles'),
		sessions: t('Session'),
		sign_ins: t('Session'),
		signings: t('Signing'),
		staff: t('Staff'),
		staffs: t('Staff'),
		stats: t('Counts'),
		system: t('System'),
		timeline: t('Timeline'),
		versions: t('Earlier versions'),
		visits: t('Visit'),
		vital_signs: t('Observations'),
		vitals: t('Observations'),
		worklist: t('Worklist')
	};
	const parts = subject.split('/').filter((part) => part && !part.startsWith('<'));
	return parts.map((part) => words[part]).findLast(Boolean) ?? subject;
}

/** `family_name` as one reads it. The names are those of the programme, the same in each language. */
export function fieldSaid(name: string): string {
	return name.replace(/_id$/, '').replaceAll('_', ' ');
}

/** Why somebody was refused. */
export function refusalSaid(code: string): string {
	const words: Record<string, string> = {
		Conflict: t('it stood against something else'),
		CsrfFailed: t('it came from another page'),
		Invalid: t('something was wrong with it'),
		NotAuthor: t('not the author'),
		NotFound: t('there is no such thing'),
		NotPermitted: t('the role does not do this'),
		NotSignedIn: t('wrong name or password'),
		RecordLocked: t('the 24 hours were over'),
		Stale: t('changed in the meantime'),
		TooManyRequests: t('too many tries')
	};
	return words[code] ?? code;
}
