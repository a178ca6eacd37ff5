/** What is done at the pharmacy's counter: who waits, what is handed out, what is held. */
import { answer, api } from './client';
import type {
	AddendumIn,
	AddendumOut,
	DispenseIn,
	DispenseOut,
	LineOut,
	PrescriptionOut,
	ProgressState
} from './schema';

/** So many of each state are read at once. */
export const QUEUE_STEP = 50;
const MOST = 100;
const OPEN: ProgressState[] = ['waiting', 'partly_dispensed', 'on_hold'];

export type Queue = {
	/** Waiting first, then what is partly dispensed, then what is on hold; in each the oldest first. */
	items: PrescriptionOut[];
	/** The states of which there are more than were read. */
	more: ProgressState[];
};

/** A handing-out with what was added under it. */
export type Handed = DispenseOut & { addenda: AddendumOut[] };

const on = (patientId: string, consultationId: string) => ({
	patient_id: patientId,
	consultation_id: consultationId
});

/** What is still to be handed out: of each state so many of the oldest as `most` says. */
export async function readQueue(most: number): Promise<Queue> {
	const read = await Promise.all(OPEN.map((state) => oldest(state, most)));
	return {
		items: read.flatMap(({ items }) => items),
		more: OPEN.filter((_, n) => read[n]?.more)
	};
}

async function oldest(
	state: ProgressState,
	most: number
): Promise<{ items: PrescriptionOut[]; more: boolean }> {
	const items: PrescriptionOut[] = [];
	let cursor: string | undefined;
	do {
		const page = await answer(
			api.GET('/api/v1/prescriptions', { params: { query: { state, limit: QUEUE_STEP, cursor } } })
		);
		items.push(...page.items);
		cursor = page.next ?? undefined;
	} while (cursor && items.length < most);
	return { items, more: cursor !== undefined };
}

/** The prescription of a consultation, with how far each line has come. */
export function readPrescription(patientId: string, consultationId: string): Promise<PrescriptionOut> {
	return answer(
		api.GET('/api/v1/patients/{patient_id}/consultations/{consultation_id}/prescription', {
			params: { path: on(patientId, consultationId) }
		})
	);
}

/** What was handed out on a prescription, newest first, withdrawn ones among them. */
export async function readDispenses(patientId: string, consultationId: string): Promise<Handed[]> {
	const path = on(patientId, consultationId);
	const page = await answer(
		api.GET('/api/v1/patients/{patient_id}/consultations/{consultation_id}/prescription/dispenses', {
			params: { path, query: { include: 'voided', limit: MOST } }
		})
	);
	return Promise.all(
		page.items.map(async (handed) => {
			const added = await answer(
				api.GET(
					'/api/v1/patients/{patient_id}/consultations/{consultation_id}/prescription/dispenses/{id}/addenda',
					{ params: { path: { ...path, id: handed.id }, query: { limit: MOST } } }
				)
			);
			return { ...handed, addenda: added.items };
		})
	);
}

/** Hand out, all or part; a second sending under the same key does nothing. Raises `Refused` 409 when it cannot be. */
export function dispense(
	patientId: string,
	consultationId: string,
	body: DispenseIn,
	key: string
): Promise<DispenseOut> {
	return answer(
		api.POST('/api/v1/patients/{patient_id}/consultations/{consultation_id}/prescription/dispenses', {
			params: { path: on(patientId, consultationId), header: { 'Idempotency-Key': key } },
			body
		})
	);
}

/** Withdraw a handing-out, with a reason: what it took is left to be dispensed again. */
export async function withdrawDispense(
	patientId: string,
	consultationId: string,
	id: string,
	reason: string
): Promise<void> {
	await answer(
		api.DELETE('/api/v1/patients/{patient_id}/consultations/{consultation_id}/prescription/dispenses/{id}', {
			params: { path: { ...on(patientId, consultationId), id }, query: { reason } }
		})
	);
}

/** Add under a handing-out; it stays as it is. */
export function amendDispense(
	patientId: string,
	consultationId: string,
	id: string,
	body: AddendumIn,
	key: string
): Promise<AddendumOut> {
	return answer(
		api.POST(
			'/api/v1/patients/{patient_id}/consultations/{consultation_id}/prescription/dispenses/{id}/addenda',
			{
				params: {
					path: { ...on(patientId, consultationId), id },
					header: { 'Idempotency-Key': key }
				},
				body
			}
		)
	);
}

/** Hold a line, with a reason: nothing more of it is dispensed until it is released. */
export function holdLine(
	patientId: string,
	consultationId: string,
	id: string,
	reason: string,
	key: string
): Promise<LineOut> {
	return answer(
		api.POST('/api/v1/patients/{patient_id}/consultations/{consultation_id}/prescription/drugs/{id}/hold', {
			params: {
				path: { ...on(patientId, consultationId), id },
				header: { 'Idempotency-Key': key }
			},
			body: { reason }
		})
	);
}

/** Release a held line, with a reason. */
export function releaseLine(
	patientId: string,
	consultationId: string,
	id: string,
	reason: string,
	key: string
): Promise<LineOut> {
	return answer(
		api.POST(
			'/api/v1/patients/{patient_id}/consultations/{consultation_id}/prescription/drugs/{id}/release',
			{
				params: {
					path: { ...on(patientId, consultationId), id },
					header: { 'Idempotency-Key': key }
				},
				body: { reason }
			}
		)
	);
}
