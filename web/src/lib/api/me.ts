/** What everybody does for themselves: profile, password, sessions, drafts. */
import { answer, api } from './client';
import type { DraftListed, SessionOut, StaffOut } from './schema';

/** What one keeps up to date oneself. */
export type Contact = Pick<StaffOut, 'phone' | 'email' | 'address'>;

/** One's own profile. */
export function readProfile(id: string): Promise<StaffOut> {
	return answer(api.GET('/api/v1/staffs/{staff_id}', { params: { path: { staff_id: id } } }));
}

/** Change one's contact details, if nobody changed the profile since `version`. Raises `Refused` (412) otherwise. */
export function changeContact(id: string, version: number, contact: Partial<Contact>): Promise<StaffOut> {
	const params = { path: { staff_id: id }, header: { 'If-Match': `"${version}"` } };
	return answer(api.PUT('/api/v1/staffs/{staff_id}', { params, body: contact }));
}

/** Set another password by the old one; all other sessions end. */
export async function changePassword(old_password: string, new_password: string): Promise<void> {
	await answer(api.POST('/auth/password', { body: { old_password, new_password } }));
}

/** Where one is signed in, newest first. */
export async function listSessions(): Promise<SessionOut[]> {
	return (await answer(api.GET('/auth/sessions'))).items;
}

/** End one of one's sessions. */
export async function endSession(id: string): Promise<void> {
	await answer(api.DELETE('/auth/sessions/{id}', { params: { path: { id } } }));
}

/** One's unfinished writing that the server keeps, without what was written. */
export async function listDrafts(): Promise<DraftListed[]> {
	return (await answer(api.GET('/api/v1/drafts', { params: { query: { limit: 100 } } }))).items;
}
