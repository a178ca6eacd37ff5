/** The list of drugs: what may be prescribed here. */
import { answer, api } from './client';
import type { DrugChange, DrugIn, DrugOut, DrugOutPage } from './schema';

const PAGE = 50;

/** Drugs by the words of their names in any order; without a question all, by name. `retired`: those too. */
export function readDrugs(asked: { q?: string; retired?: boolean; cursor?: string }): Promise<DrugOutPage> {
	const query = {
		q: asked.q?.trim() || undefined,
		include: asked.retired ? ('retired' as const) : undefined,
		cursor: asked.cursor,
		limit: PAGE
	};
	return answer(api.GET('/api/v1/drugs', { params: { query } }));
}

/** One drug as it stands now. */
export function readDrug(id: string): Promise<DrugOut> {
	return answer(api.GET('/api/v1/drugs/{id}', { params: { path: { id } } }));
}

/** Make a drug known here. Raises `Refused` 409 where it is known already. */
export function addDrug(body: DrugIn, key: string): Promise<DrugOut> {
	return answer(api.POST('/api/v1/drugs', { params: { header: { 'Idempotency-Key': key } }, body }));
}

/**
 * Change what was read at `version`. Raises `Refused`: 412 where it has changed since, 409 where prescriptions name the
 * drug and would come to mean another.
 */
export function changeDrug(id: string, version: number, body: Partial<DrugChange>): Promise<DrugOut> {
	return answer(
		api.PUT('/api/v1/drugs/{id}', {
			params: { path: { id }, header: { 'If-Match': `"${version}"` } },
			body: body as DrugChange // what is left out stays; the generated type asks for all that has a default
		})
	);
}

/** Retire a drug: it is prescribed no longer and stays on the prescriptions that name it. */
export async function retireDrug(id: string, reason: string): Promise<void> {
	await answer(api.DELETE('/api/v1/drugs/{id}', { params: { path: { id }, query: { reason } } }));
}
