import { readProfile, readSessions } from '$lib/api/staff';
import { needs } from '$lib/session/guard';
import { lasting } from '$lib/session/lasting';
import type { PageLoad } from './$types';

/** A profile and where its owner is signed in. Read anew on `reread('hmis:staff')`. */
export const load = lasting((async ({ params, depends, parent }) => {
	await parent();
	needs('staff:edit');
	depends('hmis:staff');
	const [profile, sessions] = await Promise.all([readProfile(params.id), readSessions(params.id)]);
	return { profile, sessions };
}) satisfies PageLoad);
