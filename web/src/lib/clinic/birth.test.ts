import { describe, expect, it } from 'vitest';
import { ageOn, birthTyped, readBirth } from './birth';

const TODAY = '2026-11-28';
const plain = (text: string) => text.replaceAll('\u2011', '-').replaceAll('\u00a0', ' ');

describe('a birth date or an age, from one field', () => {
	it.each([
		['14-Aug-1981', '1981-08-14', 'day', 'Born 14-Aug-1981 (45 y)'],
		['14/8/1981', '1981-08-14', 'day', 'Born 14-Aug-1981 (45 y)'],
		['14.08.1981', '1981-08-14', 'day', 'Born 14-Aug-1981 (45 y)'],
		['14 august 1981', '1981-08-14', 'day', 'Born 14-Aug-1981 (45 y)'],
		['14 août 1981', '1981-08-14', 'day', 'Born 14-Aug-1981 (45 y)'],
		['3 juillet 2020', '2020-07-03', 'day', 'Born 03-Jul-2020 (6 y 4 mo)'],
		['1981-08-14', '1981-08-14', 'day', 'Born 14-Aug-1981 (45 y)'],
		['29/2/2024', '2024-02-29', 'day', 'Born 29-Feb-2024 (2 y 8 mo)'],
		['28/11/2026', '2026-11-28', 'day', 'Born 28-Nov-2026 (born today)'],
		['5d', '2026-11-23', 'about_day', 'Born about 23-Nov-2026 (5 d)'],
		['~7 Nov 2026', '2026-11-07', 'about_day', 'Born about 07-Nov-2026 (21 d)'],
		['8 weeks', '2026-10-03', 'about_day', 'Born about 03-Oct-2026 (8 wk)'],
		['1981', '1981-07-01', 'year', 'Born 1981 (about 45 y)'],
		['2026', '2026-07-01', 'year', 'Born 2026 (about 0 y)'],
		['Aug 1981', '1981-08-15', 'month', 'Born Aug-1981 (about 45 y)'],
		['8/1981', '1981-08-15', 'month', 'Born Aug-1981 (about 45 y)'],
		['1981-08', '1981-08-15', 'month', 'Born Aug-1981 (about 45 y)'],
		['34y', '1992-05-28', 'estimated', 'about 1992, estimated'],
		['34 years', '1992-05-28', 'estimated', 'about 1992, estimated'],
		['~1992', '1992-07-01', 'estimated', 'about 1992, estimated'],
		['about 1992', '1992-07-01', 'estimated', 'about 1992, estimated'],
		['6m', '2026-05-28', 'month', 'Born May-2026 (about 6 mo)'],
		['2y 6m', '2024-05-28', 'month', 'Born May-2024 (about 2 y)'],
		['3w', '2026-11-07', 'about_day', 'Born about 07-Nov-2026 (21 d)']
	])('reads %s', (typed, born_on, born_precision, says) => {
		const read = readBirth(typed, TODAY);
		expect(read?.birth).toEqual({ born_on, born_precision });
		expect(plain(read?.birth ? read.says : '')).toBe(says);
	});

	it.each([
		['34', '34 what?'],
		['14/8/81', 'four digits'],
		['8/14/1981', 'no month 14'],
		['13/1981', 'no month 13'],
		['31-Feb-2020', 'no day 31'],
		['29/2/2023', 'no day 29'],
		['0/2/2023', 'no day 0'],
		['29/11/2026', 'future'],
		['2027', 'future'],
		['Dec 2026', 'future'],
		['1/1/1890', 'more than 130 years'],
		['140y', 'Nobody is 140'],
		['0y', 'Under a year'],
		['yesterday', 'Write a date'],
		['14 Foo 1981', 'Write a date']
	])('refuses %s and says why', (typed, why) => {
		expect(readBirth(typed, TODAY)?.why).toContain(why);
	});

	it('says nothing of an empty field', () => {
		expect(readBirth('  ', TODAY)).toBeNull();
	});

	it('does not put this year or month after today', () => {
		expect(readBirth('2026', '2026-02-03')?.birth?.born_on).toBe('2026-01-01');
		expect(readBirth('Feb 2026', '2026-02-03')?.birth?.born_on).toBe('2026-02-01');
	});

	it('takes the last day where a month is shorter', () => {
		expect(readBirth('3m', '2026-05-31')?.birth?.born_on).toBe('2026-02-28');
	});

	it.each([
		{ born_on: '1981-08-14', born_precision: 'day' },
		{ born_on: '1981-08-15', born_precision: 'month' },
		{ born_on: '1981-07-01', born_precision: 'year' },
		{ born_on: '1992-07-01', born_precision: 'estimated' },
		{ born_on: '2026-11-07', born_precision: 'about_day' }
	])('reads $born_precision as it was typed by itself', (birth) => {
		expect(readBirth(birthTyped(birth), TODAY)?.birth).toEqual(birth);
	});
});

describe('an age', () => {
	it.each([
		['2026-11-01', '27 d'],
		['2026-10-31', '4 wk'],
		['2025-11-29', '52 wk'],
		['2025-11-28', '12 mo'],
		['2024-11-29', '23 mo'],
		['2024-11-28', '2 y'],
		['2008-11-29', '17 y 11 mo'],
		['2008-11-28', '18 y']
	])('of who was born on %s is %s', (born, age) => {
		expect(ageOn(born, TODAY)).toBe(age);
	});
});
