/** What a form has in the outbox, and what of it came back refused: looked at again, corrected, and sent anew. */
import type { Problem } from '$lib/api/schema';
import { outbox, type Waiting } from './outbox.svelte';

/**
 *     const returned = new Returned<NoteIn>(() => notesPath(patient.id));
 *     const item = returned.takeUp(page.url.searchParams.get('waiting'));   // in an effect: null but once
 *     await returned.settled();                                             // what stands in its place was sent
 */
export class Returned<Body> {
	#takenUp = $state('');
	#mine = $derived.by(() => outbox.waiting.filter((one) => one.path === this.path()));

	constructor(
		/** Where the form sends: what waits for there is its own. */
		readonly path: () => string
	) {}

	/** How many wait to be sent. */
	get waiting(): number {
		return this.#mine.filter((one) => !one.refused).length;
	}

	/** Those that the server would not take and that are not in the form, oldest first. */
	get refused(): Waiting[] {
		return this.#mine.filter((one) => one.refused && one.key !== this.#takenUp);
	}

	/** Where the refused one of this key is looked at again. */
	static href(pathname: string, key: string): string {
		return `${pathname}?waiting=${key}`;
	}

	/** The refused one of this key, to be put into the form; null where there is none, or one was taken up already. */
	takeUp(key: string | null): { body: Body; refused: Problem } | null {
		const item = this.refused.find((one) => one.key === key);
		if (!item?.refused || this.#takenUp) return null;
		this.#takenUp = item.key;
		return { body: item.body as Body, refused: item.refused };
	}

	/** What was taken up was sent anew: the refused one is of no use any more. */
	async settled(): Promise<void> {
		const key = this.#takenUp;
		this.#takenUp = '';
		if (key) await outbox.forget(key);
	}
}
