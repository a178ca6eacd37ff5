import { countStaff, readStaff } from '$lib/api/staff';
import { ROLES, type RoleName } from '$lib/clinic/roles';
import { needs } from '$lib/session/guard';
import { lasting } from '$lib/session/lasting';
import { searched } from '$lib/session/searches';
import type { PageLoad } from './$types';

/** The staff of one job, as the address asks for it. Read anew on `reread('hmis:staff')`. */
export const load = lasting((async ({ url, depends, parent }) => {
	await parent();
	needs('staff:read');
	depends('hmis:staff');
	const asked = url.searchParams.get('job') as RoleName | null;
	const job = asked && ROLES.includes(asked) ? asked : 'doctor';
	const q = searched(url.searchParams.get('search'));
	const left = url.searchParams.has('left');
	const [list, counts] = await Promise.all([readStaff(job, { q, left }), countStaff()]);
	return { list, counts, job, q, left };
}) satisfies PageLoad);
