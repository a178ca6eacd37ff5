import { afterAll, describe, expect, it } from 'vitest';
import { useLocale } from '$lib/i18n';
import { readDay } from './typedDay';

const TODAY = '2026-11-28';

describe('a day as people type it', () => {
	afterAll(() => useLocale('en', ''));

	it.each([
		['3/11/2026', '2026-11-03'],
		['03-Nov-2026', '2026-11-03'],
		['03\u2011Nov\u20112026', '2026-11-03'],
		['3 Nov 2026', '2026-11-03'],
		['3 november 2026', '2026-11-03'],
		['2026-11-03', '2026-11-03'],
		['3 nov', '2026-11-03'],
		['3.11.', '2026-11-03'],
		['3.11', '2026-11-03'],
		['today', '2026-11-28'],
		['Yesterday', '2026-11-27'],
		['30 days ago', '2026-10-29'],
		['29/2/2028', '2028-02-29'],
		['hier', '2026-11-27'],
		['aujourd’hui', '2026-11-28'],
		['3 août 2026', '2026-08-03'],
		['il y a 2 jours', '2026-11-26']
	])('%s', (typed, on) => expect(readDay(typed, TODAY)).toEqual({ on, at: null }));

	it.each([
		['3 Nov 2026 14:30', '2026-11-03', '14:30'],
		['yesterday 9.05', '2026-11-27', '09:05'],
		['2026-11-03T07:00', '2026-11-03', '07:00'],
		['hier à 7h15', '2026-11-27', '07:15']
	])('%s, with its time', (typed, on, at) => expect(readDay(typed, TODAY)).toEqual({ on, at }));

	it.each([
		['11/28/2026', 'There is no month 28: the day comes first.'],
		['31/4/2026', 'That month has no day 31.'],
		['3/11/26', 'Write the year in four digits.'],
		['soon', 'Write a day: 3 Nov 2026, 3/11/2026, today, yesterday.']
	])('%s is refused, and why', (typed, why) => expect(readDay(typed, TODAY)).toEqual({ why }));

	it('is nothing where nothing is typed', () => expect(readDay('  ', TODAY)).toBeNull());
});
