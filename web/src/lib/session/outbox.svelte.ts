/**
 * What may wait for the line: observations, notes, registrations. Kept encrypted on this device under the key by which
 * the server does it once; sent in order when the server answers again. Nothing here is called saved.
 */
import { newKey, Refused, sendJson, Unreachable } from '$lib/api/wire';
import type { Problem } from '$lib/api/schema';
import { connection } from './connection.svelte';
import { laterStatus } from './refusals';
import { vault } from './vault';

/** How long an answer is waited for; the key makes a second sending harmless. */
const ANSWER_MS = 20_000;
/** Asked again after this while, and after twice as long each time that still finds no answer, up to the longest. */
const AGAIN_MS = 2000;
const LONGEST_MS = 30_000;

export type Waiting = {
	key: string;
	path: string;
	body: unknown;
	/** What it is, in words: "Observations for ADEYEMI, Folasade". */
	label: string;
	/** Where its person can look at it again. */
	href: string;
	at: number;
	/** Why the server would not take it, when it finally came. */
	refused?: Problem;
};

class Outbox {
	waiting = $state<Waiting[]>([]);
	/** Says in words what has just been sent. */
	told = $state('');
	#sending = false;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#again = AGAIN_MS;

	/** Read what waits from an earlier day, and send it. To be called after sign-in. */
	async start(): Promise<void> {
		const kept = await vault.all<Waiting>('outbox/');
		this.waiting = kept.map(([, { value }]) => value).sort((a, b) => a.at - b.at);
		connection.whenBack(() => void this.sendAll());
		await this.sendAll();
	}

	/**
	 * Send now, or keep it for later where the server does not answer. Gives the answer, or null when it waits.
	 * Raises `Refused`, and `Unreachable` where this device can keep nothing.
	 */
	async post<T>(path: string, body: unknown, label: string, href: string, key = newKey()): Promise<T | null> {
		try {
			return (await this.#post(path, body, key)) as T;
		} catch (error) {
			if (!isLater(error) || !vault.able) throw error;
			const item: Waiting = { key, path, body, label, href, at: Date.now() };
			try {
				await vault.keep(`outbox/${key}`, item, item.at);
			} catch {
				throw new Unreachable(); // no room on this device: it stays in its form
			}
			this.waiting.push(item);
			this.#later(error);
			return null;
		}
	}

	#post(path: string, body: unknown, key: string): Promise<unknown> {
		return sendJson('POST', path, body, { 'Idempotency-Key': key }, ANSWER_MS);
	}

	/** Ask again when the server said, or after a while: the line may be back before this one came to wait for it. */
	#later(error: unknown): void {
		const after = error instanceof Refused && error.after ? error.after * 1000 : this.#again;
		this.#again = Math.min(this.#again * 2, LONGEST_MS);
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => void this.sendAll(), after);
	}

	/** Send what waits, oldest first; what is refused stays, with the reason, until its person has looked. */
	async sendAll(): Promise<void> {
		if (this.#sending) return;
		this.#sending = true;
		try {
			for (const item of this.waiting.filter((one) => !one.refused)) {
				try {
					await this.#post(item.path, item.body, item.key);
					await this.forget(item.key);
					this.#again = AGAIN_MS;
					this.told = item.label;
				} catch (error) {
					if (isLater(error)) this.#later(error);
					if (!(error instanceof Refused)) return; // still no line: later
					if (error.status === 401 || error.status === 429) return;
					if (isLater(error)) continue; // a fault over this one need not hold up the others
					const kept = this.waiting.find((one) => one.key === item.key);
					if (kept) {
						kept.refused = error.problem;
						await vault.keep(`outbox/${item.key}`, $state.snapshot(kept), item.at);
					}
				}
			}
		} finally {
			this.#sending = false;
		}
	}

	/** Send one more time what was refused, as when what stood in the way is gone. */
	async again(key: string): Promise<void> {
		const item = this.waiting.find((one) => one.key === key);
		if (!item) return;
		delete item.refused;
		await vault.keep(`outbox/${key}`, $state.snapshot(item), item.at);
		await this.sendAll();
	}

	/** Take one out: it was sent, or its person threw it away. */
	async forget(key: string): Promise<void> {
		this.waiting = this.waiting.filter((one) => one.key !== key);
		await vault.discard(`outbox/${key}`);
	}
}

/** No answer, or none that settles it. */
function isLater(error: unknown): boolean {
	return error instanceof Unreachable || (error instanceof Refused && laterStatus(error.status, error.code));
}

export const outbox = new Outbox();
