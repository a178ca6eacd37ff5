/** Looking for words while they are typed: asked a moment after the last key, and answers to older words are dropped. */
const WAIT_MS = 120;
const FEWEST = 2;

export class Finding<Found> {
	#found = $state.raw<Found[]>([]);
	#answered = $state('');
	#timer: ReturnType<typeof setTimeout> | undefined;
	#asked: AbortController | undefined;

	/** What was found for these very words. */
	of(words: string): Found[] {
		return this.#answered === words ? this.#found : [];
	}

	/** It was looked for these very words, and there is nothing. */
	none(words: string): boolean {
		return this.#answered === words && !this.#found.length;
	}

	/** Nothing is looked for, and nothing is found. */
	clear(): void {
		this.stop();
		this.#found = [];
		this.#answered = '';
	}

	/** Nothing more is looked for; what was found stays. */
	stop(): void {
		clearTimeout(this.#timer);
		this.#asked?.abort();
	}

	/** Look for the words soon; `then` is told how many there are, `failed` why it could not be asked. */
	look(
		words: string,
		ask: (words: string, signal: AbortSignal) => Promise<Found[]>,
		told: { then: (many: number) => void; failed: (why: string) => void }
	): void {
		this.stop();
		if (words.length < FEWEST) return;
		this.#timer = setTimeout(() => void this.#find(words, ask, told), WAIT_MS);
	}

	async #find(...[words, ask, { then, failed }]: Parameters<Finding<Found>['look']>): Promise<void> {
		this.#asked = new AbortController();
		try {
			this.#found = await ask(words, this.#asked.signal);
			this.#answered = words;
			then(this.#found.length);
		} catch (error) {
			if (error instanceof DOMException) return; // it was given up for newer words
			failed(error instanceof Error ? error.message : String(error));
		}
	}
}
