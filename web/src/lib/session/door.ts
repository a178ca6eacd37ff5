/** Signing in and out: all that the sign-in page needs, and no more. Other tabs are told. */
import { freshToken, sendJson, useToken } from '$lib/api/wire';

/** In this tab's own storage while it is locked, so that a reload does not open it; a sign-in does. */
export const LOCKED = 'hmis-locked';

type SignedIn = { csrf_token: string; user: { id: string } };

/** Sign in by user name or e-mail. Raises `Refused` and `Unreachable`. */
export async function enter(login: string, password: string): Promise<void> {
	await freshToken();
	const body = login.includes('@') ? { email: login, password } : { username: login, password };
	const signedIn = (await sendJson('POST', '/auth/login', body)) as SignedIn;
	useToken(signedIn.csrf_token);
	sessionStorage.removeItem(LOCKED);
	tell(signedIn.user.id);
}

/** End the session on the server. */
export async function leave(): Promise<void> {
	await sendJson('POST', '/auth/logout');
	tell(null);
}

/** Who is signed in at this browser now, for the other tabs of it. */
function tell(user: string | null): void {
	if (typeof BroadcastChannel === 'undefined') return;
	const channel = new BroadcastChannel('hmis-session');
	channel.postMessage({ user });
	channel.close();
}
