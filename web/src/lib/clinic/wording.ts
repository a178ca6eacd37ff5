/**
 * A line of a prescription in words of the language in force; in English as `hmis/prescriptions/wording.py` says it.
 */
import { byItself, t, tag } from '../i18n';
import { amountSaid, frequencySaid, routeSaid } from './medicineWords';
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
const tall = new Map(signature.tall_man.flat().map((name) => [name.toLowerCase(), name]));

/**
 * `DOSE 500 mg – oral – three times a day – for 5 days`. `instead` says a dose or a maximum that is no single amount
 * yet.
 */
export function directions(line: Ordered, instead: { dose?: string; most?: string } = {}): string {
	const dose = instead.dose ?? (line.dose === null ? null : amount(line.dose, line.dose_unit));
	const most = instead.most ?? (line.max_in_24h === null ? null : amount(line.max_in_24h, line.dose_unit));
	const days = line.duration_days;
	return [
		dose && t('DOSE {dose}', { dose }),
		line.route && routeSaid(line.route),
		line.frequency && frequencySaid(line.frequency),
		line.as_needed &&
			(line.as_needed_reason
				? t('as required: {reason}', { reason: line.as_needed_reason })
				: t('as required')),
		most && t('max {most} in 24 hours', { most }),
		days && t({ one: 'for {days} day', other: 'for {days} days' }, { days: String(days), n: days }),
		line.instructions
	]
		.filter(Boolean)
		.join(' – ');
}

/** One dose as the patient takes it, with what is in it: 2 tablets (1,000 mg); the dose alone where it is written so. */
export function doseTaken(line: Ordered & { each_time?: { amount: number; unit: string } | null }): string {
	const written = amount(line.dose ?? 0, line.dose_unit);
	return line.each_time ? `${amount(line.each_time.amount, line.each_time.unit)} (${written})` : written;
}

/** A number with its unit, never parted: 1,200,000 units, 2 tablets; 0.125 mg is 125 micrograms. */
export function amount(number: number, unit: string | null): string {
	for (let less; unit && (less = smaller[unit]) && number > 0 && number < 1; unit = less) number *= 1000;
	const shown = grouped(number.toFixed(3));
	return unit ? byItself(amountSaid(shown, number, unit)) : shown;
}

/**
 * Digits as they are shown: a comma for each thousand, a zero before the point and none behind. Where a comma is read
 * as the decimal point, a thousand has a space; the point stays, for a line takes no other.
 */
export function grouped(digits: string, thousand = tag() === 'en' ? ',' : '\u202f'): string {
	const [whole = '', decimals = ''] = digits.split('.');
	const thousands = (whole.replace(/^0+/, '') || '0').replace(/\B(?=(?:\d{3})+$)/g, thousand);
	const rest = decimals.replace(/0+$/, '');
	return rest ? `${thousands}.${rest}` : thousands;
}

/** A drug's name as it is shown, told apart from its look-alikes: hydrALAZINE. To be read aloud as it was. */
export function tallMan(name: string): string {
	return name.replace(/[a-z]+/gi, (word) => tall.get(word.toLowerCase()) ?? word);
}
