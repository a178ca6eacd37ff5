/** The time by the server's clock, for what is counted down on the screen; moves every ten seconds. */
import { serverNow } from '$lib/api/wire';

const TICK_MS = 10_000;

class Clock {
	now = $state(Date.now());

	start(): void {
		this.now = serverNow();
		setInterval(() => (this.now = serverNow()), TICK_MS);
	}

	/** Take the server's time now, as after an answer. */
	set(): void {
		this.now = serverNow();
	}
}

export const clock = new Clock();
