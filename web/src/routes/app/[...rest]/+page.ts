import { error } from '@sveltejs/kit';
import { t } from '$lib/i18n';
import type { PageLoad } from './$types';

/** Any address of the app that is no page of it. */
export const load: PageLoad = async ({ parent }) => {
	await parent(); // which has the words
	error(404, { message: t('Nothing stands at this address. Perhaps the link is old.'), status: 404 });
};
