/** Who came, and where they are; moving them on is in `worklist`. */
import { answer, api } from './client';
import type { VisitIn, VisitOut, VisitOutPage, VisitState } from './schema';

/** Who came today, in the order they came; by clinic and state. */
export function readDay(asked: {
	clinic?: string;
	state?: VisitState | 'open';
	cursor?: string;
	limit?: number;
}): Promise<VisitOutPage> {
	return answer(api.GET('/api/v1/visits', { params: { query: asked } }));
}

/** A patient's visits, newest first. */
export async function readVisits(patientId: string, limit = 10): Promise<VisitOut[]> {
	const params = { path: { patient_id: patientId }, query: { limit } };
	return (await answer(api.GET('/api/v1/patients/{patient_id}/visits', { params }))).items;
}

/** Check a patient in: they get a ticket. `key` is kept over retries, so that it is done once. */
export function checkIn(patientId: string, body: VisitIn, key: string): Promise<VisitOut> {
	const params = { path: { patient_id: patientId }, header: { 'Idempotency-Key': key } };
	return answer(api.POST('/api/v1/patients/{patient_id}/visits', { params, body }));
}
