import { readChart } from '$lib/api/charts';
import { readPatient } from '$lib/api/patients';
import { readDispenses, readPrescription } from '$lib/api/pharmacy';
import { needs } from '$lib/session/guard';
import { lasting } from '$lib/session/lasting';
import { session } from '$lib/session/session.svelte';
import type { PageLoad } from './$types';

/** One prescription at the counter. Read anew on `reread('hmis:dispensing')`, with the queue. */
export const load = lasting((async ({ params, depends, parent }) => {
	await parent();
	needs('prescriptions:dispense');
	depends('hmis:dispensing');
	const [patient, chart, prescription, dispenses] = await Promise.all([
		readPatient(params.patient),
		session.may('consultations:summary') ? readChart(params.patient) : null,
		readPrescription(params.patient, params.consultation),
		readDispenses(params.patient, params.consultation)
	]);
	return { patient, chart, prescription, dispenses };
}) satisfies PageLoad);
