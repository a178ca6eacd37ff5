/** What is done with a signed record, whatever was recorded: withdrawn, added under, and read as it stood before. */
import { answer, api } from './client';
import type { AddendumIn, AddendumOut, VersionOut } from './schema';

/** Records of a patient, as their addresses call them. */
export type Kind = 'nursenotes' | 'vitals' | 'consultations';

const MOST = 200;
const record = <K extends Kind>(kind: K) => `/api/v1/patients/{patient_id}/${kind}/{id}` as const;
const one = (patientId: string, id: string) => ({ path: { patient_id: patientId, id } });

/** Withdraw a record, with a reason; what hangs on it goes with it. */
export async function withdraw(kind: Kind, patientId: string, id: string, reason: string): Promise<void> {
	await answer(api.DELETE(record(kind), { params: { ...one(patientId, id), query: { reason } } }));
}

/** Add under a record, which stays as it is. The key makes a second sending harmless. */
export function amend(
	kind: Kind,
	patientId: string,
	id: string,
	body: AddendumIn,
	key: string
): Promise<AddendumOut> {
	return answer(
		api.POST(`${record(kind)}/addenda`, {
			params: { ...one(patientId, id), header: { 'Idempotency-Key': key } },
			body
		})
	);
}

/** What stood in a record before each change, newest first. */
export async function versions(kind: Kind, patientId: string, id: string): Promise<VersionOut[]> {
	const page = await answer(
		api.GET(`${record(kind)}/versions`, { params: { ...one(patientId, id), query: { limit: MOST } } })
	);
	return page.items;
}
