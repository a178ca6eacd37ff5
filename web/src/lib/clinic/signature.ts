/**
 * A line of a prescription typed in one go, read while it is typed: `amoxicillin 500mg PO TDS 5/7`.
 *
 * The same reader as `hmis/prescriptions/signature.py`, by the same grammar; `tests/prescriptions/signatures.json`
 * holds both to one reading. Fields have the names of the API, so that a line to send is made of them.
 */
import { signature as rules } from './rules.json';
import { t, tag } from '../i18n';
import { converted, times, timesRounded } from './exactly';
import { frequencySaid, routeSaid, unitSaid } from './medicineWords';
import { amount, directions, grouped, type Ordered } from './wording';

/** What has to be rewritten. `t(sentences[code], values)` says it in the language in force. */
export type Refusal = { text: string; code: Sentence; values: string[]; say: string };
/** What is still to be said, by the field of a line it belongs to. */
export type Ask = { field: string; code: Sentence; values: string[]; say: string };
/** A stretch of what was typed; together the pieces are the whole of it. */
export type Piece = { kind: string; text: string };
export type HighAlert = { name: string; why: string; weekly: boolean };
export type Sentence = keyof typeof rules.sentences;

export type Signature = Ordered & {
	/** The leading words: a name to look for, never a choice of a drug. */
	drug: string;
	/** Lowest and highest: a line has one dose, so it is asked for. */
	dose_range: [number, number] | null;
	range_per_kg: boolean;
	/** As typed; `dose` is what it makes for the weight, where that is known. */
	dose_per_kg: number | null;
	max_doses_in_24h: number | null;
	quantity: number | null;
	high_alert: HighAlert | null;
	refusals: Refusal[];
	asks: Ask[];
	unread: string[];
	pieces: Piece[];
};

/** What is known already: the weight, and of the drug that was chosen its generic name and usual route. */
export type Known = { weightKg?: number; drugName?: string; drugRoute?: string };

/** The sentences of refusals and questions, `{0}` and `{1}` standing for values. */
export const sentences = rules.sentences;

const RULES = rules.rules.map(({ kind, pattern, ...rest }) => ({
	kind,
	pattern: new RegExp(pattern, 'uy'),
	inDrug: 'in_drug' in rest
}));
const SEPARATORS = new RegExp(rules.separators, 'uy');
const SPACES = new RegExp(rules.spaces, 'gu');
const DRUG_WORD = new RegExp(`^(?:${rules.drug_word})$`, 'u');
const ERROR_PRONE: Record<string, Record<string, string>> = rules.error_prone;
const UNITS: Record<string, string> = rules.units;
const ROUTES: Record<string, string> = rules.routes;
const FREQUENCIES: Record<string, unknown> = rules.frequencies;
const SPELLINGS: Record<string, string> = rules.frequency_spellings;
const PERIODS: Record<string, number> = rules.periods;
const lessThanDaily: readonly string[] = rules.less_than_daily;

/** The parts of a line. It never fails: what is wrong or missing is in what it returns. */
export function read(text: string, known: Known = {}): Signature {
	return new Reader(text.replace(SPACES, ' ').replace(/^ | $/g, '')).read(known);
}

/** What was read, in words, as the finished line says it. */
export function inWords(said: Signature, drugRoute?: string): string {
	const made = said.dose === null || said.dose_range ? '' : ` (${amount(said.dose, said.dose_unit)})`;
	const typed = unsettled(said);
	return directions(
		{ ...said, route: said.route ?? drugRoute ?? null },
		{
			dose: typed === null ? undefined : `${typed}${made}`,
			most:
				said.max_doses_in_24h === null || said.max_in_24h !== null
					? undefined
					: t(
							{ one: '{amount} doses', other: '{amount} doses' },
							{ amount: amount(said.max_doses_in_24h, null), n: said.max_doses_in_24h }
						)
		}
	);
}

/** The dose as it was typed where it is no single amount: `1 to 2 tablets`, `15 mg/kg`; else null. */
export function unsettled(said: Signature): string | null {
	if (said.dose_range) return ranged(said);
	return said.dose_per_kg === null ? null : `${amount(said.dose_per_kg, said.dose_unit)}/kg`;
}

