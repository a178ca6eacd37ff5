/** The medicine that is being written on the command line: what it is by now, and what keeps it from being added. */
import type { SignatureOut } from '$lib/api/schema';
import { t } from '$lib/i18n';
import type { Rx } from './consultation';
import { questioned, reading, typedAs, type Fields, type Medicine } from './rx';
import type { Ask } from './signature';
import { alertSaid } from './medicineWords';

/** The line as the server would write it: the supply, and what is odd. Null where it cannot be asked. */
export type Reckon = (
	text: string,
	drugId: string,
	weightKg: number | undefined,
	signal: AbortSignal
) => Promise<SignatureOut | null>;
/** What keeps a line from being added, and the field it is about. */
type Hindrance = { say: string; field?: string };

const RECKON_AFTER_MS = 250;

export class MedicineLine {
	drug = $state<Medicine | null>(null);
	fields = $state<Fields>({});
	/** Whether each part is shown as a field. */
	opened = $state(false);
	/** An answer of the server, and to which line of which drug it was given. */
	#answer = $state<{ to: string; found: SignatureOut | null } | null>(null);
	/** What was last said yes to: a doubt about this very line. */
	#agreed = '';
	readonly #typed: () => string | null;
	readonly #weightKg: () => number | undefined;

	readonly rx = $derived.by(() => {
		const typed = this.#typed();
		return typed === null ? null : reading(typed, this.drug, this.fields, this.#weightKg());
	});
	readonly line = $derived.by(() => this.rx?.line ?? null);
	readonly #asking = $derived.by(() => (this.line ? questioned(this.line, []) : ''));
	readonly reckoned = $derived.by(() =>
		this.line && this.#answer?.to === this.#asking ? this.#answer.found : null
	);
	readonly asks = $derived.by((): Ask[] => {
		if (!this.rx || !this.line) return [];
		const { asks } = this.rx;
		const unknown = this.reckoned && this.reckoned.supply === null && this.line.quantity === null;
		if (!unknown || asks.length) return asks;
		const say = t('How many are to be handed out? It cannot be reckoned from this dose.');
		return [{ field: 'quantity', code: 'unknown_quantity', values: [], say }];
	});
	readonly refusals = $derived.by(() => this.rx?.refusals ?? []);
	readonly unread = $derived.by(() => [
		...(this.rx?.said.unread ?? []),
		...(this.drug && this.rx?.said.drug ? [this.rx.said.drug] : [])
	]);
	readonly doubts = $derived.by(() => this.reckoned?.doubts ?? []);
	readonly #question = $derived.by(() =>
		this.line && this.doubts.length ? questioned(this.line, this.doubts) : ''
	);
	readonly wrong = $derived.by(() =>
		Object.entries(this.rx?.wrong ?? {}).map(([field, say]) => ({ field, say }))
	);
	readonly ready = $derived.by(
		() =>
			!!this.line && !this.asks.length && !this.wrong.length && !this.refusals.length && !this.unread.length
	);

	/** `typed`: the text of the line, or null where no medicine is written. `weightKg`: the patient's, if it is known. */
	constructor(typed: () => string | null, weightKg: () => number | undefined) {
		this.#typed = typed;
		this.#weightKg = weightKg;
	}

	/** What was put in, opened and agreed to for one drug is not for another. */
	forget(): void {
		this.fields = {};
		this.opened = false;
		this.#answer = null;
		this.#agreed = '';
	}

	/** What keeps the line from being added; null where nothing does. A doubt is said once, and the next yes is to it. */
	hindrance(fromFields: boolean): Hindrance | null {
		const { rx, drug, asks, unread, wrong } = this;
		if (!rx || !drug)
			return { say: rx?.said.drug ? t('Choose a medicine') : t('Type the name of a medicine.') };
		if (this.refusals.length) return { say: t('Rewrite it first.') };
		if (unread.length)
			return {
				say: t('Not understood: “{words}”. Put it in quotes to keep it as an instruction, or take it out.', {
					words: unread.join(' ')
				})
			};
		if (wrong[0]) return wrong[0];
		if (asks[0])
			return {
				say: t('Still to say: {what}', { what: asks[0].say }),
				...(rx.alert ? { field: asks[0].field } : {})
			};
		if (rx.alert && !fromFields)
			return {
				say: t('{drug} is a high-alert medicine ({why}): go through each part, then add it.', {
					drug: drug.generic_name,
					why: alertSaid(rx.alert.why)
				}),
				field: 'dose'
			};
		if (this.#question && this.#agreed !== this.#question) {
			this.#agreed = this.#question;
			return { say: t('{doubts} Enter again if it is so.', { doubts: this.doubts.join(' ') }) };
		}
		return null;
	}

	/** The line for the basket, as it is shown. */
	whole(): Rx | null {
		if (!this.line) return null;
		return {
			...$state.snapshot(this.line),
			supply: this.reckoned?.supply ?? this.line.quantity,
			supply_unit: this.reckoned?.supply_unit ?? null,
			confirmed: !!this.#question
		};
	}

	/**
	 * Ask the server for the supply and for what is odd. For use in an `$effect`, which it wakes whenever the line is
	 * another; gives what calls it off.
	 */
	ask(reckon: Reckon): (() => void) | undefined {
		const { line, drug, rx } = this;
		if (!line || !drug || this.refusals.length) return;
		const [to, typed, drugId, weight] = [this.#asking, typedAs(line), drug.id, rx?.weightKg ?? undefined];
		const control = new AbortController();
		const later = setTimeout(() => {
			reckon(typed, drugId, weight, control.signal).then(
				(found) => (this.#answer = { to, found }),
				(error: unknown) => {
					if (!(error instanceof DOMException)) throw error;
				}
			);
		}, RECKON_AFTER_MS);
		return () => {
			clearTimeout(later);
			control.abort();
		};
	}
}
