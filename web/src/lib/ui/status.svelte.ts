/** The one line that says what has just happened: read out politely, gone after a while. */
const SHOWN_MS = 8000;

class Status {
	text = $state('');
	kind = $state<'done' | 'draft' | 'info' | 'warn' | 'danger'>('done');
	#timer: ReturnType<typeof setTimeout> | undefined;

	say(text: string, kind: Status['kind'] = 'done'): void {
		clearTimeout(this.#timer);
		this.text = text;
		this.kind = kind;
		this.#timer = setTimeout(() => (this.text = ''), SHOWN_MS);
	}
}

export const status = new Status();
