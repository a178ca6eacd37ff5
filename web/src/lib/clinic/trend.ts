/** Where the marks of a trend go. Numbers in, numbers out; the drawing is the component's. */

export type Point = { at: number; value: number };
export type Range = 'day' | 'week' | 'all';

const HOUR = 3_600_000;
const LENGTH: Record<Range, number> = { day: 24 * HOUR, week: 168 * HOUR, all: Infinity };

/** What was taken within the range that ends now. */
export function within<T extends { taken_at: string }>(sets: readonly T[], range: Range, now: number): T[] {
	return sets.filter((one) => now - Date.parse(one.taken_at) <= LENGTH[range]);
}

/** The shortest range in which there is a course to see: two sets at least, or all there are. */
export function fitting(sets: readonly { taken_at: string }[], now: number): Range {
	if (within(sets, 'day', now).length >= 2) return 'day';
	if (within(sets, 'week', now).length >= 2) return 'week';
	return 'all';
}

/** A straight scale. A domain without length lies in the middle. */
export function scale(domain: [number, number], range: [number, number]): (value: number) => number {
	const [from, to] = domain;
	const [start, end] = range;
	if (from === to) return () => (start + end) / 2;
	return (value) => start + ((value - from) / (to - from)) * (end - start);
}

/**
 * Places along a line in their order, at least `gap` apart and between `from` and `to`; where they do not all fit,
 * evenly spaced.
 */
export function spread(places: readonly number[], gap: number, from: number, to: number): number[] {
	if (places.length < 2) return places.map((place) => Math.min(to, Math.max(from, place)));
	const even = (to - from) / (places.length - 1);
	if (even <= gap) return places.map((_, n) => from + n * even);
	const pushed: number[] = [];
	for (const place of places) {
		const before = pushed.at(-1);
		pushed.push(before === undefined ? Math.max(from, place) : Math.max(place, before + gap));
	}
	let edge = to;
	for (let n = pushed.length - 1; n >= 0 && pushed[n]! > edge; n--) {
		pushed[n] = edge;
		edge -= gap;
	}
	return pushed;
}

/** Which labels can be shown without touching, the last one first of all. */
export function labelled(places: readonly number[], width: number): boolean[] {
	const shown = places.map(() => false);
	let free = Infinity;
	for (let n = places.length - 1; n >= 0; n--) {
		if (places[n]! > free) continue;
		shown[n] = true;
		free = places[n]! - width;
	}
	return shown;
}

/** The height of the NEWS2 axis: up to 10 at least, and one above the highest. */
export function ceiling(totals: readonly number[]): number {
	return Math.min(20, Math.max(10, ...totals.map((total) => total + 1)));
}

/** A polyline through points. */
export function path(points: readonly (readonly [number, number])[]): string {
	return points.map(([x, y], n) => `${n ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
}

/** Lowest and highest of a row of numbers, widened so that a flat line lies in the middle. */
export function extent(values: readonly number[], least: number): [number, number] {
	const low = Math.min(...values);
	const high = Math.max(...values);
	const more = Math.max(0, (least - (high - low)) / 2);
	return [low - more, high + more];
}
