/**
 * Unfinished writing: kept on this device within half a second of the last key, and on the server within three.
 *
 *     const draft = new Draft<Form>(`consult:${patient.id}`, patient.id);
 *     void draft.find();                      // fills `draft.offers`: what to offer to restore, newest first
 *     draft.write(form);                      // at each change
 *     form = joined(draft.take(), form);      // restore the newest offer; or `await draft.throwAway()`
 *     await draft.discard();                  // once it is saved, or nothing is left of it; offers stay
 *     draft.close();                          // when the form is left
 *
 * When the page is hidden, and when `keepAll` is called, what was typed is kept at once.
 *
 * An offer is stored under the same key beside what is written, until it is taken or thrown away.
 */
import { answer, api, newKey, Refused, serverNow, Unreachable, within } from '$lib/api/client';
import { connection } from './connection.svelte';
import { surelyRefused } from './refusals';
import { forget } from './searches';
import { settledWith, standing, storedFrom, type Stored } from './stored';
import { vault } from './vault';

const HERE_AFTER_MS = 300;
const SERVER_AFTER_MS = 2000;
const LOOK_MS = 5000;
const SEND_MS = 20_000;
const AGAIN_MS = 15_000;
/** How long a form waits for the server to forget; it goes on by itself. */
const WAIT_MS = 2000;

export type DraftPlace = 'nowhere' | 'writing' | 'here' | 'server' | 'both' | 'failed';

/* eslint-disable svelte/prefer-svelte-reactivity -- no screen shows these */
/** What the server has not got yet, by key: sent when it answers again, also when its form was left. */
const unsent = new Map<string, () => void>();
let listening = false;
/** The forms of this tab that are being written. */
const written = new Set<{ flush: () => Promise<void> }>();
/** Keys that this tab holds against other tabs, and how many forms of it do. */
const held = new Map<string, { forms: number; release: () => void }>();
/* eslint-enable svelte/prefer-svelte-reactivity */

/** Keep at once on this device what is being typed in this tab: before it is covered, hidden or handed over. */
export async function keepAll(): Promise<void> {
	await Promise.all([...written].map((draft) => draft.flush()));
}

/** Go to where somebody else may sign in, once the last words are safe. */
export async function handOver(address: string): Promise<void> {
	await keepAll();
	forget();
	location.assign(address);
}

if (typeof document !== 'undefined')
	document.addEventListener('visibilitychange', () => {
		if (document.visibilityState === 'hidden') void keepAll();
	});

export class Draft<T> {
	/** Where the newest words are. */
	place = $state<DraftPlace>('nowhere');
	/** When they got there, by the server's clock, ms. */
	at = $state(0);
	/** Earlier words that can be restored, newest first. */
	offers = $state.raw<{ value: T; at: number }[]>([]);
	/** Another tab has this draft open: nothing is kept from here, so that nothing of it is overwritten. */
	elsewhere = $state(false);
	readonly #by = newKey();
	#value: T | undefined;
	#typedAt = 0;
	#found: Stored<T>[] = [];
	#settled: Record<string, number> = {};
	#here: ReturnType<typeof setTimeout> | undefined;
	#there: ReturnType<typeof setTimeout> | undefined;
	/** Counts changes: what was kept is the newest if nothing changed meanwhile. */
	#turn = 0;
	/** The change that this device has. */
	#turnHere = 0;
	#opened: Promise<void> | null = null;
	#mine: Promise<void> | null = null;
	#holding = false;
	#closed = false;
	/** Whether the server has one; null where that is not known yet, and then nothing of it is overwritten. */
	#onServer: boolean | null = null;
	#asking: Promise<boolean> | null = null;
	#sending: Promise<void> = Promise.resolve();
	#keeping: Promise<void> = Promise.resolve();

	constructor(
		readonly key: string,
		readonly patientId: string | null = null
	) {}

