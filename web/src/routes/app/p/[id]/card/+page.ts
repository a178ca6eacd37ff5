import { needs } from '$lib/session/guard';
import type { PageLoad } from './$types';

/** The card that a patient carries. */
export const load: PageLoad = async ({ parent }) => {
	await parent();
	needs('visits:check_in');
};
