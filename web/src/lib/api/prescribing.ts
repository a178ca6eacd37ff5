/** What is done with medicines by whoever prescribes. */
import { answer, api } from './client';
import type {
	DrugOut,
	FavouriteOut,
	LineOut,
	PrescriptionOutPage,
	SignatureIn,
	SignatureOut
} from './schema';

/** Drugs by words of their names, at most eight. None of them is ever chosen for the person. */
export async function findDrugs(q: string, signal?: AbortSignal): Promise<DrugOut[]> {
	return (await answer(api.GET('/api/v1/drugs', { params: { query: { q, limit: 8 } }, signal }))).items;
}

/** The lines one wrote most often, at most eight. */
export async function readFavourites(): Promise<FavouriteOut[]> {
	return (await answer(api.GET('/api/v1/favourites'))).items;
}

/** A typed line as it would be written: how much is handed out, and what is odd about it. Nothing is stored. */
export function readSignature(body: SignatureIn, signal?: AbortSignal): Promise<SignatureOut> {
	return answer(api.POST('/api/v1/signatures', { body, signal }));
}

/** All that was prescribed to a patient, newest first, withdrawn prescriptions among them. */
export function listPrescriptions(
	patientId: string,
	cursor?: string,
	limit = 30
): Promise<PrescriptionOutPage> {
	return answer(
		api.GET('/api/v1/patients/{patient_id}/prescriptions', {
			params: { path: { patient_id: patientId }, query: { include: 'voided', limit, cursor } }
		})
	);
}

const line = (patientId: string, consultationId: string, id: string) => ({
	path: { patient_id: patientId, consultation_id: consultationId, id }
});

/** Stop a line for good, with a reason: any doctor, at any time. */
export function stopLine(
	patientId: string,
	consultationId: string,
	id: string,
	reason: string,
	key: string
): Promise<LineOut> {
	return answer(
		api.POST('/api/v1/patients/{patient_id}/consultations/{consultation_id}/prescription/drugs/{id}/stop', {
			params: { ...line(patientId, consultationId, id), header: { 'Idempotency-Key': key } },
			body: { reason }
		})
	);
}

/** Take a line off, with a reason: its author, within 24 hours, before it is dispensed. */
export async function removeLine(
	patientId: string,
	consultationId: string,
	id: string,
	reason: string
): Promise<void> {
	await answer(
		api.DELETE('/api/v1/patients/{patient_id}/consultations/{consultation_id}/prescription/drugs/{id}', {
			params: { ...line(patientId, consultationId, id), query: { reason } }
		})
	);
}
