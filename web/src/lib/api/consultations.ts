/** What is done with consultations: written and signed, corrected within the window, added to after it. */
import { answer, api } from './client';
import type {
	ConsultationChange,
	ConsultationOut,
	ConsultationOutPage,
	DiagnosisCodeOut,
	SigningIn,
	SigningOut
} from './schema';

const one = (patientId: string, id: string) => ({ path: { patient_id: patientId, id } });

/** A patient's consultations, newest first, withdrawn ones among them; without their addenda. */
export function listConsultations(
	patientId: string,
	cursor?: string,
	limit = 5
): Promise<ConsultationOutPage> {
	return answer(
		api.GET('/api/v1/patients/{patient_id}/consultations', {
			params: { path: { patient_id: patientId }, query: { include: 'voided', limit, cursor } }
		})
	);
}

/** One consultation as it stands now, with its addenda. */
export function readConsultation(patientId: string, id: string): Promise<ConsultationOut> {
	return answer(
		api.GET('/api/v1/patients/{patient_id}/consultations/{id}', { params: { ...one(patientId, id) } })
	);
}

/** Sign a meeting in one act: consultation, medicines, where the patient goes. The key makes a second sending harmless. */
export function sign(patientId: string, body: SigningIn, key: string): Promise<SigningOut> {
	return answer(
		api.POST('/api/v1/patients/{patient_id}/signings', {
			params: { path: { patient_id: patientId } },
			headers: { 'Idempotency-Key': key },
			body
		})
	);
}

/** Correct what was read at `version`. Raises `Refused`: 412 where it has changed since, 423 past the 24 hours. */
export function correctConsultation(
	patientId: string,
	id: string,
	version: number,
	body: Partial<ConsultationChange>
): Promise<ConsultationOut> {
	return answer(
		api.PUT('/api/v1/patients/{patient_id}/consultations/{id}', {
			params: { ...one(patientId, id), header: { 'If-Match': `"${version}"` } },
			// What is not sent stays; the generated type asks for the list of diagnoses, the server does not.
			body: body as ConsultationChange
		})
	);
}

/** Diagnoses of ICD-10 by plain words or by the beginning of a code, the likeliest first. */
export async function findDiagnoses(q: string, signal?: AbortSignal): Promise<DiagnosisCodeOut[]> {
	const page = await answer(api.GET('/api/v1/diagnoses', { params: { query: { q, limit: 8 } }, signal }));
	return page.items;
}
