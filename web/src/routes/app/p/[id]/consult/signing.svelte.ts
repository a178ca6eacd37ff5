/** Signing once: what was sent and not answered is sent again as it was, under the same key, until it is known. */
import { newKey, Refused, Unreachable } from '$lib/api/client';
import { sign } from '$lib/api/consultations';
import type { SigningIn, SigningOut } from '$lib/api/schema';
import { dayAndTime } from '$lib/clinic/dates';
import { t } from '$lib/i18n';
import { clock } from '$lib/session/clock.svelte';
import { hadArrived, surelyRefused } from '$lib/session/refusals';

/** What was sent and is not answered yet, under its key. */
export type Sent = { key: string; body: SigningIn; at: number };

export class Signing {
	busy = $state(false);
	failed = $state('');
	/** What is wrong, and what is odd, by the names of the fields. */
	wrong = $state<Record<string, string>>({});
	questions = $state<Record<string, string>>({});
	/** Kept, with its key, until the server has said yes or no: only then is anything sent under another key. */
	sent = $state.raw<Sent | null>(null);
	/** When what was sent before was signed, where other words stand here by now. */
	arrived = $state('');
	readonly #patientId: string;
	readonly #keep: () => Promise<void>;

	/** `keep` keeps the draft with `sent` in it: the key is kept before it is used. */
	constructor(patientId: string, keep: () => Promise<void>) {
		this.#patientId = patientId;
		this.#keep = keep;
	}

	/** Before the review is opened anew: what was said the last time is no longer so. */
	begin(): void {
		this.failed = '';
		this.wrong = {};
		this.questions = {};
	}

	/**
	 * Sign these words. Gives what was signed; `arrived` where what was sent before had been; null where it was not
	 * signed, or that is not known: `failed`, `wrong` and `questions` then say why.
	 */
	async send(words: SigningIn): Promise<SigningOut | 'arrived' | null> {
		// The same words are sent as they were, also where the patient has been moved since.
		const body = this.sent && sameWords(this.sent.body, words) ? this.sent.body : words;
		const key = this.sent?.key ?? newKey();
		const before = this.sent; // unanswered
		this.sent = { key, body, at: before?.at ?? clock.now };
		this.busy = true;
		this.failed = '';
		this.wrong = {};
		this.arrived = '';
		await this.#keep();
		try {
			const done = await sign(this.#patientId, body, key);
			this.sent = null;
			return done;
		} catch (error) {
			// What went before may have arrived all the same, if other words were refused now.
			if (surelyRefused(error)) this.sent = before && before.body !== body ? before : null;
			if (error instanceof Unreachable)
				this.failed = t('The server does not answer. Nothing is lost: sign again when the line is back.');
			else if (!(error instanceof Refused)) throw error;
			else if (hadArrived(error)) return this.#hadArrived();
			else if (error.code === 'Implausible') this.questions = error.fields;
			else if (!surelyRefused(error))
				this.failed = t('Whether it was signed is not known: {why} Sign again: it is done once only.', {
					why: error.message
				});
			else {
				this.failed = error.message;
				this.wrong = error.fields;
			}
			return null;
		} finally {
			this.busy = false;
		}
	}

	/** What was sent before other words were typed is signed: nothing more is sent by itself. */
	#hadArrived(): 'arrived' {
		// eslint-disable-next-line svelte/prefer-svelte-reactivity -- a moment, to be said in words
		const since = new Date(this.sent?.at ?? 0).toISOString();
		this.sent = null;
		this.arrived = t('What you sent at {when} had arrived and is signed.', {
			when: dayAndTime(since)
		});
		return 'arrived';
	}
}

/** Whether two sendings say the same of the patient, wherever the patient then goes. */
function sameWords(one: SigningIn, other: SigningIn): boolean {
	const said = ({ consultation, prescription }: SigningIn) =>
		JSON.stringify([{ ...consultation, visit_id: null }, prescription]);
	return said(one) === said(other);
}
