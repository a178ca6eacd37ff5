import { readRecentVitals, readTimeline } from '$lib/api/charts';
import { needs } from '$lib/session/guard';
import { lasting } from '$lib/session/lasting';
import { session } from '$lib/session/session.svelte';
import type { PageLoad } from './$types';

const SHOWN = 12;
const ASKED = 40;

/** What stands on the first page of a chart, as far as the reader's role goes. */
export const load = lasting((async ({ params, depends, parent }) => {
	await parent();
	needs('patients:read');
	depends('hmis:chart');
	const clinical = session.may('consultations:read') || session.may('consultations:summary');
	const [vitals, timeline] = await Promise.all([
		session.may('vitals:read') ? readRecentVitals(params.id) : [],
		clinical ? readTimeline(params.id, { limit: ASKED }) : null
	]);
	// Where they are today stands in the banner; that they came stands in the timeline.
	const entries = (timeline?.items ?? []).filter((entry) => entry.kind !== 'visit').slice(0, SHOWN);
	return { vitals, entries };
}) satisfies PageLoad);
