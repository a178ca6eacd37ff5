/** The time by the server's clock, for what is counted down on the screen; moves with each answer and every ten seconds. */
import { listen, serverNow } from '$lib/api/wire';

const TICK_MS = 10_000;

class Clock {
	now = $state(Date.now());

	start(): void {
		this.set();
		listen({ timed: () => this.set() });
		setInterval(() => this.set(), TICK_MS);
	}

	/** Take the time now, as where it is about to be written down. */
	set(): void {
		this.now = serverNow();
	}
}

export const clock = new Clock();
