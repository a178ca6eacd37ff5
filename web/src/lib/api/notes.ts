/** What is done with nursing notes. A new one goes through the outbox to `notesPath`: it may wait for the line. */
import { answer, api } from './client';
import type { NoteChange, NoteOut, NoteOutPage } from './schema';

/** Where a new note on a patient is sent. */
export function notesPath(patientId: string): string {
	return `/api/v1/patients/${patientId}/nursenotes`;
}

const one = (patientId: string, id: string) => ({ path: { patient_id: patientId, id } });

/** The notes on a patient, newest first, withdrawn ones among them. */
export function listNotes(patientId: string, cursor?: string): Promise<NoteOutPage> {
	return answer(
		api.GET('/api/v1/patients/{patient_id}/nursenotes', {
			params: { path: { patient_id: patientId }, query: { include: 'voided', limit: 100, cursor } }
		})
	);
}

/** One note as it stands now. */
export function readNote(patientId: string, id: string): Promise<NoteOut> {
	return answer(
		api.GET('/api/v1/patients/{patient_id}/nursenotes/{id}', { params: { ...one(patientId, id) } })
	);
}

/** Correct what was read at `version`. Raises `Refused`: 412 where it has changed since, 423 past the 24 hours. */
export function correctNote(
	patientId: string,
	id: string,
	version: number,
	body: NoteChange
): Promise<NoteOut> {
	return answer(
		api.PUT('/api/v1/patients/{patient_id}/nursenotes/{id}', {
			params: { ...one(patientId, id), header: { 'If-Match': `"${version}"` } },
			body
		})
	);
}
