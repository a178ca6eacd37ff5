import { describe, expect, it } from 'vitest';
import { ceiling, extent, fitting, labelled, path, scale, spread, within } from './trend';

const NOW = Date.parse('2026-11-28T12:00:00Z');
const ago = (hours: number) => ({ taken_at: new Date(NOW - hours * 3_600_000).toISOString() });

describe('the time shown', () => {
	it('ends now', () => {
		const sets = [ago(1), ago(24), ago(24.1), ago(168), ago(169)];
		expect(within(sets, 'day', NOW)).toHaveLength(2);
		expect(within(sets, 'week', NOW)).toHaveLength(4);
		expect(within(sets, 'all', NOW)).toHaveLength(5);
	});

	it('is the shortest with a course to see', () => {
		expect(fitting([ago(1), ago(5)], NOW)).toBe('day');
		expect(fitting([ago(1), ago(30)], NOW)).toBe('week');
		expect(fitting([ago(1), ago(300)], NOW)).toBe('all');
		expect(fitting([], NOW)).toBe('all');
	});
});

describe('a scale', () => {
	it('is straight, also upside down', () => {
		const y = scale([0, 10], [100, 0]);
		expect([y(0), y(5), y(10)]).toEqual([100, 50, 0]);
	});

	it('puts a domain without length in the middle', () => {
		expect(scale([3, 3], [0, 10])(3)).toBe(5);
	});
});

describe('marks', () => {
	it.each([
		['lie where they belong', [10, 50, 90], [10, 50, 90]],
		['are pushed apart', [10, 12, 90], [10, 30, 90]],
		['stay inside at the end', [10, 88, 90], [10, 70, 90]],
		['stay inside at the start', [0, 2, 90], [10, 30, 90]],
		['alone', [200], [90]],
		['of none', [], []]
	])('%s', (_, places, shown) => {
		expect(spread(places, 20, 10, 90)).toEqual(shown);
	});

	it('are evenly spaced where they do not all fit', () => {
		expect(spread([10, 11, 12, 13, 14], 30, 10, 90)).toEqual([10, 30, 50, 70, 90]);
	});

	it('keep their order and their distance, however they fall', () => {
		for (let seed = 1; seed < 200; seed++) {
			const places = Array.from({ length: 1 + (seed % 9) }, (_, n) => (seed * 37 * (n + 1)) % 400).sort(
				(a, b) => a - b
			);
			const shown = spread(places, 26, 36, 440);
			shown.forEach((place, n) => {
				expect(place).toBeGreaterThanOrEqual(36 - 1e-9);
				expect(place).toBeLessThanOrEqual(440 + 1e-9);
				if (n) expect(place - shown[n - 1]!).toBeGreaterThanOrEqual(26 - 1e-9);
			});
		}
	});

	it('show their time where there is room, the newest first of all', () => {
		expect(labelled([0, 30, 100, 120], 58)).toEqual([false, true, false, true]);
		expect(labelled([0, 60, 120], 58)).toEqual([true, true, true]);
		expect(labelled([], 58)).toEqual([]);
	});
});

it('the NEWS2 axis shows both thresholds always, and a score of 20 at most', () => {
	expect(ceiling([])).toBe(10);
	expect(ceiling([0, 3])).toBe(10);
	expect(ceiling([14])).toBe(15);
	expect(ceiling([20])).toBe(20);
});

it('a flat course lies in the middle of its span', () => {
	expect(extent([37, 37], 2)).toEqual([36, 38]);
	expect(extent([35, 40], 2)).toEqual([35, 40]);
});

it('a path begins with a move', () => {
	expect(
		path([
			[0, 1],
			[2.25, 3]
		])
	).toBe('M0.0 1.0L2.3 3.0');
});
