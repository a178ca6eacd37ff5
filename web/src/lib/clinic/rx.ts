/** From a typed line and its fields to a line for the basket. */
import { t } from '$lib/i18n';
import type { DrugBrief, FavouriteOut } from '$lib/api/schema';
import { converted, times } from './exactly';
import { signature } from './rules.json';
import {
	highAlert,
	read,
	sentences,
	unsettled,
	type Ask,
	type Refusal,
	type Sentence,
	type Signature
} from './signature';
import { unitSaid } from './medicineWords';
import { directions } from './wording';
import type { Rx } from './consultation';

/** What a person put into the fields by hand, numbers as they were typed; it outweighs what was read from the line. */
export type Fields = {
	dose?: string;
	dose_unit?: string | null;
	route?: string | null;
	frequency?: string | null;
	as_needed?: boolean;
	as_needed_reason?: string | null;
	max_in_24h?: string;
	/** The unit in which the maximum was typed: another unit later does not make it another amount. */
	max_unit?: string | null;
	duration_days?: string;
	quantity?: string;
	instructions?: string | null;
	weight_kg?: string;
	/** The dose is to be said for this patient, whatever else the line says. */
	dose_anew?: boolean;
};
export type NumberField = 'dose' | 'max_in_24h' | 'duration_days' | 'quantity' | 'weight_kg';
/** A drug as far as a line needs it. */
export type Medicine = DrugBrief & { route?: string | null };

const codes: Record<string, { words: string; once_only: boolean }> = signature.frequencies;
const lessThanDaily: readonly string[] = signature.less_than_daily;
const HEAVIEST_KG = 650; // as the server takes it
const GROWN_UP_YEARS = 16; // as for NEWS2: below it a dose goes by weight or age

/** How often, for a list to choose from. */
export const FREQUENCIES = Object.keys(codes);
/** The routes, for a list to choose from. */
export const ROUTES = [...new Set(Object.values(signature.routes as Record<string, string>))].sort();
/** The units, for a list to choose from. */
export const UNITS = [...new Set(Object.values(signature.units as Record<string, string>))].sort();

/** What is left of a line when the leading words, which named the drug, are taken away. */
export function withoutDrug(text: string): string {
	const tidy = text.replace(/\s+/g, ' ').trimStart();
	let end = 0;
	for (const piece of read(tidy).pieces) {
		if (piece.kind !== 'drug') break;
		end = tidy.indexOf(piece.text, end) + piece.text.length;
	}
	return tidy.slice(end).replace(/^[\s,;:–-]+/, '');
}

export type Reading = {
	/** Exactly what would be added; its `directions` are what is shown of it. */
	line: Rx | null;
	said: Signature;
	/** What has to be rewritten, in the language in force. */
	refusals: Refusal[];
	asks: Ask[];
	/** Fields that hold no number that can be taken, and why. With one of these nothing is added. */
	wrong: Partial<Record<NumberField, string>>;
	alert: ReturnType<typeof highAlert>;
	weightKg: number | null;
	/** The range or the dose per kg that was typed, while no dose was put into its field. */
	typedDose: string | null;
};

/** A number of a field as it was typed: the number, nothing, or what is wrong with it. */
export function numberOf(field: NumberField, typed: string): { value: number | null; wrong?: string } {
	const text = typed.trim();
	if (!text) return { value: null };
	const wrong = (say: string) => ({ value: null, wrong: say });
	const refused = (code: Sentence, instead = '') => wrong(t(sentences[code], { 0: text, 1: instead }));
	const groups = /^[1-9]\d{0,2}(,\d{3})+$/.test(text);
	if (groups) return refused('decimal_comma', text.replaceAll(',', ''));
	if (/^\d+,\d+$/.test(text)) return refused('decimal_comma', text.replace(',', '.'));
	if (/^\.\d+$/.test(text)) return refused('naked_decimal', `0${text}`);
	if (!/^\d+(\.\d+)?$/.test(text)) return wrong(t('“{text}” is not a number: write figures only.', { text }));
	const value = Number(text);
	const whole = { quantity: signature.most_units, duration_days: signature.longest_days }[field as string];
	if (whole !== undefined)
		return Number.isInteger(value) && value >= 1 && value <= whole
			? { value }
			: wrong(t('Write a whole number from 1 to {most}.', { most: whole }));
	if (value === 0) return wrong(t('Write more than nothing.'));
	if ((text.split('.')[1]?.replace(/0+$/, '') ?? '').length > signature.decimals) return refused('too_fine');
	if (value > (field === 'weight_kg' ? HEAVIEST_KG : signature.most)) return refused('too_much');
	return { value };
}

