/** Who is here today, and where they go next. */
import { answer, api } from './client';
import { readPatient } from './patients';
import type { ClinicOut, PatientOut, VisitOut, VisitState, WaitingOutPage } from './schema';

/** The day's visits: the urgent first, then in the order they came. */
export function readWorklist(clinic?: string, state: VisitState | 'open' = 'open'): Promise<WaitingOutPage> {
	return answer(api.GET('/api/v1/worklist', { params: { query: { clinic, state } } }));
}

/** The clinics there are, and how many are there today. */
export async function readClinics(): Promise<ClinicOut[]> {
	return (await answer(api.GET('/api/v1/clinics'))).items;
}

/**
 * Move a patient on, or back with `undo`. Raises `Refused` 409 where somebody was quicker, saying who and when.
 */
export function moveVisit(
	id: string,
	to: VisitState,
	expected: VisitState,
	undo: boolean,
	key: string
): Promise<VisitOut> {
	return answer(
		api.POST('/api/v1/visits/{id}/move', {
			params: { path: { id } },
			body: { to, expected_state: expected, undo },
			headers: { 'Idempotency-Key': key }
		})
	);
}

export type Unsigned = { patient: PatientOut; at: string };
const read = new Map<string, PatientOut>();
const MOST = 12;

/** The patients of whom this person has an unsigned consultation, the newest first. */
export async function readUnsigned(): Promise<Unsigned[]> {
	const drafts = (await answer(api.GET('/api/v1/drafts', { params: { query: { limit: 200 } } }))).items;
	const mine = drafts
		.filter((draft) => draft.key.startsWith('consult:') && draft.patient_id)
		.sort((a, b) => b.updated_at.localeCompare(a.updated_at))
		.slice(0, MOST);
	return Promise.all(
		mine.map(async ({ patient_id: id, updated_at: at }) => {
			const patient = read.get(id!) ?? (await readPatient(id!));
			read.set(id!, patient);
			return { patient, at };
		})
	);
}
