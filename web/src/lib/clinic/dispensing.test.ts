import { describe, expect, it } from 'vitest';
import { changesBetween, dispensable, given, type Line } from './dispensing';

const line: Line = {
	id: 'a',
	drug: {
		name: 'paracetamol 500 mg tablet',
		generic_name: 'paracetamol',
		strength: '500 mg',
		form: 'tablet'
	},
	dose: 1,
	dose_unit: 'g',
	route: 'oral',
	frequency: 'qds',
	as_needed: false,
	as_needed_reason: null,
	max_in_24h: null,
	duration_days: 3,
	instructions: null,
	quantity: 24,
	quantity_unit: 'tablet',
	dispensed: 0,
	left: 24,
	confirmed: false,
	stopped: null,
	held: null
};
const act = { at: '2026-11-24T09:00:00Z', by: { name: 'Ada Okeke' }, reason: 'rash' };

describe('what can be handed out', () => {
	it('is what is left of a line that is neither held nor stopped', () => {
		expect(dispensable(line)).toBe(true);
		expect(dispensable({ ...line, left: 0 })).toBe(false);
		expect(dispensable({ ...line, left: null })).toBe(false);
		expect(dispensable({ ...line, held: act })).toBe(false);
		expect(dispensable({ ...line, stopped: act })).toBe(false);
	});

	it('is typed as a whole number, and nothing typed is nothing handed out', () => {
		expect(['24', ' 6 ', '', '0', '-1', '2.5', 'ten'].map(given)).toEqual([24, 6, 0, 0, null, null, null]);
	});
});

describe('what changed since it was read', () => {
	const now = (change: Partial<Line>) => changesBetween([line], [{ ...line, ...change }]);

	it('is nothing where nothing changed', () => expect(now({})).toEqual([]));

	it('is said of each line, with who and why', () => {
		expect(now({ dispensed: 20, left: 4 })).toEqual([
			'paracetamol 500 mg tablet: 20\u00a0tablets were dispensed elsewhere, 4\u00a0tablets are left'
		]);
		expect(now({ held: act })).toEqual(['paracetamol 500 mg tablet was held by Ada Okeke: rash']);
		expect(now({ stopped: act })).toEqual(['paracetamol 500 mg tablet was stopped by Ada Okeke: rash']);
		expect(now({ dose: 0.5 })[0]).toContain('DOSE 500\u00a0mg');
		expect(now({ quantity: 12, left: 12 })[0]).toContain('12\u00a0tablets');
	});

	it('tells of lines that came and went', () => {
		expect(changesBetween([line], [])).toEqual(['paracetamol 500 mg tablet was taken off the prescription']);
		expect(changesBetween([], [line])).toEqual(['paracetamol 500 mg tablet was added']);
	});
});
