/** The API, typed by `schema.d.ts`, which is generated from the server's own OpenAPI document. */
import createClient from 'openapi-fetch';
import type { paths } from './schema';
import { problemOf, Refused, send } from './wire';

export { freshToken, newKey, Refused, serverNow, Unreachable, within } from './wire';

/** Typed requests: `answer(api.GET('/api/v1/patients', { params: { query: { q } } }))`. */
export const api = createClient<paths>({
	baseUrl: '',
	fetch: (request) => send(request),
	headers: { Accept: 'application/json' }
});

/** What a request gives, or the refusal thrown as `Refused`. */
export async function answer<T>(
	asked: Promise<{ data?: T; error?: unknown; response: Response }>
): Promise<T> {
	const { data, error, response } = await asked;
	if (error !== undefined || !response.ok) throw new Refused(problemOf(error, response));
	return data as T;
}
