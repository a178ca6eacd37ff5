import { redirect } from '@sveltejs/kit';
import type { PageLoad } from './$types';

/** The first who waits is open at once; with nobody waiting the page says so. */
export const load: PageLoad = async ({ parent }) => {
	const { rows } = await parent();
	if (rows[0]) redirect(307, rows[0].href);
};
