/** Shortcuts: each told once, shown in the help, and put away with the screen that told it. */
export type Shortcut = {
	/** `n`, `g q`, `ctrl+enter`, `/`, `?`, `alt+1`. */
	keys: string;
	/** What it does, for the help. */
	says: string;
	run: (event: KeyboardEvent) => void;
	/** Also while a field is being typed into; `ctrl+` and `alt+` ones always are. */
	whileTyping?: boolean;
};

const SEQUENCE_MS = 1200;

class Keys {
	/** Raw, for a shortcut is put away by what it is; a copy of the list that is kept beside it. */
	known = $state.raw<readonly Shortcut[]>([]);
	/** Whether single letters act; a person may switch them off (WCAG 2.1.4). */
	singleLetters = $state(true);
	/** How many layers (dialogs) lie over the page: shortcuts of the page rest meanwhile. */
	layers = $state(0);
	/** The screen is covered: no shortcut acts, whatever it does. */
	shut = $state(false);
	/**
	 * What counts is kept plain: in the teardown of an effect a rune still gives the value from before the batch, so one
	 * that is changed from itself there forgets what the next screen has just told.
	 */
	#told: Shortcut[] = [];
	#covers = 0;
	#begun = '';
	#begunAt = 0;

	start(): void {
		this.singleLetters = localStorage.getItem('hmis-single-keys') !== 'off';
		window.addEventListener('keydown', (event) => this.#pressed(event));
	}

	choose(on: boolean): void {
		this.singleLetters = on;
		localStorage.setItem('hmis-single-keys', on ? 'on' : 'off');
	}

	/** Make shortcuts known; gives what puts them away. For use in `$effect(() => keys.add(...))`, which it does not wake. */
	add(...shortcuts: Shortcut[]): () => void {
		this.#tell([...this.#told, ...shortcuts]);
		return () => this.#tell(this.#told.filter((one) => !shortcuts.includes(one)));
	}

	#tell(list: Shortcut[]): void {
		this.#told = list;
		this.known = list;
	}

	/** A layer opens over the page; gives what takes it away. For use in an `$effect`, which it does not wake. */
	cover(): () => void {
		this.layers = this.#covers += 1;
		return () => (this.layers = this.#covers -= 1);
	}

	#pressed(event: KeyboardEvent): void {
		if (this.shut || event.isComposing || event.defaultPrevented) return;
		const pressed = named(event);
		const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
		const now = event.timeStamp;
		const whole =
			plain && this.#begun && now - this.#begunAt < SEQUENCE_MS ? `${this.#begun} ${pressed}` : pressed;
		const found =
			this.known.findLast((one) => one.keys === whole) ?? this.known.findLast((one) => one.keys === pressed);
		const typing = plain && isTyping(event.target);
		this.#begun =
			plain && !typing && this.known.some((one) => one.keys.startsWith(`${pressed} `)) ? pressed : '';
		this.#begunAt = now;
		if (!found || (typing && !found.whileTyping)) return;
		if (plain && !this.singleLetters && /^[a-z]( [a-z])?$/.test(found.keys)) return;
		if (this.layers > 0 && !found.whileTyping) return;
		event.preventDefault();
		// A key held down moves on through a list; it does nothing twice that is done for good.
		if (event.repeat && !pressed.startsWith('arrow')) return;
		found.run(event);
	}
}

function named(event: KeyboardEvent): string {
	const key = event.key.length === 1 ? event.key.toLowerCase() : event.key.toLowerCase();
	return `${event.ctrlKey || event.metaKey ? 'ctrl+' : ''}${event.altKey ? 'alt+' : ''}${key}`;
}

function isTyping(target: EventTarget | null): boolean {
	if (!(target instanceof HTMLElement)) return false;
	if (
		target.isContentEditable ||
		target instanceof HTMLTextAreaElement ||
		target instanceof HTMLSelectElement
	)
		return true;
	return (
		target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'submit'].includes(target.type)
	);
}

export const keys = new Keys();
