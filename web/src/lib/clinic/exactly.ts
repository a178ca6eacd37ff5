/**
 * Amounts of a line reckoned exactly, in whole thousandths as they are stored: a dose of 0.1 + 0.2 is no dose.
 */
import { signature as rules } from './rules.json';

const MEASURES: Record<string, (string | number)[]> = rules.measures;

function thousandths(number: number): bigint {
	return BigInt(Math.round(number * 1000));
}

/** So many times an amount; null where it cannot be stored exactly. */
export function times(number: number, of: number): number | null {
	return storable(thousandths(number) * thousandths(of), 1000n);
}

/** So many times an amount, to the nearest thousandth. */
export function timesRounded(number: number, of: number): number {
	return Number((thousandths(number) * thousandths(of) + 500n) / 1000n) / 1000;
}

/** So many thousandths as a number; null where they would have to be rounded, or are too many. */
function storable(numerator: bigint, denominator: bigint): number | null {
	if (numerator % denominator) return null;
	const number = Number(numerator / denominator) / 1000;
	return number <= rules.most ? number : null;
}

/** An amount in another unit of the same kind (1 g is 1000 mg); null where that cannot be, or not exactly. */
export function converted(number: number, unit: string, into: string): number | null {
	const [kind, up = 1, down = 1] = MEASURES[unit] ?? [];
	const [other, upInto = 1, downInto = 1] = MEASURES[into] ?? [];
	if (kind === undefined || kind !== other || kind === 'count') return null;
	return storable(thousandths(number) * BigInt(up) * BigInt(downInto), BigInt(down) * BigInt(upInto));
}
