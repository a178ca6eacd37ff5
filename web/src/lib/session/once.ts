/** A change that the server does once, however often its button is pressed. */
import { newKey, Refused, Unreachable } from '$lib/api/wire';
import { t } from '$lib/i18n';
import { hadArrived } from './refusals';

/** What was sent before stands; what was to be sent now was not sent. */
export class ArrivedBefore extends Error {
	constructor() {
		super(
			t('What you sent before had arrived and is saved: look at it first. What stands here was not sent.')
		);
	}
}

export class Once {
	#key = newKey();

	/**
	 * Send under the same key until it is done; then read again what stands. Raises what the sending raises, or
	 * `ArrivedBefore`. Gives what was answered, and whether it could be read again: that failing undoes nothing.
	 */
	async send<T>(
		act: (key: string) => Promise<T>,
		reread: () => Promise<unknown>
	): Promise<{ given: T; read: boolean }> {
		let given: T;
		try {
			given = await act(this.#key);
		} catch (error) {
			if (!hadArrived(error)) throw error;
			this.#key = newKey();
			await tried(reread);
			throw new ArrivedBefore();
		}
		this.#key = newKey();
		return { given, read: await tried(reread) };
	}
}

async function tried(reread: () => Promise<unknown>): Promise<boolean> {
	try {
		await reread();
		return true;
	} catch (error) {
		if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
		return false;
	}
}
