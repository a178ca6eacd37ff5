import { readDay } from '$lib/api/visits';
import { readClinics } from '$lib/api/worklist';
import type { VisitState } from '$lib/api/schema';
import { STATES } from '$lib/clinic/states';
import { needs } from '$lib/session/guard';
import { lasting } from '$lib/session/lasting';
import type { PageLoad } from './$types';

/** Today's visits, by clinic and state of the address. Read anew on `reread('hmis:visits')`. */
export const load = lasting((async ({ parent, depends, url }) => {
	await parent();
	needs('visits:check_in');
	depends('hmis:visits');
	const clinic = url.searchParams.get('clinic') ?? '';
	const asked = url.searchParams.get('state') ?? 'open';
	const known = asked === 'open' || (STATES as readonly string[]).includes(asked);
	const state = asked === 'all' ? undefined : known ? (asked as VisitState | 'open') : 'open';
	const [visits, clinics] = await Promise.all([
		readDay({ limit: 200, ...(clinic ? { clinic } : {}), ...(state ? { state } : {}) }),
		readClinics()
	]);
	return { visits: visits.items, more: visits.next, clinics, clinic, state: state ?? 'all' };
}) satisfies PageLoad);