/** A line as it stands now: what was typed, the drug that was chosen, and the fields. */
export function reading(text: string, drug: Medicine | null, fields: Fields, weightKg?: number): Reading {
	const wrong: Reading['wrong'] = {};
	const number = <Else>(field: NumberField, otherwise: Else): number | null | Else => {
		const typed = fields[field];
		if (typed === undefined) return otherwise;
		const found = numberOf(field, typed);
		if (found.wrong) wrong[field] = found.wrong;
		return found.value;
	};
	const weight = number('weight_kg', weightKg ?? null);
	const said = read(text, {
		weightKg: weight ?? undefined,
		drugName: drug?.generic_name,
		drugRoute: drug?.route ?? undefined
	});
	if (said.dose_per_kg === null) delete wrong.weight_kg; // it is not asked for, nor shown
	const alert = drug ? (highAlert(drug.generic_name) ?? said.high_alert) : said.high_alert;
	const typedDose = fields.dose === undefined ? unsettled(said) : null;
	const refusals = said.refusals.map(inLanguage);
	const rest = { said, refusals, wrong, alert, weightKg: weight, typedDose };
	if (!drug) return { line: null, asks: said.asks.map(inLanguage), ...rest };
	const of = <K extends keyof Signature & keyof Fields>(name: K): Signature[K] =>
		(fields[name] === undefined ? said[name] : fields[name]) as Signature[K];
	const [dose, unit] = [number('dose', said.dose), of('dose_unit')];
	const line: Rx = {
		drug,
		dose,
		dose_unit: unit,
		route: of('route') ?? drug.route ?? null,
		frequency: of('frequency'),
		as_needed: of('as_needed'),
		as_needed_reason: of('as_needed_reason'),
		max_in_24h: number('max_in_24h', undefined) ?? null,
		duration_days: number('duration_days', said.duration_days),
		quantity: number('quantity', said.quantity),
		instructions: of('instructions'),
		supply: null,
		supply_unit: null,
		confirmed: false
	};
	line.max_in_24h =
		fields.max_in_24h === undefined
			? mostTyped(said, line)
			: inUnit(line.max_in_24h, fields.max_unit ?? null, unit);
	if (!line.as_needed) line.as_needed_reason = null;
	const asks = missing(line, said, fields, alert).filter((ask) => !(ask.field in wrong));
	return { line, asks: asks.map(inLanguage), ...rest };
}

/** What is asked or refused, said in the language in force; the server and the grammar say it in English. */
function inLanguage<Said extends Ask | Refusal>(one: Said): Said {
	const { code, values } = one;
	return { ...one, say: t(sentences[code], Object.fromEntries(values.map(unitSaid).entries())) };
}

/** The maximum of the typed line, for the dose and the unit that the line has by now. */
function mostTyped(said: Signature, line: Rx): number | null {
	if (said.max_doses_in_24h === null) return inUnit(said.max_in_24h, said.dose_unit, line.dose_unit);
	return line.dose === null ? null : times(said.max_doses_in_24h, line.dose);
}

/** The same amount in the unit of the dose; null where it is not the same kind of unit, so that it is asked anew. */
function inUnit(number: number | null, unit: string | null, into: string | null): number | null {
	if (number === null || unit === into) return number;
	return unit && into ? converted(number, unit, into) : null;
}

/** What a yes to a doubt was said to: this line of this drug and these doubts, and nothing else. */
export function questioned(line: Rx, doubts: string[]): string {
	return JSON.stringify([line.drug.id, typedAs(line), doubts]);
}

/** Whether somebody is so young, or of so unknown an age, that no dose of another patient is offered for them. */
export function dosedAnew(ageYears: number | null): boolean {
	return ageYears === null || ageYears < GROWN_UP_YEARS;
}

/**
 * Whether a favourite was measured out for somebody's weight, as far as that can be told: milligrams of a liquid by
 * mouth. How a dose was reckoned is not stored with it.
 */
function measuredOut(one: FavouriteOut): boolean {
	const liquid = /\/\s*[\d.]*\s*mL\b/i.test(one.drug.strength ?? '');
	return liquid && one.route === 'oral' && /^(m?g|(micro|nano)grams)$/.test(one.dose_unit ?? '');
}

/** Whether the amounts of a favourite stay away: for who is dosed by weight or age, or where it was so written. */
export function withoutAmounts(one: FavouriteOut, anew: boolean): boolean {
	return one.dose !== null && (anew || measuredOut(one));
}

/** A favourite as it is offered: without another patient's amounts where the dose is asked anew. */
export function offered(one: FavouriteOut, anew: boolean): Rx {
	const amounts = withoutAmounts(one, anew)
		? { dose: null, dose_unit: null, max_in_24h: null, quantity: null }
		: {};
	const { drug, dose, dose_unit, route, frequency, as_needed, as_needed_reason } = one;
	const { max_in_24h, duration_days, quantity, instructions } = one;
	return {
		drug,
		...{ dose, dose_unit, route, frequency, as_needed, as_needed_reason },
		...{ max_in_24h, duration_days, quantity, instructions },
		...{ supply: null, supply_unit: null, confirmed: false },
		...amounts
	};
}

