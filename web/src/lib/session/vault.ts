/**
 * What is kept on this device: encrypted (AES-256-GCM) under a key that the server gives only to its owner after
 * sign-in, and that is never stored. A colleague at the same computer can neither read it nor destroy it from here.
 *
 * Browsers encrypt on secure pages only (HTTPS, or this very machine): elsewhere `able` is false, nothing is kept on
 * the device, and the screens say so.
 */
import { createStore, del, entries, get, set, type UseStore } from 'idb-keyval';

type Sealed = { iv: Uint8Array<ArrayBuffer>; sealed: ArrayBuffer; at: number };
export type Kept<T> = { value: T; at: number };

class Vault {
	#owner = '';
	#key: CryptoKey | null = null;
	#store: UseStore | null = null;

	/** Whether anything can be kept on this device now. */
	get able(): boolean {
		return this.#key !== null;
	}

	/** Open it for whoever signed in. */
	async open(owner: string, key: string): Promise<void> {
		if (!globalThis.crypto?.subtle || typeof indexedDB === 'undefined') return;
		const raw = Uint8Array.from(atob(key), (letter) => letter.charCodeAt(0));
		this.#key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
		this.#store = createStore('hmis', 'kept');
		this.#owner = owner;
	}

	/** Keep a value. Rejects where the device has no room. */
	async keep(name: string, value: unknown, at: number): Promise<void> {
		if (!this.#key || !this.#store) return;
		const iv = crypto.getRandomValues(new Uint8Array(12));
		const plain = new TextEncoder().encode(JSON.stringify(value));
		const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, this.#key, plain);
		await set(this.#place(name), { iv, sealed, at } satisfies Sealed, this.#store);
	}

	/** What was kept under this name by the same person, if anything. */
	async find<T>(name: string): Promise<Kept<T> | null> {
		if (!this.#key || !this.#store) return null;
		const sealed = await get<Sealed>(this.#place(name), this.#store);
		return sealed ? this.#opened<T>(sealed) : null;
	}

	/** Everything of the same person whose name begins so. */
	async all<T>(prefix: string): Promise<[string, Kept<T>][]> {
		if (!this.#key || !this.#store) return [];
		const mine = this.#place(prefix);
		const found: [string, Kept<T>][] = [];
		for (const [place, sealed] of await entries<string, Sealed>(this.#store)) {
			if (!place.startsWith(mine)) continue;
			const kept = await this.#opened<T>(sealed);
			if (kept) found.push([place.slice(this.#owner.length + 1), kept]);
		}
		return found;
	}

	async discard(name: string): Promise<void> {
		if (this.#store && this.#owner) await del(this.#place(name), this.#store);
	}

	async #opened<T>(sealed: Sealed): Promise<Kept<T> | null> {
		try {
			const plain = await crypto.subtle.decrypt(
				{ name: 'AES-GCM', iv: sealed.iv },
				this.#key!,
				sealed.sealed
			);
			return { value: JSON.parse(new TextDecoder().decode(plain)) as T, at: sealed.at };
		} catch {
			return null; // sealed under a key of before: the server's secret was changed
		}
	}

	#place(name: string): string {
		return `${this.#owner}/${name}`;
	}
}

export const vault = new Vault();
