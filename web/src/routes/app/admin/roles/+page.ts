import { readRoles } from '$lib/api/staff';
import { needs } from '$lib/session/guard';
import type { PageLoad } from './$types';

/** What each role may do, as the server has it. */
export const load: PageLoad = async ({ parent }) => {
	await parent();
	needs('staff:read');
	return { table: await readRoles() };
};
