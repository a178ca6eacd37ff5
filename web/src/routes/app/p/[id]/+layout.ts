import { readPatient } from '$lib/api/patients';
import { readChart } from '$lib/api/charts';
import { lasting } from '$lib/session/lasting';
import { session } from '$lib/session/session.svelte';
import type { LayoutLoad } from './$types';

/** Whose chart it is, and the chart at a glance for those who may read it. Read anew on `reread('hmis:chart')`. */
export const load = lasting(
	(async ({ params, depends, parent }) => {
		await parent(); // who is signed in decides what is asked for
		depends('hmis:chart');
		const clinical = session.may('consultations:read') || session.may('consultations:summary');
		const [patient, chart] = await Promise.all([
			readPatient(params.id),
			clinical ? readChart(params.id) : null
		]);
		return { patient, chart };
	}) satisfies LayoutLoad,
	({ params }) => params.id
);
