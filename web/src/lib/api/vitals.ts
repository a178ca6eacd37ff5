/** What is done with observations. A new set goes through the outbox to `vitalsPath`: it may wait for the line. */
import { answer, api } from './client';
import type { VitalSignIn, VitalSignOut, VitalSignOutPage } from './schema';

/** Where a new set of a patient is sent. */
export function vitalsPath(patientId: string): string {
	return `/api/v1/patients/${patientId}/vitals`;
}

const one = (patientId: string, id: string) => ({ path: { patient_id: patientId, id } });

/** A patient's sets, newest first, withdrawn ones among them. */
export function listVitals(patientId: string, cursor?: string): Promise<VitalSignOutPage> {
	return answer(
		api.GET('/api/v1/patients/{patient_id}/vitals', {
			params: { path: { patient_id: patientId }, query: { include: 'voided', limit: 100, cursor } }
		})
	);
}

/** One set as it stands now. */
export function readVitals(patientId: string, id: string): Promise<VitalSignOut> {
	return answer(api.GET('/api/v1/patients/{patient_id}/vitals/{id}', { params: { ...one(patientId, id) } }));
}

/** Correct what was read at `version`. Raises `Refused`: 412 where it has changed since, 423 past the 24 hours. */
export function correctVitals(
	patientId: string,
	id: string,
	version: number,
	body: Partial<VitalSignIn>
): Promise<VitalSignOut> {
	return answer(
		api.PUT('/api/v1/patients/{patient_id}/vitals/{id}', {
			params: { ...one(patientId, id), header: { 'If-Match': `"${version}"` } },
			body: body as VitalSignIn
		})
	);
}
