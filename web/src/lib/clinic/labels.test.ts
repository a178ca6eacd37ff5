import { describe, expect, it } from 'vitest';
import { portions } from './labels';

describe('directions on labels', () => {
	it('stay whole where they fit', () => {
		expect(portions('DOSE 500 mg – oral – three times a day')).toEqual([
			'DOSE 500 mg – oral – three times a day'
		]);
	});

	it('go on to another label without losing a word', () => {
		const long =
			`DOSE 1 g – oral – four times a day – ${'dissolve in water and drink at once '.repeat(8)}`.trim();
		const parts = portions(long, 60);
		expect(parts.length).toBeGreaterThan(3);
		expect(parts.every((part) => part.length <= 60)).toBe(true);
		expect(parts.join(' ')).toBe(long);
	});

	it('cut a word only where it is longer than a label', () => {
		expect(portions('a'.repeat(25), 10)).toEqual(['a'.repeat(10), 'a'.repeat(10), 'a'.repeat(5)]);
	});
});