/** A favourite as one would have typed it; what the line cannot say goes into the fields. */
export function taken(one: FavouriteOut, anew: boolean): { text: string; fields: Fields } {
	const wanted = offered(one, anew);
	const text = typedAs(wanted);
	const { said } = reading(text, null, {});
	const readable = !said.drug && !said.unread.length && !said.refusals.length;
	const fields: Fields = {};
	const got: Rx | null = readable ? reading(text, one.drug, {}).line : reading('', one.drug, {}).line;
	const word = (value: number | null) => (value === null ? '' : `${value}`);
	const differs = (name: keyof Rx & keyof Fields) => (got?.[name] ?? null) !== (wanted[name] ?? null);
	for (const name of ['dose_unit', 'route', 'frequency', 'as_needed_reason', 'instructions'] as const)
		if (differs(name)) fields[name] = wanted[name];
	for (const name of ['dose', 'max_in_24h', 'duration_days', 'quantity'] as const)
		if (differs(name)) fields[name] = word(wanted[name]);
	if (fields.max_in_24h !== undefined) fields.max_unit = wanted.dose_unit;
	if (differs('as_needed')) fields.as_needed = wanted.as_needed;
	if (withoutAmounts(one, anew)) fields.dose_anew = true;
	return { text: readable ? text : '', fields };
}

/** What of a favourite is shown: how it is taken, without another patient's amounts where the dose is asked anew. */
export function favouriteSaid(one: FavouriteOut, anew: boolean): string {
	return directions(offered(one, anew));
}

/** What is still to be said of a line, whichever way it was written. */
function missing(line: Rx, said: Signature, fields: Fields, alert: Reading['alert']): Ask[] {
	const asks: Ask[] = said.asks.filter((ask) => {
		if (ask.field === 'weight_kg') return line.dose === null && fields.dose === undefined;
		if (ask.code === 'at_most_in' && fields.dose_unit !== undefined) return false;
		const value = line[ask.field as keyof Rx];
		return ask.code === 'weekly' ? false : value === null || value === undefined || value === '';
	});
	const add = (field: keyof Rx, code: Ask['code'], ...values: string[]): void => {
		if (asks.some((ask) => ask.field === field)) return;
		asks.push({ field, code, values, say: sentences[code] });
	};
	const byWeight = asks.some((ask) => ask.field === 'weight_kg');
	if (line.dose === null && !byWeight && (!line.instructions || fields.dose_anew)) add('dose', 'how_much');
	if (line.dose !== null && !line.dose_unit) add('dose_unit', 'of_what', `${line.dose}`);
	if (!line.route) add('route', 'which_route');
	if (!line.frequency && !line.as_needed) add('frequency', 'how_often');
	if (line.as_needed && !line.as_needed_reason) add('as_needed_reason', 'for_what');
	const most =
		fields.max_in_24h === undefined
			? said.max_in_24h !== null || said.max_doses_in_24h !== null
			: fields.max_in_24h.trim() !== '';
	if ((line.as_needed || most) && line.dose !== null && line.max_in_24h === null)
		add('max_in_24h', 'at_most', line.dose_unit ?? '');
	if (line.duration_days === null && line.quantity === null && line.frequency !== 'stat')
		add('duration_days', 'how_long');
	const daily = alert?.weekly && line.route === 'oral' && !lessThanDaily.includes(line.frequency ?? '');
	if (daily && line.frequency && (line.instructions ?? '').length < signature.reason_letters)
		add('frequency', 'weekly_or_why', alert.name);
	return asks;
}

/** The line as one would type it: for the server to reckon the supply, whichever way it was written. */
export function typedAs(line: Rx): string {
	return [
		line.dose === null ? '' : `${line.dose} ${line.dose_unit ?? ''}`,
		line.route ?? '',
		line.frequency === null ? '' : (codes[line.frequency]?.words ?? line.frequency),
		line.as_needed ? `prn ${line.as_needed_reason ?? ''};` : '',
		line.max_in_24h === null ? '' : `max ${line.max_in_24h} ${line.dose_unit ?? ''} in 24 hours`,
		line.duration_days === null ? '' : `for ${line.duration_days} days`,
		line.quantity === null ? '' : `#${line.quantity}`,
		line.instructions ? `"${line.instructions.replaceAll('"', "'")}"` : ''
	]
		.filter(Boolean)
		.join(' ');
}

/** A day to come back on, from `2/52`, `5 days`, `3/12`; null where it is not understood. */
export function daysAhead(text: string): number | null {
	return read(`x ${text.trim()}`).duration_days;
}
