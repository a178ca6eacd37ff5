/** A line of a prescription in words, as `hmis/prescriptions/wording.py` prints it on labels and papers. */
import { signature } from './rules.json';

/** How a drug is to be taken; a `LineOut` of the API is one. */
export type Ordered = {
	dose: number | null;
	dose_unit: string | null;
	route: string | null;
	frequency: string | null;
	as_needed: boolean;
	as_needed_reason: string | null;
	max_in_24h: number | null;
	duration_days: number | null;
	instructions: string | null;
};

const smaller: Record<string, string> = signature.smaller;
const plurals: Record<string, string> = signature.plurals;
const frequencies: Record<string, { words: string; once_only: boolean }> = signature.frequencies;
const tall = new Map(signature.tall_man.flat().map((name) => [name.toLowerCase(), name]));

/**
 * `DOSE 500 mg – oral – three times a day – for 5 days`. `instead` says a dose or a maximum that is no single amount
 * yet.
 */
export function directions(line: Ordered, instead: { dose?: string; most?: string } = {}): string {
	const dose = instead.dose ?? (line.dose === null ? null : amount(line.dose, line.dose_unit));
	const most = instead.most ?? (line.max_in_24h === null ? null : amount(line.max_in_24h, line.dose_unit));
	const often = line.frequency && (frequencies[line.frequency]?.words ?? line.frequency);
	const days = line.duration_days;
	return [
		dose && `DOSE ${dose}`,
		line.route,
		often,
		line.as_needed && (line.as_needed_reason ? `as required: ${line.as_needed_reason}` : 'as required'),
		most && `max ${most} in 24 hours`,
		days && (days === 1 ? 'for 1 day' : `for ${days} days`),
		line.instructions
	]
		.filter(Boolean)
		.join(' – ');
}

/** A number with its unit, never parted: 1,200,000 units, 2 tablets; 0.125 mg is 125 micrograms. */
export function amount(number: number, unit: string | null): string {
	for (let less; unit && (less = smaller[unit]) && number > 0 && number < 1; unit = less) number *= 1000;
	if (unit && number > 1) unit = plurals[unit] ?? unit;
	const shown = grouped(number.toFixed(3));
	return unit ? `${shown}\u00a0${unit}` : shown;
}

/** Digits as they are shown: a comma for each thousand, a zero before the point and none behind. */
export function grouped(digits: string): string {
	const [whole = '', decimals = ''] = digits.split('.');
	const thousands = (whole.replace(/^0+/, '') || '0').replace(/\B(?=(?:\d{3})+$)/g, ',');
	const rest = decimals.replace(/0+$/, '');
	return rest ? `${thousands}.${rest}` : thousands;
}

/** A drug's name as it is shown, told apart from its look-alikes: hydrALAZINE. To be read aloud as it was. */
export function tallMan(name: string): string {
	return name.replace(/[a-z]+/gi, (word) => tall.get(word.toLowerCase()) ?? word);
}
