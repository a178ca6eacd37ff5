import { describe, expect, it } from 'vitest';
import { marks } from './scale';

describe('the marks of an axis', () => {
	it.each([
		[0, [0, 1]],
		[1, [0, 1]],
		[3, [0, 1, 2, 3]],
		[7, [0, 2, 4, 6, 8]],
		[41, [0, 20, 40, 60]],
		[200, [0, 50, 100, 150, 200]],
		[1301, [0, 500, 1000, 1500]]
	])('for a highest of %d are round and reach it', (highest, expected) => {
		expect(marks(highest)).toEqual(expected);
	});

	it('never are more than five, and always reach the highest', () => {
		for (let highest = 0; highest < 3000; highest += 7) {
			const made = marks(highest);
			expect(made.length).toBeLessThanOrEqual(5);
			expect(made.at(-1)).toBeGreaterThanOrEqual(highest);
		}
	});
});
