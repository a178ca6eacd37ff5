import { describe, expect, it } from 'vitest';
import { odd, refused, swapped } from './plausible';

describe('a value that cannot be is refused with what was probably meant', () => {
	it.each([
		['temperature_celsius', 98.6, '98.6 looks like °F; in °C it is 37.0: was that meant?'],
		['temperature_celsius', 3.7, '3.7 °C is impossible; was 37.0 meant?'],
		['height_cm', 1.72, '1.72 looks like metres; in cm it is 172: was that meant?'],
		['glucose_mmol_per_l', 180, '180 looks like mg/dL; in mmol/L it is 10.0: was that meant?'],
		['temperature_celsius', 60, '60 cannot be: it goes from 20 to 46'],
		['pulse_per_min', -1, '-1 cannot be: it goes from 0 to 350'],
		['pulse_per_min', 80.5, '80.5 is more exact than can be kept: at most 0 decimals'],
		['temperature_celsius', NaN, 'NaN cannot be: it goes from 20 to 46']
	])('%s %s', (name, value, said) => {
		expect(refused(name, value)?.say).toBe(said);
	});

	it.each([
		['temperature_celsius', 36.8],
		['weight_kg', 3.125],
		['spo2_percent', 0],
		['glucose_mmol_per_l', 150]
	])('but not %s %s', (name, value) => {
		expect(refused(name, value)).toBeNull();
	});

	it('such as a diastolic above the systolic', () => {
		expect(swapped(80, 120)?.say).toBe('80/120: the diastolic is higher; were the two swapped?');
		expect(swapped(120, 80)).toBeNull();
		expect(swapped(null, 80)).toBeNull();
	});
});

describe('a value that is odd is asked about once', () => {
	it.each([
		['pulse_per_min', 210, 40, '210 /min is unusual: is it so?'],
		['pulse_per_min', 210, null, '210 /min is unusual: is it so?'],
		['pulse_per_min', 210, 0, null],
		['weight_kg', 4, 0, null],
		['weight_kg', 4, 16, '4 kg is unusual: is it so?'],
		['temperature_celsius', 41.5, 40, null],
		['temperature_celsius', 41.6, 40, '41.6 °C is unusual: is it so?'],
		['pain_0_10', 10, 40, null]
	])('%s %s at %s', (name, value, ageYears, said) => {
		expect(odd(name, value, ageYears)?.say ?? null).toBe(said);
	});
});
