/** What visitors of the public pages sent. */
import { answer, api } from './client';
import type { EnquiryKind, EnquiryOut, EnquiryOutPage } from './schema';

/** Enquiries, newest first: those that wait, or all of them. */
export function readEnquiries(
	asked: { kind?: EnquiryKind; handled?: boolean; cursor?: string },
	limit = 50
): Promise<EnquiryOutPage> {
	const { kind, handled, cursor } = asked;
	return answer(
		api.GET('/api/v1/enquiries', {
			params: { query: { kind, cursor, limit, include: handled ? 'handled' : undefined } }
		})
	);
}

/** Mark one as dealt with. Raises `Refused` 409 where somebody was quicker, saying who. */
export function handleEnquiry(id: string, note: string, key: string): Promise<EnquiryOut> {
	return answer(
		api.POST('/api/v1/enquiries/{id}/handle', {
			params: { path: { id } },
			body: { note: note.trim() || null },
			headers: { 'Idempotency-Key': key }
		})
	);
}