/** What to write in place of what is refused, as it is typed, each with its meaning where that is another word. */
function instead(kind: string, write: string): string {
	const spoon = /^mL \(a (\d+) mL/.exec(write)?.[1];
	if (spoon) return t('mL (a {n} mL spoon is {n})', { n: spoon });
	const meaning = (one: string): string =>
		kind === 'frequency_error_prone'
			? frequencySaid(SPELLINGS[one] ?? one)
			: kind === 'route_error_prone'
				? routeSaid(ROUTES[one] ?? one)
				: unitSaid(one);
	const said = write.split(' or ').map((one) => (meaning(one) === one ? one : `${one} (${meaning(one)})`));
	return new Intl.ListFormat(tag(), { type: 'disjunction' }).format(said);
}

/** The high-alert drug that a text names as whole words. */
export function highAlert(text: string): HighAlert | null {
	const said = ` ${(text.toLowerCase().match(/[a-z]+/g) ?? []).join(' ')} `;
	return rules.high_alert.find(({ name }) => said.includes(` ${name} `)) ?? null;
}

type Asked = [field: string, code: Sentence, ...values: string[]];
type Groups = (string | undefined)[];

class Reader {
	private readonly small: string;
	private readonly said: Signature = {
		drug: '',
		dose: null,
		dose_unit: null,
		dose_range: null,
		range_per_kg: false,
		dose_per_kg: null,
		route: null,
		frequency: null,
		as_needed: false,
		as_needed_reason: null,
		max_in_24h: null,
		max_doses_in_24h: null,
		duration_days: null,
		quantity: null,
		instructions: null,
		high_alert: null,
		refusals: [],
		asks: [],
		unread: [],
		pieces: []
	};
	/** The first words that said each thing. */
	private readonly typed: Record<string, string> = {};
	private readonly words: string[] = [];
	private reason: string[] = [];
	private max: [number: number, unit: string] | null = null;
	private inDrug = true;
	private inReason = false;
	private doseIsWrong = false;

	constructor(private readonly text: string) {
		this.small = small(text);
	}

	read(known: Known): Signature {
		for (let place = 0; place < this.text.length;) {
			const between = at(SEPARATORS, this.small, place);
			if (between) {
				this.inReason &&= !between[0].trim();
				place += between[0].length;
				continue;
			}
			for (const { kind, pattern, inDrug } of RULES) {
				const found = inDrug && !this.inDrug ? null : at(pattern, this.small, place);
				if (!found) continue;
				const end = place + found[0].length;
				this.piece(kind, this.text.slice(place, end), found);
				place = end;
				break;
			}
		}
		return this.finished(known);
	}

	private piece(kind: string, text: string, found: RegExpExecArray): void {
		const before = this.said.refusals.length;
		if (kind === 'word') {
			kind = this.word(text);
		} else if (kind === 'drug' || kind === 'strength') {
			kind = 'drug';
			this.words.push(text);
		} else if (kind !== 'filler') {
			if (kind !== 'unread') this.part(kind, text, found[0], found.slice(1));
			this.inDrug = false;
			this.inReason = kind === 'as_needed';
		}
		if (kind === 'unread') this.said.unread.push(text);
		this.said.pieces.push({ kind: this.said.refusals.length > before ? 'refused' : kind, text });
	}

	/** A word that no rule knows: of the drug's name, of the reason, or unread. */
	private word(text: string): string {
		if (this.inReason) {
			this.reason.push(text);
			return 'as_needed_reason';
		}
		if (this.inDrug && DRUG_WORD.test(small(text))) {
			this.words.push(text);
			return 'drug';
		}
		this.inDrug = false;
		return 'unread';
	}

	private part(kind: string, text: string, found: string, groups: Groups): void {
		const [one = '', two, three = '', four] = groups;
		const spelling = folded(found);
		switch (kind) {
			case 'instructions':
				return this.once('instructions', text, inner(text, groups) || null);
			case 'decimal_comma':
				this.doseIsWrong = true;
				return this.refuse(text, kind, one, one.replace(',', '.'));
			case 'fraction':
				this.doseIsWrong = true;
				return this.refuse(text, kind, text, '0.5, 0.25 ...');
			case 'per_day':
				this.doseIsWrong = true;
				return this.refuse(text, kind, text);
			case 'max':
				return this.most(text, one, two);
			case 'duration': {
				const days = Number(one) * (PERIODS[two ?? three.charAt(0)] ?? NaN);
				if (days >= 1 && days <= rules.longest_days) return this.once('duration_days', text, days);
				return this.refuse(text, 'unknown_duration', text);
			}
			case 'quantity':
				if (Number(one) >= 1 && Number(one) <= rules.most_units)
					return this.once('quantity', text, Number(one));
				return this.refuse(text, 'unknown_quantity', text);
			case 'frequency':
				return this.once('frequency', text, SPELLINGS[spelling] ?? null);
			case 'every_hours': {
				const code = `q${Number(one || two)}h`;
				if (code in FREQUENCIES) return this.once('frequency', text, code);
				const hours = Object.keys(FREQUENCIES).filter((often) => /^q.*h$/.test(often));
				return this.refuse(text, 'unknown_frequency', text, hours.join(', '));
			}
			case 'dose':
				return this.dose(text, one, two, three, four);
			case 'as_needed':
				this.said.as_needed = true;
				return;
			case 'route':
				return this.once('route', text, ROUTES[spelling] ?? null);
			default: {
				const write = ERROR_PRONE[kind]?.[kind === 'unit_error_prone' ? found : spelling];
				this.refuse(text, 'error_prone', text, instead(kind, write ?? ''));
			}
		}
	}

	private dose(text: string, low: string, high: string | undefined, unit: string, perKg?: string): void {
		if ('dose' in this.typed) return this.refuse(text, 'two_doses', this.typed.dose ?? '', text);
		this.typed.dose = text;
		const least = this.number(text, low);
		const most = high ? this.number(text, high) : null;
		const known = this.unit(text, unit);
		if (least === null || (high && most === null) || (unit && known === null)) {
			this.doseIsWrong = true;
			return;
		}
		if (most !== null && least >= most) {
			this.doseIsWrong = true;
			return this.refuse(text, 'range_backwards', text);
		}
		this.said.dose_unit = known;
		if (most !== null) {
			this.said.dose_range = [least, most];
			this.said.range_per_kg = Boolean(perKg);
		} else if (perKg) this.said.dose_per_kg = least;
		else this.said.dose = least;
	}

	private most(text: string, number: string, unit = ''): void {
		if ('max' in this.typed) return this.refuse(text, 'twice', this.typed.max ?? '', text);
		this.typed.max = text;
		const exact = this.number(text, number);
		const known = /^doses?$/.test(unit) ? 'doses' : this.unit(text, unit);
		if (exact !== null && (known || !unit)) this.max = [exact, known ?? ''];
	}

	/** The unit as it is stored; what is misread is refused. */
	private unit(text: string, unit: string): string | null {
		const write = ERROR_PRONE.unit_error_prone?.[unit];
		if (write) {
			this.refuse(text, 'error_prone', unit, instead('unit_error_prone', write));
			return null;
		}
		return UNITS[unit] ?? null;
	}

	/** A number as it was typed; what is misread by its zeros, or cannot be stored, is refused. */
	private number(text: string, number: string): number | null {
		const digits = number.replaceAll(',', '');
		const decimals = digits.split('.')[1] ?? '';
		const exact = Number(digits);
		const wrong: [Sentence, boolean, ...string[]][] = [
			['naked_decimal', number.startsWith('.'), grouped(digits, ',')],
			['trailing_zero', decimals.endsWith('0'), grouped(digits, ',')],
			['too_fine', decimals.length > rules.decimals],
			['no_dose', exact === 0],
			['too_much', exact > rules.most]
		];
		for (const [code, is, ...values] of wrong) {
			if (!is) continue;
			this.refuse(text, code, number, ...values);
			return null;
		}
		return exact;
	}

	private once<Part extends keyof Signature>(name: Part, text: string, value: Signature[Part]): void {
		if (name in this.typed) return this.refuse(text, 'twice', this.typed[name] ?? '', text);
		this.typed[name] = text;
		this.said[name] = value;
	}

	private refuse(text: string, code: Sentence, ...values: string[]): void {
		this.said.refusals.push({ text, code, values, say: filled(code, values) });
	}

	/** With what follows from the parts, and what is still to be asked. */
	private finished({ weightKg = 0, drugName = '', drugRoute }: Known): Signature {
		const said = this.said;
		said.drug = this.words.join(' ');
		said.as_needed_reason = this.reason.join(' ') || null;
		said.high_alert = highAlert(drugName) ?? highAlert(said.drug);
		if (said.dose_per_kg !== null && weightKg > 0) this.byWeight(said.dose_per_kg, weightKg);
		const ofMax = this.convertMax();
		said.asks = [...this.asks(drugRoute), ...ofMax].map(([field, code, ...values]) => ({
			field,
			code,
			values,
			say: filled(code, values)
		}));
		return said;
	}

	private byWeight(perKg: number, weightKg: number): void {
		const made = timesRounded(perKg, weightKg);
		const typed = this.typed.dose ?? '';
		if (made > 0 && made <= rules.most) this.said.dose = made;
		else this.refuse(typed, made === 0 ? 'no_dose' : 'too_much', typed);
	}

	/** The maximum in the unit of the dose; where it cannot be converted exactly, it is asked for. */
	private convertMax(): Asked[] {
		if (!this.max) return [];
		const said = this.said;
		const [number, unit] = this.max;
		if (unit === 'doses') {
			said.max_doses_in_24h = number;
			if (said.dose !== null) said.max_in_24h = times(number, said.dose);
		} else if (!unit) {
			return [['max_in_24h', 'of_what', amount(number, null)]];
		} else if (unit === said.dose_unit) {
			said.max_in_24h = number;
		} else if (said.dose_unit) {
			said.max_in_24h = converted(number, unit, said.dose_unit);
			if (said.max_in_24h === null)
				return [['max_in_24h', 'at_most_in', amount(number, unit), said.dose_unit]];
		}
		return [];
	}

	private asks(drugRoute?: string): Asked[] {
		const said = this.said;
		const asked: Asked[] = [];
		const route = said.route ?? (drugRoute || null);
		const dosed = 'dose' in this.typed || this.doseIsWrong;
		if (!dosed && !said.instructions) asked.push(['dose', 'how_much']);
		if (said.dose_range) asked.push(['dose', 'which_of_range', ranged(said)]);
		const typed = said.dose_range ? said.dose_range[0] : said.dose;
		if (typed !== null && said.dose_unit === null) asked.push(['dose_unit', 'of_what', amount(typed, null)]);
		if (said.dose_per_kg !== null && said.dose === null)
			asked.push(['weight_kg', 'which_weight', `${amount(said.dose_per_kg, said.dose_unit)}/kg`]);
		if (route === null) asked.push(['route', 'which_route']);
		if (said.frequency === null && !said.as_needed) asked.push(['frequency', 'how_often']);
		const byMouth = route === null || route === 'oral';
		if (said.high_alert?.weekly && byMouth && said.frequency && !lessThanDaily.includes(said.frequency))
			asked.push(['frequency', 'weekly', said.high_alert.name]);
		if (said.as_needed && !said.as_needed_reason) asked.push(['as_needed_reason', 'for_what']);
		if (said.as_needed && dosed && !('max' in this.typed))
			asked.push(['max_in_24h', 'at_most', said.dose_unit ?? 'of it']);
		if (said.duration_days === null && said.quantity === null && said.frequency !== 'stat')
			asked.push(['duration_days', 'how_long']);
		return asked;
	}
}

/** Where a pattern reads from this place on. */
function at(pattern: RegExp, text: string, place: number): RegExpExecArray | null {
	pattern.lastIndex = place;
	return pattern.exec(text);
}

/** Small letters for A-Z and nothing else, so that every place stays where it is. */
function small(text: string): string {
	return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** As spellings are compared: no full stops, a space for a hyphen. */
function folded(text: string): string {
	return text.replaceAll('.', '').replace(/[-_]/g, ' ').trim().replace(/ +/g, ' ');
}

/** What stands between quotes, or after dashes, with its capitals. */
function inner(text: string, groups: Groups): string {
	const { length } = groups.find((group) => group !== undefined) ?? '';
	const start = /^["“]/.test(text) ? 1 : text.length - length;
	return text.slice(start, start + length).trim();
}

function filled(code: Sentence, values: string[]): string {
	return sentences[code].replace(/\{(\d)\}/g, (_, place: string) => values[Number(place)] ?? '');
}

function ranged(said: Signature): string {
	const [low, high] = said.dose_range ?? [0, 0];
	const most = `${amount(high, said.dose_unit)}${said.range_per_kg ? '/kg' : ''}`;
	return t('{low} to {high}', { low: amount(low, null), high: most });
}
