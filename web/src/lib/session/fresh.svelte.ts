/**
 * Lists that stay fresh: the server's small change tokens, asked every few seconds while somebody looks, and never
 * while the page is hidden. Asking tells nothing of patients and does not prolong the session.
 *
 *     $effect(() => fresh.when('visits', () => void reread('hmis:visits')));
 */
import { answer, api, Refused, Unreachable } from '$lib/api/client';
import { session } from './session.svelte';

const ACTIVE_MS = 3000;
const IDLE_MS = 15_000;

const TOPICS = ['visits', 'vitals', 'prescriptions'] as const;
type Topic = (typeof TOPICS)[number];

/** How many wait, beside the places of the bar; filled by whoever shows the list. */
export const counts: Record<'visits' | 'prescriptions', number> = $state({ visits: 0, prescriptions: 0 });

class Fresh {
	#tokens: Partial<Record<Topic, string | null>> = {};
	#wanted: Record<Topic, (() => void)[]> = { visits: [], vitals: [], prescriptions: [] };
	#timer: ReturnType<typeof setTimeout> | undefined;
	#moved = 0;

	/** Call `run` when the topic has changed; gives what stops it. */
	when(topic: Topic, run: () => void): () => void {
		this.#wanted[topic].push(run);
		if (!this.#timer) this.#start();
		return () => {
			this.#wanted[topic] = this.#wanted[topic].filter((one) => one !== run);
			if (TOPICS.every((one) => !this.#wanted[one].length)) this.#stop();
		};
	}

	#start(): void {
		this.#moved = Date.now();
		for (const sign of ['pointermove', 'keydown'] as const)
			window.addEventListener(sign, this.#move, { passive: true });
		this.#timer = setTimeout(() => void this.#ask()); // at once: what changes from now on is noticed
	}

	readonly #move = (): void => {
		this.#moved = Date.now();
	};

	#stop(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		this.#tokens = {};
	}

	#later(): void {
		const active = Date.now() - this.#moved < 60_000;
		this.#timer = setTimeout(() => void this.#ask(), active ? ACTIVE_MS : IDLE_MS);
	}

	async #ask(): Promise<void> {
		if (document.visibilityState === 'visible' && !session.locked) {
			try {
				const now = await answer(api.GET('/api/v1/changes', { headers: { 'X-Background': '1' } }));
				for (const topic of TOPICS) {
					const before = this.#tokens[topic];
					this.#tokens[topic] = now[topic];
					if (before !== undefined && before !== now[topic]) for (const run of this.#wanted[topic]) run();
				}
			} catch (error) {
				if (!(error instanceof Unreachable || error instanceof Refused)) throw error;
				// The connection light tells of a lost line; an ended session is asked for at the next act.
			}
		}
		if (this.#timer) this.#later();
	}
}

export const fresh = new Fresh();
