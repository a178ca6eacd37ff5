import { describe, expect, it } from 'vitest';
import type { VitalSignOut } from '$lib/api/schema';
import {
	ageInYears,
	ALL,
	BEDSIDE,
	changes,
	changesSaid,
	observedFrom,
	oxygenIn,
	pregnantNow,
	read,
	typedFrom,
	valueSaid,
	type FieldName
} from './observations';

const one = (name: FieldName) => ALL.find((field) => field.name === name)!;
const RECORDED = {
	...Object.fromEntries(ALL.map((field) => [field.name, null])),
	respirations_per_min: 16,
	oxygen: false,
	consciousness: 'A',
	temperature_celsius: 36.8
} as unknown as VitalSignOut;

describe('what is typed is read as it is meant', () => {
	it.each([
		['temperature_celsius', '36.8', 36.8],
		['temperature_celsius', '36,8', 36.8],
		['temperature_celsius', ' 37 ', 37],
		['temperature_celsius', '37.', 37],
		['weight_kg', '3.125', 3.125],
		['respirations_per_min', '016', 16],
		['oxygen', 'a', false],
		['oxygen', 'Air', false],
		['oxygen', 'o', true],
		['oxygen', 'O2 4 mask', true],
		['oxygen', 'O2', true],
		['oxygen', 'oxygen', true],
		['oxygen', 'o 4', true],
		['oxygen', 'o 2,5 nc', true],
		['oxygen', 'o venturi', true],
		['oxygen', 'o non-rebreather', true],
		['consciousness', 'a', 'A'],
		['consciousness', 'U', 'U'],
		['oxygen_device', 'n', 'n']
	] as const)('%s %j', (name, typed, value) => {
		expect(read(one(name), typed)).toEqual({ is: 'value', value });
	});

	it.each(BEDSIDE.map((field) => field.name))('N in %s is "not done"', (name) => {
		expect(read(one(name), 'n').is).toBe('not done');
		expect(read(one(name), 'N').is).toBe('not done');
	});

	it.each([
		['pulse_per_min', '8o'],
		['pulse_per_min', '80.5'],
		['pulse_per_min', '-80'],
		['pulse_per_min', '8e1'],
		['temperature_celsius', '36.85'],
		['temperature_celsius', '.'],
		['consciousness', 'AV'],
		['consciousness', 'x'],
		['oxygen', 'x'],
		['oxygen', 'off'],
		['oxygen', 'Off O2'],
		['oxygen', 'on air'],
		['oxygen', 'o off'],
		['oxygen', 'o2 no'],
		['oxygen', 'o non'],
		['oxygen', 'o 0'],
		['oxygen', 'o4'],
		['oxygen', 'also'],
		['oxygen', 'oxygen stopped'],
		['oxygen', 'air 4']
	] as const)('%s %j is asked about', (name, typed) => {
		expect(read(one(name), typed).is).toBe('unclear');
	});

	it('and an empty field is nothing, never a normal value', () => {
		for (const field of ALL) expect(read(field, ' ').is).toBe('empty');
		expect(observedFrom({})).toEqual({});
	});
});

describe('oxygen typed in one go', () => {
	it.each([
		['o 4 mask', { flow: '4', device: 'simple face mask' }],
		['o 2 nc', { flow: '2', device: 'nasal cannula' }],
		['o 2,5', { flow: '2.5' }],
		['o 15 L non-rebreather', { flow: '15', device: 'non-rebreather mask' }],
		['oxygen 10 l/min tent', { flow: '10', device: 'tent' }],
		['o venturi', { device: 'Venturi mask' }]
	])('%s', (typed, found) => {
		expect(oxygenIn(typed)).toEqual(found);
	});

	it.each(['o', 'a', 'o ', ''])('%j says no more', (typed) => {
		expect(oxygenIn(typed)).toBeNull();
	});

	it('is not sent on air', () => {
		const typed = { oxygen: 'a', oxygen_litres_per_min: '4', oxygen_device: 'mask' };
		expect(observedFrom(typed)).toEqual({ oxygen: false });
		expect(observedFrom({ ...typed, oxygen: 'o' })).toEqual({
			oxygen: true,
			oxygen_litres_per_min: 4,
			oxygen_device: 'mask'
		});
	});
});

describe('a correction', () => {
	it('sends what was changed and nothing else', () => {
		const typed = { ...typedFrom(RECORDED), temperature_celsius: '38.6', pulse_per_min: '90' };
		expect(changes(RECORDED, typed)).toEqual({ temperature_celsius: 38.6, pulse_per_min: 90 });
		expect(changes(RECORDED, typedFrom(RECORDED))).toEqual({});
	});

	it('takes out what was emptied', () => {
		const typed = { ...typedFrom(RECORDED), respirations_per_min: '', oxygen: 'n' };
		expect(changes(RECORDED, typed)).toEqual({ respirations_per_min: null, oxygen: null });
	});

	it('is carried into an addendum in words', () => {
		expect(changesSaid(RECORDED, { temperature_celsius: 38.6, oxygen: true, pulse_per_min: 90 })).toBe(
			'Air or oxygen: oxygen (recorded: air)\n' +
				'Pulse: 90/min (recorded: not measured)\n' +
				'Temperature: 38.6\u00a0°C (recorded: 36.8\u00a0°C)'
		);
	});
});

it('a value is said with its unit', () => {
	expect(valueSaid('spo2_percent', 98)).toBe('98%');
	expect(valueSaid('consciousness', 'C')).toBe('C (New confusion)');
	expect(valueSaid('weight_kg', null)).toBe('not measured');
});

describe('whom NEWS2 is for', () => {
	it.each([
		['2010-11-28', 16],
		['2010-11-29', 15],
		['2026-11-28', 0],
		[null, null]
	])('born %s: %s', (born, age) => {
		expect(ageInYears(born, '2026-11-28')).toBe(age);
	});

	it('a pregnancy lasts 294 days from the day it was said', () => {
		const held = (on: string | null) => ({ pregnancy: 'pregnant', pregnancy_held_on: on });
		expect(pregnantNow(held('2026-02-07'), '2026-11-28')).toBe(true);
		expect(pregnantNow(held('2026-02-06'), '2026-11-28')).toBe(false);
		expect(pregnantNow(held(null), '2026-11-28')).toBe(false);
		expect(pregnantNow({ pregnancy: 'not_pregnant', pregnancy_held_on: '2026-11-01' }, '2026-11-28')).toBe(
			false
		);
		expect(pregnantNow(null, '2026-11-28')).toBe(false);
	});
});
