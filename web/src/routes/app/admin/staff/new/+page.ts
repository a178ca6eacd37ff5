import { ROLES, type RoleName } from '$lib/clinic/roles';
import { needs } from '$lib/session/guard';
import type { PageLoad } from './$types';

/** For which job the form opens. */
export const load: PageLoad = async ({ url, parent }) => {
	await parent();
	needs('staff:edit');
	const asked = url.searchParams.get('job') as RoleName | null;
	return { job: asked && ROLES.includes(asked) ? asked : 'doctor' };
};
