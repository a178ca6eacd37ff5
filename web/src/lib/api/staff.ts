/** Who works here, how they get in, and where they are signed in. */
import { answer, api, Refused } from './client';
import type {
	Role,
	RolesOut,
	SessionOut,
	StaffChange,
	StaffCounts,
	StaffIn,
	StaffInvited,
	StaffListedPage,
	StaffOut
} from './schema';

const LISTS = {
	doctor: '/api/v1/staffs/doctors',
	nurse: '/api/v1/staffs/nurses',
	pharmacist: '/api/v1/staffs/pharmacists',
	record_officer: '/api/v1/staffs/recordofficers',
	admin: '/api/v1/staffs/admins'
} as const satisfies Record<Role, string>;

/** The staff of one job, by name; `left` also tells who has gone. */
export function readStaff(
	role: Role,
	asked: { q?: string; left?: boolean; cursor?: string } = {},
	limit = 50
): Promise<StaffListedPage> {
	const { q, left, cursor } = asked;
	const query = { q: q || undefined, cursor, limit, include: left ? ('inactive' as const) : undefined };
	return answer(api.GET(LISTS[role], { params: { query } }));
}

/** How many work here, by job. */
export function countStaff(): Promise<StaffCounts> {
	return answer(api.GET('/api/v1/staffs'));
}

/** A profile, by UUID or staff number. */
export function readProfile(id: string): Promise<StaffOut> {
	return answer(api.GET('/api/v1/staffs/{staff_id}', { params: { path: { staff_id: id } } }));
}

/** Take somebody on. The answer holds the set-up token, once. */
export function hire(role: Role, body: StaffIn, key: string): Promise<StaffInvited> {
	return answer(api.POST(LISTS[role], { body, headers: { 'Idempotency-Key': key } }));
}

/** Change what is sent of a profile. Raises `Refused` 412 where it was changed since `version` was read. */
export function changeProfile(id: string, body: StaffChange, version: number): Promise<StaffOut> {
	return answer(
		api.PUT('/api/v1/staffs/{staff_id}', {
			params: { path: { staff_id: id }, header: { 'If-Match': `"${version}"` } },
			body
		})
	);
}

/** Let somebody go: their sessions end now. Raises `Refused` 409 for the last administrator. */
export async function suspend(id: string, reason: string): Promise<void> {
	await answer(
		api.DELETE('/api/v1/staffs/{staff_id}', { params: { path: { staff_id: id }, query: { reason } } })
	);
}

/** Take somebody back. The answer holds a set-up token, once. */
export function takeBack(id: string, key: string): Promise<StaffInvited> {
	return answer(
		api.POST('/api/v1/staffs/{staff_id}/activate', {
			params: { path: { staff_id: id } },
			headers: { 'Idempotency-Key': key }
		})
	);
}

/** A new set-up token, once; the old password works until it is used. */
export function newToken(id: string, key: string): Promise<StaffInvited> {
	return answer(
		api.POST('/api/v1/staffs/{staff_id}/setup-token', {
			params: { path: { staff_id: id } },
			headers: { 'Idempotency-Key': key }
		})
	);
}

/** Give somebody another job: another account, which is answered, with its set-up token. */
export function changeRole(id: string, role: Role, reason: string, key: string): Promise<StaffInvited> {
	return answer(
		api.POST('/api/v1/staffs/{staff_id}/role', {
			params: { path: { staff_id: id } },
			body: { role, reason: reason.trim() || null },
			headers: { 'Idempotency-Key': key }
		})
	);
}

/** What each role may do. */
export function readRoles(): Promise<RolesOut> {
	return answer(api.GET('/api/v1/roles'));
}

/** Where somebody is signed in, newest first. */
export async function readSessions(staffNumber: string): Promise<SessionOut[]> {
	const page = await answer(
		api.GET('/auth/sessions', { params: { query: { staff: staffNumber, limit: 100 } } })
	);
	return page.items;
}

/** End a session; nothing where it has ended by itself meanwhile. */
export async function endSession(id: string): Promise<void> {
	try {
		await answer(api.DELETE('/auth/sessions/{id}', { params: { path: { id } } }));
	} catch (error) {
		if (!(error instanceof Refused && error.status === 404)) throw error;
	}
}
