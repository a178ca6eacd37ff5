/** What cannot be, and what is odd about a measurement, said while it is typed: the limits of `hmis/vitals`. */
import type { Observed } from './observations';
import { vitals as rules } from './rules.json';

/** `t(sentence, values)` says it in the language in force; `say` is the English. */
export type Doubt = { sentence: string; values: string[]; say: string };

type Limits = Record<string, (number | string)[]>;
const BOUNDS: Record<string, number[]> = rules.bounds;
const AT_ANY_AGE: Limits = rules.odd_at_any_age;
const IN_ADULTS: Limits = rules.odd_in_adults;
const OTHER_UNITS: Record<string, OtherUnit[]> = rules.other_units;

type OtherUnit = {
	lowest: string;
	highest: string;
	shift: number;
	numerator: number;
	denominator: number;
	decimals: number;
	say: string;
};

/** Why a value cannot be stored, with what was probably meant (98.6: in °C it is 37.0); null where it can. */
export function refused(name: string, value: number): Doubt | null {
	for (const other of OTHER_UNITS[name] ?? []) {
		if (!(value >= Number(other.lowest) && value <= Number(other.highest))) continue;
		const meant = ((value + other.shift) * other.numerator) / other.denominator;
		return doubt(other.say, value, rounded(meant, other.decimals));
	}
	const [lowest = -Infinity, highest = Infinity, decimals = 0] = BOUNDS[name] ?? [];
	if (!(value >= lowest && value <= highest))
		return doubt(rules.sentences.out_of_bounds, value, lowest, highest);
	if (BOUNDS[name] && (String(value).split('.')[1] ?? '').length > decimals)
		return doubt(rules.sentences.too_fine, value, decimals);
	return null;
}

/** What is to be asked once about a value that can be, but is more often a slip; null where it is not odd. */
export function odd(name: string, value: number, ageYears: number | null): Doubt | null {
	const adult = ageYears === null || ageYears >= rules.adult;
	const limits = (adult ? IN_ADULTS[name] : undefined) ?? AT_ANY_AGE[name];
	if (!limits) return null;
	const [lowest, highest, unit = ''] = limits;
	const usual = value >= Number(lowest) && value <= Number(highest);
	return usual ? null : doubt(rules.sentences.odd, value, unit);
}

/** A blood pressure that cannot be: the diastolic higher than the systolic. */
export function swapped(systolic: number | null, diastolic: number | null): Doubt | null {
	if (systolic === null || diastolic === null || diastolic <= systolic) return null;
	return doubt(rules.sentences.swapped, systolic, diastolic);
}

/** What may be scored: a value that cannot be is no measurement, nor is a pressure typed the wrong way round. */
export function possible(observed: Observed): Observed {
	const crossed = swapped(observed.systolic_mmhg ?? null, observed.diastolic_mmhg ?? null);
	const kept = Object.entries(observed).filter(
		([name, value]) =>
			!(typeof value === 'number' && refused(name, value)) && !(crossed && name.endsWith('stolic_mmhg'))
	);
	return Object.fromEntries(kept) as Observed;
}

function rounded(number: number, decimals: number): string {
	const scale = 10 ** decimals;
	return (Math.round(Number((number * scale).toFixed(6))) / scale).toFixed(decimals);
}

function doubt(sentence: string, ...said: (number | string)[]): Doubt {
	const values = said.map(String);
	return {
		sentence,
		values,
		say: sentence.replace(/\{(\d)\}/g, (_, place: string) => values[Number(place)] ?? '')
	};
}
