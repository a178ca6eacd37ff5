import { listSessions, readProfile } from '$lib/api/me';
import { Unreachable } from '$lib/api/client';
import { unfinished } from '$lib/session/drafts';
import { session } from '$lib/session/session.svelte';
import type { PageLoad } from './$types';

/** Without a line the page opens all the same, with what lies on this device. */
export const load: PageLoad = async ({ depends, parent }) => {
	depends('hmis:me');
	await parent();
	const me = session.me;
	if (!me) return { profile: null, sessions: null, drafts: [] };
	const [profile, sessions, drafts] = await Promise.all([
		unlessAway(readProfile(me.id)),
		unlessAway(listSessions()),
		unfinished()
	]);
	return { profile, sessions, drafts };
};

async function unlessAway<T>(asked: Promise<T>): Promise<T | null> {
	try {
		return await asked;
	} catch (error) {
		if (!(error instanceof Unreachable)) throw error;
		return null;
	}
}
