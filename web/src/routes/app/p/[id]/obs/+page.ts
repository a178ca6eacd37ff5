import { listVitals } from '$lib/api/vitals';
import { needs } from '$lib/session/guard';
import { lasting } from '$lib/session/lasting';
import type { PageLoad } from './$types';

/** What was measured of this patient, newest first. Read anew on `reread('hmis:vitals')`. */
export const load = lasting((async ({ params, depends, parent }) => {
	await parent();
	needs('vitals:read');
	depends('hmis:vitals');
	return { vitals: await listVitals(params.id) };
}) satisfies PageLoad);
