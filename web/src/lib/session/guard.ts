/** For the load of a page that some roles may not open: after `await parent()`, when it is known who is signed in. */
import { error } from '@sveltejs/kit';
import { t } from '$lib/i18n';
import { session } from './session.svelte';

/** Refuse the page (403) to whoever does not hold the permission. */
export function needs(permission: string): void {
	if (!session.may(permission)) {
		error(403, { message: t('Your role does not do this. What it does is in the bar on top.'), status: 403 });
	}
}
