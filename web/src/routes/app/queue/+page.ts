import { readClinics, readUnsigned, readWorklist } from '$lib/api/worklist';
import { STATES, type State } from '$lib/clinic/states';
import { needs } from '$lib/session/guard';
import { lasting } from '$lib/session/lasting';
import { session } from '$lib/session/session.svelte';
import type { PageLoad } from './$types';

/** Who is here, as the address asks for it. Read anew on `reread('hmis:visits')`. */
export const load = lasting((async ({ url, depends, parent }) => {
	await parent();
	needs('vitals:record');
	depends('hmis:visits');
	const clinic = url.searchParams.get('clinic') ?? '';
	const asked = url.searchParams.get('stage') as State | null;
	const stage = asked && STATES.includes(asked) ? asked : null;
	const mine = url.searchParams.get('who') === 'mine';
	const [list, clinics, unsigned] = await Promise.all([
		readWorklist(clinic || undefined, stage ?? 'open'),
		readClinics(),
		session.may('consultations:record') ? readUnsigned() : []
	]);
	return { list, clinics, unsigned, clinic, stage, mine };
}) satisfies PageLoad);
