/** The one way to read anew what a screen shows: `hmis:visits`, `hmis:chart`, as the pages' `depends` name it. */
import { invalidate } from '$app/navigation';
import { navigating } from '$app/state';

/** A reading that hangs on a bad line is not waited for any longer: it may be overtaken. */
const LONGEST_MS = 5000;

let before: Promise<unknown> = Promise.resolve();

/**
 * Read these anew, and be done when they are there: after what is being read anew already, and after the navigation that
 * is under way. SvelteKit calls a reading done that another one overtook, when nothing is there yet; and it gives up a
 * navigation when something is invalidated meanwhile, and who pressed Enter would stay where they were.
 */
export function reread(...what: string[]): Promise<void> {
	const mine = before.then(() => read(what));
	const over = new Promise((done) => setTimeout(done, LONGEST_MS));
	before = Promise.race([mine.catch(() => undefined), over]); // whoever asked is told of a failure
	return mine;
}

async function read(what: string[]): Promise<void> {
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
