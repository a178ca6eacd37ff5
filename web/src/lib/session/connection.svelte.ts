/** Whether the server answers; asked again by itself while it does not. */
import { listen } from '$lib/api/wire';
import { t } from '$lib/i18n';

const AGAIN_AFTER_MS = 4000;
const ANSWER_MS = 8000;

class Connection {
	online = $state(true);
	#timer: ReturnType<typeof setTimeout> | undefined;
	#back: (() => void)[] = [];

	/** Call `run` each time the server is there again. Gives what stops it. */
	whenBack(run: () => void): () => void {
		this.#back.push(run);
		return () => (this.#back = this.#back.filter((one) => one !== run));
	}

	start(): void {
		listen({
			reached: () => this.reached(),
			unreachable: () => this.lost(),
			late: () => void this.ask(),
			noAnswer: () => t('The server does not answer.')
		});
		window.addEventListener('offline', () => this.lost());
		window.addEventListener('online', () => void this.ask());
	}

	reached(): void {
		clearTimeout(this.#timer);
		if (this.online) return;
		this.online = true;
		for (const run of this.#back) run();
	}

	lost(): void {
		this.online = false;
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => void this.ask(), AGAIN_AFTER_MS);
	}

	async ask(): Promise<void> {
		try {
			const signal = AbortSignal.timeout(ANSWER_MS);
			const response = await fetch('/api/v1/status', { cache: 'no-store', signal });
			if (response.ok) this.reached();
			else this.lost();
		} catch {
			this.lost();
		}
	}
}

export const connection = new Connection();
