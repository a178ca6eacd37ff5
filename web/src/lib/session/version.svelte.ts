/** The version of the app on this device, kept by the service worker; a newer one waits until its person takes it. */
import { chosenLocale } from '$lib/i18n';

const ASK_EVERY_MS = 30 * 60_000;
/** Longer than unfinished writing takes to lie on this device (draft.svelte.ts). */
const SETTLED_MS = 600;

class Version {
	/** A newer one is on this device, and would be used after a reload. */
	waiting = $state(false);
	#registration: ServiceWorkerRegistration | undefined;

	/** Keep the app on this device, once it stands on the screen. Does nothing where the browser cannot. */
	async keep(): Promise<void> {
		const found = await registered();
		if (!found) return;
		this.#registration = found;
		this.#look(found);
		found.addEventListener('updatefound', () => this.#look(found));
		setInterval(() => void this.#ask(), ASK_EVERY_MS);
		if (chosenLocale() === 'fr') (await navigator.serviceWorker.ready).active?.postMessage('french');
	}

	async #ask(): Promise<void> {
		try {
			await this.#registration?.update();
		} catch (error) {
			if (!(error instanceof TypeError)) throw error; // no line: asked again later
		}
	}

	#look(found: ServiceWorkerRegistration): void {
		const next = found.waiting ?? found.installing;
		const see = () => {
			if (next?.state === 'installed' && navigator.serviceWorker.controller) this.waiting = true;
		};
		next?.addEventListener('statechange', see);
		see();
	}

	/** Take the newer one. What is being typed has reached this device before the page goes. */
	take(): void {
		navigator.serviceWorker.addEventListener('controllerchange', () => location.reload());
		setTimeout(() => this.#registration?.waiting?.postMessage('skip'), SETTLED_MS);
	}
}

/** What keeps the app; undefined where the browser allows none, as in a private window, or nothing could be fetched. */
async function registered(): Promise<ServiceWorkerRegistration | undefined> {
	if (!('serviceWorker' in navigator)) return undefined;
	try {
		return await navigator.serviceWorker.register('/service-worker.js');
	} catch (error) {
		// A TypeError: no line, so at the next opening. A DOMException: not allowed here.
		if (!(error instanceof TypeError || error instanceof DOMException)) throw error;
		return undefined;
	}
}

export const version = new Version();
