import { needs } from '$lib/session/guard';
import type { PageLoad } from './$types';

/** Registration, for whoever may register. */
export const load: PageLoad = async ({ parent }) => {
	await parent();
	needs('patients:register');
};
