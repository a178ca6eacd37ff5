import { readRecentVitals, readTimeline } from '$lib/api/charts';
import { listConsultations } from '$lib/api/consultations';
import { listPrescriptions, readFavourites } from '$lib/api/prescribing';
import { needs } from '$lib/session/guard';
import { lasting } from '$lib/session/lasting';
import { session } from '$lib/session/session.svelte';
import type { PageLoad } from './$types';

const SHOWN = 8;
const ASKED = 30;

/** All that is looked at while a consultation is written, and those that were written before. */
export const load = lasting((async ({ params, url, depends, parent }) => {
	await parent();
	needs('consultations:record');
	depends('hmis:chart');
	const [vitals, timeline, earlier, prescriptions, favourites] = await Promise.all([
		readRecentVitals(params.id),
		readTimeline(params.id, { limit: ASKED }),
		listConsultations(params.id),
		session.may('prescriptions:read') ? listPrescriptions(params.id) : null,
		session.may('prescriptions:write') ? readFavourites() : []
	]);
	return {
		vitals,
		earlier,
		prescriptions: prescriptions?.items ?? [],
		favourites,
		entries: timeline.items.filter((entry) => entry.kind !== 'visit').slice(0, SHOWN),
		add: url.searchParams.get('add')
	};
}) satisfies PageLoad);