	/** Look on this device, then on the server, for what to offer. Never fails: without an answer it asks again later. */
	async find(): Promise<void> {
		this.#mine ??= this.#hold();
		await this.#mine;
		if (this.elsewhere) return;
		await this.#open();
		const known = await this.#lookThere();
		if (known && this.#onServer && !this.#body()) this.#send(); // settled here, and not yet there
	}

	/** Keep this from now on. */
	write(value: T): void {
		this.#value = $state.snapshot(value) as T;
		this.#typedAt = serverNow();
		written.add(this);
		this.#changed();
	}

	/** Take the newest offer, to be put into the form and written on. */
	take(): T {
		const [newest] = this.#found;
		if (!newest) throw new Error('there is nothing to restore');
		this.#settle(newest);
		return structuredClone(newest.value);
	}

	/** Throw the newest offer away. */
	async throwAway(): Promise<void> {
		const [newest] = this.#found;
		if (!newest) return;
		this.#settle(newest);
		await this.#now();
	}

	/** What was written is saved for good, or nothing is left of it. Offers stay. */
	async discard(): Promise<void> {
		if (this.#value === undefined) return;
		this.#value = undefined;
		this.#settled[this.#by] = this.#typedAt;
		await this.#now();
	}

	/** Forget everything under this key, offers too. */
	async forget(): Promise<void> {
		await this.#open();
		this.#value = undefined;
		for (const one of [...this.#found]) this.#settle(one);
		this.#onServer ??= true; // not asked: the word to forget it finds out
		await this.#now();
	}

	/** Keep at once on this device what was written. */
	async flush(): Promise<void> {
		if (this.#turnHere === this.#turn || this.elsewhere) return;
		clearTimeout(this.#here);
		await this.#keepHere();
	}

	/** The form is left: keep what was written, and let other tabs have it. */
	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		written.delete(this);
		void this.flush().then(() => this.#letGo());
	}

	#settle(one: Stored<T>): void {
		this.#settled = settledWith(settledWith(this.#settled, one.knows), { [one.by]: one.typed_at });
		this.#offer([]);
	}

	#offer(more: Stored<T>[]): void {
		this.#found = standing([...this.#found, ...more], this.#settled).filter((one) => one.by !== this.#by);
		this.offers = this.#found.map(({ value, typed_at }) => ({ value, at: typed_at }));
	}

	#changed(): void {
		this.#turn += 1;
		if (this.elsewhere) return;
		this.place = 'writing';
		clearTimeout(this.#here);
		this.#here = setTimeout(() => void this.#keepHere(), HERE_AFTER_MS);
		this.#there ??= setTimeout(() => this.#send(), SERVER_AFTER_MS);
	}

	async #now(): Promise<void> {
		this.#turn += 1;
		clearTimeout(this.#here);
		clearTimeout(this.#there);
		this.#there = undefined;
		if (this.#value === undefined) this.place = 'nowhere';
		if (this.elsewhere) return;
		await this.#keepHere();
		this.#send();
		await Promise.race([this.#sending, new Promise((go) => setTimeout(go, WAIT_MS))]);
	}

	/** What is to be stored under the key now; null: nothing. */
	#body(): Stored<T> | null {
		const knows = { ...this.#settled };
		if (this.#value !== undefined)
			return { typed_at: this.#typedAt, value: this.#value, by: this.#by, knows, earlier: this.#found };
		const [newest, ...earlier] = this.#found;
		return newest ? { ...newest, knows: settledWith(newest.knows, knows), earlier } : null;
	}

	/** What this device had before anything is written over it, and what of it was settled meanwhile. */
	#open(): Promise<void> {
		this.#opened ??= (async () => {
			const settled = await vault.find<Record<string, number>>(`settled/${this.key}`);
			if (settled) this.#settled = settledWith(this.#settled, settled.value);
			const here = await vault.find<unknown>(`draft/${this.key}`);
			if (here) this.#offer([storedFrom<T>(here.value, here.at)]);
		})();
		return this.#opened;
	}

	#keepHere(): Promise<void> {
		this.#keeping = this.#keeping.then(() => this.#keptHere());
		return this.#keeping;
	}

	async #keptHere(): Promise<void> {
		if (!vault.able) return;
		try {
			await this.#mine;
			await this.#open();
			if (this.elsewhere) return;
			const turn = this.#turn;
			const body = this.#body();
			if (body) await vault.keep(`draft/${this.key}`, body, body.typed_at);
			else {
				// Until the server has forgotten it too, it must not offer again what is done.
				if (this.#onServer !== false) await vault.keep(`settled/${this.key}`, this.#settled, serverNow());
				await vault.discard(`draft/${this.key}`);
			}
			this.#turnHere = turn;
			if (turn === this.#turn && this.#value !== undefined) this.#kept('here');
		} catch {
			this.place = 'failed'; // no room on the device; the server may still take it
		}
	}

	#send(): void {
		clearTimeout(this.#there);
		this.#there = undefined;
		this.#sending = this.#sending.then(() => this.#keepThere());
	}

	async #keepThere(): Promise<void> {
		await this.#mine;
		if (this.elsewhere) return;
		if (!(await this.#lookThere())) return this.#failedThere();
		const turn = this.#turn;
		const body = this.#body();
		try {
			if (body) await this.#put(body);
			else if (this.#onServer) await this.#delete();
			await vault.discard(`settled/${this.key}`);
			if (turn === this.#turn) {
				unsent.delete(this.key);
				if (this.#value !== undefined) this.#kept('server');
			}
		} catch (error) {
			if (!asExpected(error)) throw error;
			this.#failedThere(!surelyRefused(error));
		}
	}

	async #put(body: Stored<T>): Promise<void> {
		await answer(
			api.PUT('/api/v1/drafts/{key}', {
				params: { path: { key: this.key } },
				body: { body: body as never, patient_id: this.patientId },
				fetch: within(SEND_MS)
			})
		);
		this.#onServer = true;
	}

	async #delete(): Promise<void> {
		try {
			const params = { path: { key: this.key } };
			await answer(api.DELETE('/api/v1/drafts/{key}', { params, fetch: within(SEND_MS) }));
		} catch (error) {
			if (!(error instanceof Refused && error.status === 404)) throw error;
		}
		this.#onServer = false;
	}

	/** The server has not got it: it does when it answers again. */
	#failedThere(again = true): void {
		if (!listening) connection.whenBack(() => unsent.forEach((run) => run()));
		listening = true;
		unsent.set(this.key, () => this.#send());
		if (again && connection.online) this.#there ??= setTimeout(() => this.#send(), AGAIN_MS);
		if (this.#value === undefined) return;
		if (!vault.able) this.place = 'failed';
		else if (this.place === 'both' || this.place === 'server') this.place = 'here';
	}

	/** Whether it is known what the server has; asked once, and again after a failure. */
	#lookThere(): Promise<boolean> {
		if (this.#onServer !== null) return Promise.resolve(true);
		this.#asking ??= this.#asked().finally(() => (this.#asking = null));
		return this.#asking;
	}

	async #asked(): Promise<boolean> {
		const soon = { fetch: within(LOOK_MS) };
		try {
			// The list first: that there is none is the ordinary case, and no error.
			const query = { limit: 200 };
			const mine = await answer(api.GET('/api/v1/drafts', { params: { query }, ...soon }));
			const there = mine.items.some((one) => one.key === this.key);
			if (there) {
				const params = { path: { key: this.key } };
				const found = await answer(api.GET('/api/v1/drafts/{key}', { params, ...soon }));
				this.#offer([storedFrom<T>(found.body, Date.parse(found.updated_at))]);
			}
			this.#onServer = there;
			return true;
		} catch (error) {
			if (!asExpected(error)) throw error;
			return false;
		}
	}

	#kept(where: 'here' | 'server'): void {
		const other = where === 'here' ? 'server' : 'here'; // in either order: a slow device comes second
		this.place = this.place === other || this.place === 'both' ? 'both' : where;
		this.at = serverNow();
	}

	/** Hold the key against other tabs; where another has it, wait until that is left. */
	async #hold(): Promise<void> {
		if (!('locks' in navigator)) return; // insecure page: other tabs are not known
		const ours = held.get(this.key);
		if (ours) {
			ours.forms += 1;
			this.#holding = true;
			return;
		}
		const name = `hmis-draft/${this.key}`;
		await new Promise<void>((known) => {
			void navigator.locks.request(name, { ifAvailable: true }, (lock) => {
				if (!lock) {
					this.elsewhere = true;
					this.place = 'nowhere';
				}
				known();
				return lock ? this.#holds() : undefined;
			});
		});
		if (this.elsewhere) void navigator.locks.request(name, () => this.#inherit());
	}

	#holds(): Promise<void> | undefined {
		if (this.#closed) return;
		this.#holding = true;
		return new Promise((release) => held.set(this.key, { forms: 1, release }));
	}

	/** The other tab was left: what it wrote is offered, and what stands here is kept from now on. */
	#inherit(): Promise<void> | undefined {
		const holds = this.#holds();
		if (!holds) return;
		this.elsewhere = false;
		this.#opened = null;
		this.#onServer = null;
		void this.find();
		if (this.#value !== undefined) this.#changed();
		return holds;
	}

	#letGo(): void {
		const ours = this.#holding ? held.get(this.key) : undefined;
		this.#holding = false;
		if (!ours) return;
		ours.forms -= 1;
		if (ours.forms > 0) return;
		held.delete(this.key);
		ours.release();
	}
}

/** Refused, no answer, or one that cannot be read. */
function asExpected(error: unknown): boolean {
	return error instanceof Refused || error instanceof Unreachable || error instanceof SyntaxError;
}
