/** What is done with patients. */
import { answer, api } from './client';
import type { FormerNameOut, PatientChange, PatientOut, PatientOutPage } from './schema';

/** Patients by parts of names in any order, hospital number, phone ending or birth date. */
export function findPatients(q: string, limit = 20, signal?: AbortSignal): Promise<PatientOutPage> {
	return answer(api.GET('/api/v1/patients', { params: { query: { q, limit } }, signal }));
}

/** One patient, as far as the reader's role goes. */
export function readPatient(id: string): Promise<PatientOut> {
	return answer(api.GET('/api/v1/patients/{patient_id}', { params: { path: { patient_id: id } } }));
}

/** What somebody was called before, newest first, with who changed it. */
export async function formerNames(id: string): Promise<FormerNameOut[]> {
	const params = { path: { patient_id: id } };
	return (await answer(api.GET('/api/v1/patients/{patient_id}/names', { params }))).items;
}

/** A page of the list: all by name, or those that match. */
export function listPatients(q: string, cursor = '', limit = 50): Promise<PatientOutPage> {
	const query = { limit, ...(q ? { q } : {}), ...(cursor ? { cursor } : {}) };
	return answer(api.GET('/api/v1/patients', { params: { query } }));
}

/** Who has this phone number, by its ending. */
export async function withPhone(phone: string): Promise<PatientOut[]> {
	return (await answer(api.GET('/api/v1/patients', { params: { query: { phone, limit: 6 } } }))).items;
}

/** Who has these words in the name, and was born on that day if one is given. */
export async function withName(q: string, bornOn?: string): Promise<PatientOut[]> {
	const query = { q, limit: 6, ...(bornOn ? { born_on: bornOn } : {}) };
	return (await answer(api.GET('/api/v1/patients', { params: { query } }))).items;
}

/** Change what is sent of a patient's identity; 412 where somebody changed it since `version`. */
export function editPatient(id: string, body: Partial<PatientChange>, version: number): Promise<PatientOut> {
	const params = { path: { patient_id: id }, header: { 'If-Match': `"${version}"` } };
	return answer(api.PUT('/api/v1/patients/{patient_id}', { params, body: body as PatientChange }));
}
