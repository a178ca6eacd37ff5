/** Who did what, and who opened whose chart. */
import { answer, api } from './client';
import type { Act, AuditEventOutPage } from './schema';

export type AuditQuestion = {
	actor?: string;
	patient?: string;
	act?: Act;
	since?: string;
	until?: string;
	cursor?: string;
};

/** A page of the audit, newest first. Raises `Refused` 422 for a number that nobody has, with its field. */
export function readAudit(asked: AuditQuestion, limit = 50): Promise<AuditEventOutPage> {
	return answer(api.GET('/api/v1/audit', { params: { query: { ...asked, limit } } }));
}
