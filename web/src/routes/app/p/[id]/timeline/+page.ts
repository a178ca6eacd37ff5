import { readTimeline } from '$lib/api/charts';
import { KINDS } from '$lib/clinic/entries';
import { needs } from '$lib/session/guard';
import { lasting } from '$lib/session/lasting';
import type { PageLoad } from './$types';

/** The timeline, of one kind where the address says so. */
export const load = lasting((async ({ params, url, depends, parent }) => {
	await parent();
	needs('consultations:read');
	depends('hmis:chart');
	const asked = url.searchParams.get('kind');
	const kind = KINDS.find((one) => one === asked);
	return { kind, first: await readTimeline(params.id, { kind }) };
}) satisfies PageLoad);
