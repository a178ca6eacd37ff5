import { places } from '$lib/session/places';
import { session } from '$lib/session/session.svelte';
import { redirect } from '@sveltejs/kit';
import type { PageLoad } from './$types';

/** The home of whoever is signed in: the first of their places. */
export const load: PageLoad = async ({ parent }) => {
	await parent();
	if (session.me) redirect(307, places((permission) => session.may(permission))[0]?.href ?? '/app/me');
};
