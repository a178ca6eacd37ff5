import { afterEach, describe, expect, it } from 'vitest';
import { useLocale } from '$lib/i18n';
import { dayAfter, dayAndMonth, dayBegins, useZone } from './dates';

describe('a day of the hospital', () => {
	afterEach(async () => {
		useZone('Africa/Lagos');
		await useLocale('en', '');
	});

	it('begins by the clock on its wall', () => {
		expect(dayBegins('2026-11-24')).toBe('2026-11-23T23:00:00.000Z');
	});

	it('begins at its own midnight also where clocks change', () => {
		useZone('Europe/Berlin');
		expect(dayBegins('2026-03-29')).toBe('2026-03-28T23:00:00.000Z');
		expect(dayBegins('2026-03-30')).toBe('2026-03-29T22:00:00.000Z');
		expect(dayBegins('2026-10-26')).toBe('2026-10-25T23:00:00.000Z');
	});

	it('is followed by the next, over months and years', () => {
		expect(dayAfter('2026-12-31')).toBe('2027-01-01');
		expect(dayAfter('2028-02-28')).toBe('2028-02-29');
	});

	it('without its year still tells June from July in French', async () => {
		expect(dayAndMonth('2026-11-24')).toBe('24‑Nov');
		await useLocale('fr', '/app/p/[id]/consult');
		expect(dayAndMonth('2026-06-24')).toBe('24‑juin');
		expect(dayAndMonth('2026-07-24')).toBe('24‑juil');
	});
});
