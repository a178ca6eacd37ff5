import { error } from '@sveltejs/kit';
import { t } from '$lib/i18n';

/** Any address of the app that is no page of it. */
export function load(): never {
	error(404, { message: t('Nothing stands at this address. Perhaps the link is old.'), status: 404 });
}
