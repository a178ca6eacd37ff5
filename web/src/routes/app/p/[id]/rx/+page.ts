import { readTimeline } from '$lib/api/charts';
import { needs } from '$lib/session/guard';
import { lasting } from '$lib/session/lasting';
import type { PageLoad } from './$types';

/** All that was prescribed to a patient, by the day it was prescribed and not the day it was written down. */
export const load = lasting((async ({ params, depends, parent }) => {
	await parent();
	needs('prescriptions:read');
	depends('hmis:chart');
	return { first: await readTimeline(params.id, { kind: 'prescription', include: 'voided' }) };
}) satisfies PageLoad);
