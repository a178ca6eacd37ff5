/** Who is signed in at this browser, what they may do, and the lock over the screen. */
import { answer, api, within } from '$lib/api/client';
import { actAs, freshToken, listen, Refused, Unreachable } from '$lib/api/wire';
import { enter, leave, LOCKED } from './door';
import type { MeOut } from '$lib/api/schema';
import { vault } from './vault';

const WARNING_MS = 60_000;
const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('hmis-session');

class Session {
	me = $state<MeOut | null>(null);
	/** The page is covered until its owner gives the password again; what was typed stays in it. */
	locked = $state(false);
	/** Why it is locked. */
	why = $state<'idle' | 'ended' | 'somebody else' | 'asked'>('idle');
	/** Seconds until the lock, in the last minute before it. */
	countdown = $state<number | null>(null);
	/** Where the person was when the screen was covered. */
	#place: Element | null = null;
	/** The end of the session on the server, under way: a new one waits for it, or would be ended with it. */
	#ending: Promise<void> = Promise.resolve();
	#used = Date.now();
	#waiting: ((again: boolean) => void)[] = [];
	#started = false;

	/** Whether the person signed in holds a permission. Screens ask this, and never for a role. */
	may(permission: string): boolean {
		return this.me?.permissions.includes(permission as never) ?? false;
	}

	/** Look who is signed in, waiting so many ms for the answer. Null: nobody. */
	async look(patience: number): Promise<MeOut | null> {
		try {
			this.me = await answer(api.GET('/auth/me', { fetch: within(patience) }));
		} catch (error) {
			if (!(error instanceof Refused) || error.status !== 401) throw error;
			this.me = null;
			return null;
		}
		await this.#begin();
		if (sessionStorage.getItem(LOCKED) === this.me.id) this.lock('asked');
		return this.me;
	}

	async #begin(): Promise<void> {
		if (!this.me) return;
		actAs(this.me.id);
		await vault.open(this.me.id, this.me.draft_key);
		this.#used = Date.now();
		if (this.#started) return;
		this.#started = true;
		listen({
			signedOut: () => this.askAgain('ended'),
			samePerson: () => this.#stillMe(),
			uncovered: () => this.#uncovered()
		});
		for (const sign of ['keydown', 'pointerdown', 'wheel'] as const)
			window.addEventListener(sign, () => this.used(), { passive: true, capture: true });
		setInterval(() => this.#tick(), 1000);
		channel?.addEventListener('message', ({ data }: MessageEvent<{ user: string | null }>) => {
			if (!this.me) return;
			if (data.user === this.me.id) {
				if (this.locked) void this.#released();
			} else if (data.user) this.lock('somebody else');
			else if (!this.locked) this.lock('ended');
		});
	}

	/** The person is here: the lock begins to count anew. */
	used(): void {
		if (!this.locked) this.#used = Date.now();
	}

	#tick(): void {
		if (!this.me || this.locked) return;
		const left = this.me.idle_minutes * 60_000 - (Date.now() - this.#used);
		if (left <= 0) this.lock('idle');
		else this.countdown = left <= WARNING_MS ? Math.ceil(left / 1000) : null;
	}

	/**
	 * Cover the screen. Where its owner does it or went away, the session ends on the server too: neither a reload nor
	 * another tab opens what the lock covers.
	 */
	lock(why: Session['why'] = 'asked'): void {
		const ends = !this.locked && (why === 'asked' || why === 'idle');
		if (!this.locked) this.#place = document.activeElement;
		this.countdown = null;
		if (!this.locked || why !== 'ended') this.why = why;
		this.locked = true;
		if (this.me) sessionStorage.setItem(LOCKED, this.me.id);
		if (ends) this.#ending = this.#end();
	}

	/** Back to where the person was, once the cover is off. */
	resume(): void {
		const place = this.#place;
		if (!(place instanceof HTMLElement) || !place.isConnected) return;
		place.focus();
		// A browser that takes the cover away late gives the focus to the page: once more then.
		setTimeout(() => document.activeElement === document.body && place.focus(), 200);
	}

	async #end(): Promise<void> {
		try {
			await leave();
		} catch (error) {
			if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
			// Without a line the cover stays over this tab, also over a reload; the server ends the session by itself.
		}
	}

	/** Cover the screen until its owner gives the password; true once given, so that a request is sent again. */
	askAgain(why: Session['why']): Promise<boolean> {
		this.lock(why);
		return new Promise((resolve) => this.#waiting.push(resolve));
	}

	#uncovered(): Promise<void> {
		if (!this.locked) return Promise.resolve();
		return new Promise((resolve) => this.#waiting.push(() => resolve()));
	}

	/** Whether the cookie still is this person's: with another's, nothing of this screen may be saved. */
	async #stillMe(): Promise<boolean> {
		const now = await answer(api.GET('/auth/me'));
		return now.id === this.me?.id || this.askAgain('somebody else');
	}

	/** Uncover the screen with the owner's password. Raises `Refused` for another. */
	async unlock(password: string): Promise<void> {
		const me = this.me;
		if (!me) return;
		await this.#ending;
		await enter(me.username, password);
		await this.#released();
	}

	async #released(): Promise<void> {
		const me = await answer(api.GET('/auth/me'));
		if (me.id !== this.me?.id) return;
		await freshToken();
		sessionStorage.removeItem(LOCKED);
		this.#used = Date.now();
		this.locked = false;
		for (const resolve of this.#waiting.splice(0)) resolve(true);
	}
}

export const session = new Session();
