import { formerNames, readPatient } from '$lib/api/patients';
import { needs } from '$lib/session/guard';
import { lasting } from '$lib/session/lasting';
import type { PageLoad } from './$types';

/** Who this is, all of it, to be edited; read here anew, since the version counts. */
export const load = lasting((async ({ parent, params, depends }) => {
	await parent();
	needs('patients:edit');
	depends('hmis:identity');
	const [whole, names] = await Promise.all([readPatient(params.id), formerNames(params.id)]);
	return { whole, names };
}) satisfies PageLoad);
