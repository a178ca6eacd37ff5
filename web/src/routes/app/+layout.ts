import { freshToken, Unreachable } from '$lib/api/client';
import { useZone } from '$lib/clinic/dates';
import { chosenLocale, useLocale } from '$lib/i18n';
import { connection } from '$lib/session/connection.svelte';
import { doorstep } from '$lib/session/doorstep';
import { session } from '$lib/session/session.svelte';
import type { LayoutLoad } from './$types';

export const ssr = false;

/** How long the opening waits for an answer: on a line that hangs the app says so, and asks again. */
const ANSWER_MS = 5000;

/** Everything under /app belongs to somebody signed in; others are shown the door, and brought back here after it. */
export const load: LayoutLoad = async ({ url, route }) => {
	if (session.me) {
		await speak(route.id);
		return {};
	}
	let me = null;
	try {
		await speak(route.id);
		[me] = await Promise.all([session.look(ANSWER_MS), freshToken(ANSWER_MS)]);
	} catch (error) {
		if (!(error instanceof Unreachable)) throw error;
		return { unreachable: true };
	}
	if (!me) {
		// A page of its own, outside the app: the browser goes there, and nothing is drawn meanwhile.
		location.replace(`${doorstep()}?to=${encodeURIComponent(url.pathname + url.search)}`);
		return new Promise<never>(() => {});
	}
	useZone(me.time_zone);
	return {};
};

/** Have the words of a page, in the language of the person. Throws `Unreachable` where they could not be fetched. */
async function speak(route: string): Promise<void> {
	try {
		await useLocale(chosenLocale(), route);
	} catch (error) {
		if (!(error instanceof TypeError)) throw error; // how a browser tells that a script did not come
		connection.lost();
		throw new Unreachable();
	}
}
