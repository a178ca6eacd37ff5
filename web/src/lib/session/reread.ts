/** What a screen reads anew by itself, without anybody asking for it. */
import { invalidate } from '$app/navigation';
import { navigating } from '$app/state';

/**
 * Read these anew (`hmis:visits`, ...): at once, or after the navigation that is under way. SvelteKit gives up a
 * navigation when something is invalidated meanwhile, and who pressed Enter would stay where they were.
 */
export async function reread(...what: string[]): Promise<void> {
	while (navigating.complete) {
		try {
			await navigating.complete;
		} catch {
			// that one was given up for another, which is waited for
		}
		await new Promise((turn) => setTimeout(turn)); // it is put away only after it has told that it is complete
	}
	await Promise.all(what.map((one) => invalidate(one)));
}
