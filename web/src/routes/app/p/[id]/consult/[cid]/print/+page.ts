import { readConsultation } from '$lib/api/consultations';
import { listPrescriptions } from '$lib/api/prescribing';
import { needs } from '$lib/session/guard';
import { session } from '$lib/session/session.svelte';
import type { PageLoad } from './$types';

const MOST = 200;

/** A consultation and its prescription, for paper. */
export const load: PageLoad = async ({ params, parent }) => {
	await parent();
	needs('consultations:read');
	const [consultation, prescriptions] = await Promise.all([
		readConsultation(params.id, params.cid),
		session.may('prescriptions:read') ? listPrescriptions(params.id, undefined, MOST) : null
	]);
	const prescription = prescriptions?.items.find((one) => one.consultation_id === params.cid) ?? null;
	return { consultation, prescription };
};
