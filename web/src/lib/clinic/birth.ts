/**
 * When somebody was born, from one field: a date, part of a date, or an age. Pure: today is given.
 *
 * An age in years alone is an estimate, put in the middle of the year in which the birth can lie, as the server does;
 * months are known to the month. Weeks and days of an infant give the day they say, as an estimate: doses go by it.
 */
import { t } from '$lib/i18n';
import { monthNumber, plainly, wholeDay } from '$lib/ui/typedDay';
import { day, dayTyped, monthAndYear } from './dates';
import { ageSaid } from './people';

export type Precision = 'day' | 'month' | 'year' | 'estimated' | 'about_day';
export type Birth = { born_on: string; born_precision: Precision };
/** What was understood, with the words that say so; or why nothing was. */
export type BirthRead = { birth: Birth; says: string; why?: undefined } | { birth?: undefined; why: string };

/** Years. Nobody recorded has lived longer; the server refuses more. */
const OLDEST = 130;

/** Read what was typed; null for an empty field. `today` is the hospital's day, ISO. */
export function readBirth(text: string, today: string): BirthRead | null {
	const typed = plainly(text);
	if (!typed) return null;
	return age(typed, today) ?? about(typed, today) ?? date(typed, today) ?? { why: hint() };
}

/** A stored birth date as one types it, so that it is read as the same again. */
export function birthTyped(birth: { born_on?: string | null; born_precision?: string | null }): string {
	if (!birth.born_on) return '';
	const year = birth.born_on.slice(0, 4);
	const whole = dayTyped(birth.born_on);
	return (
		{ month: whole.slice(3), year, estimated: `~${year}`, about_day: `~${whole}` }[
			birth.born_precision ?? 'day'
		] ?? whole
	);
}

/** A stored birth date with the age the server tells: 14-Aug-1981 (45 y), about 1992, estimated (≈ 34 y); empty for none. */
export function bornSaid(patient: {
	born_on?: string | null;
	born_precision?: string | null;
	age: string | null;
}): string {
	if (!patient.born_on) return '';
	const year = patient.born_on.slice(0, 4);
	const shown =
		{
			month: monthAndYear(patient.born_on),
			year,
			estimated: t('about {year}, estimated', { year }),
			about_day: t('about {year}, estimated', { year: day(patient.born_on) })
		}[patient.born_precision ?? 'day'] ?? day(patient.born_on);
	return patient.age ? `${shown} (${ageSaid(patient.age)})` : shown;
}

/** How old somebody is on a day, as a bedside reads it: 12 d, 5 wk, 13 mo, 4 y 1 mo, 34 y. */
export function ageOn(bornOn: string, today: string): string {
	const days = Math.round((utc(today) - utc(bornOn)) / 86_400_000);
	if (days < 1) return t('born today');
	if (days < 28) return t('{days} d', { days });
	const months = wholeMonths(bornOn, today);
	if (months < 12) return t('{weeks} wk', { weeks: Math.floor(days / 7) });
	if (months < 24) return t('{months} mo', { months });
	const years = Math.floor(months / 12);
	const rest = months % 12;
	return years < 18 && rest
		? t('{years} y {months} mo', { years, months: rest })
		: t('{years} y', { years, n: years });
}

function hint(): string {
	return t('Write a date (14-Aug-1981, 14/8/1981), a year (1981), or an age (34y, 6m, 3w).');
}

/** 34y, 2y 6m, 6m, 3w, 5d, in whole words too. */
function age(typed: string, today: string): BirthRead | null {
	if (/^\d{1,3}$/.test(typed)) return { why: t('{n} what? Write {n}y, {n}m or {n}w.', { n: typed }) };
	const found =
		/^(?:(\d{1,3})\s*(?:y|yr|yrs|year|years|yo|a|an|ans)\.?)?\s*(?:(\d{1,3})\s*(?:m|mo|mos|mth|mths|month|months|mois)\.?)?$/.exec(
			typed
		);
	if (found && (found[1] || found[2])) return inMonths(found[1], found[2], today);
	const short = /^(\d{1,3})\s*(w|wk|wks|week|weeks|sem|semaines?|d|days?|j|jours?)\.?$/.exec(typed);
	if (!short) return null;
	const weeks = /^[ws]/.test(short[2] ?? '');
	const born = iso(utc(today) - Number(short[1]) * (weeks ? 7 : 1) * 86_400_000);
	return judged({ born_on: born, born_precision: 'about_day' }, today);
}

function inMonths(years: string | undefined, months: string | undefined, today: string): BirthRead {
	const y = Number(years ?? 0);
	if (y > OLDEST) return { why: t('Nobody is {years} years old: look at it again.', { years: y }) };
	if (months === undefined && y === 0)
		return { why: t('Under a year: write months (6m), weeks (3w) or days (5d).') };
	if (months === undefined)
		return judged({ born_on: monthsBefore(today, 12 * y + 6), born_precision: 'estimated' }, today);
	return judged({ born_on: monthsBefore(today, 12 * y + Number(months)), born_precision: 'month' }, today);
}

/** ~1992, about 1992, c. 1992, vers 1992; with a whole date, about that day. */
function about(typed: string, today: string): BirthRead | null {
	const found = /^(?:~|≈|about|abt|circa|c|vers|env)\.?\s*(\d.*)$/.exec(typed)?.[1];
	if (!found) return null;
	if (/^\d{4}$/.test(found)) return judged(within(found, null, 'estimated', today), today);
	const read = date(found, today);
	return read?.birth?.born_precision === 'day'
		? judged({ ...read.birth, born_precision: 'about_day' }, today)
		: null;
}

function date(typed: string, today: string): BirthRead | null {
	const parts = typed.split(/[\s/.,-]+/).filter(Boolean);
	if (parts.length === 1 && /^\d{4}$/.test(typed)) return judged(within(typed, null, 'year', today), today);
	if (parts.length === 2) return partial(parts as [string, string], today);
	if (parts.length !== 3) return null;
	const [first, middle, last] = parts as [string, string, string];
	const [d, m, y] = /^\d{4}$/.test(first) ? [last, middle, first] : [first, middle, last];
	const read = wholeDay(d, m, y);
	if (!read) return null;
	if (read.why !== undefined) return { why: read.why };
	return judged({ born_on: read.on, born_precision: 'day' }, today);
}

function partial([first, second]: [string, string], today: string): BirthRead | null {
	const [m, y] = /^\d{4}$/.test(first) ? [second, first] : [first, second];
	const month = monthNumber(m);
	if (!/^\d{4}$/.test(y) || month === null) return null;
	if (month < 1 || month > 12) return { why: t('There is no month {n}.', { n: m }) };
	return judged(within(y, month, 'month', today), today);
}

/** A day in the middle of what is known, and not after today. */
function within(year: string, month: number | null, born_precision: Precision, today: string): Birth {
	const middle = month === null ? `${year}-07-01` : `${year}-${two(month)}-15`;
	const known = month === null ? 4 : 7;
	const late = middle > today && middle.slice(0, known) === today.slice(0, known);
	return {
		born_on: late ? `${month === null ? `${year}-01` : middle.slice(0, 7)}-01` : middle,
		born_precision
	};
}

function judged(birth: Birth, today: string): BirthRead {
	if (birth.born_on > today) return { why: t('That lies in the future.') };
	if (Number(today.slice(0, 4)) - Number(birth.born_on.slice(0, 4)) > OLDEST)
		return { why: t('That is more than {years} years ago: look at the year.', { years: OLDEST }) };
	return { birth, says: said(birth, today) };
}

function said(birth: Birth, today: string): string {
	const year = birth.born_on.slice(0, 4);
	if (birth.born_precision === 'estimated') return t('about {year}, estimated', { year });
	if (birth.born_precision === 'about_day')
		return t('Born about {date} ({age})', {
			date: day(birth.born_on),
			age: ageOn(birth.born_on, today)
		});
	if (birth.born_precision === 'day')
		return t('Born {date} ({age})', { date: day(birth.born_on), age: ageOn(birth.born_on, today) });
	const years = Number(today.slice(0, 4)) - Number(year);
	const months = 12 * years + Number(today.slice(5, 7)) - Number(birth.born_on.slice(5, 7));
	if (birth.born_precision === 'month' && months < 24)
		return t('Born {date} (about {age})', {
			date: monthAndYear(birth.born_on),
			age: t('{months} mo', { months })
		});
	return t('Born {date} (about {age})', {
		date: birth.born_precision === 'month' ? monthAndYear(birth.born_on) : year,
		age: ageSaid(`${birth.born_precision === 'month' ? Math.floor(months / 12) : years} y`)
	});
}

function wholeMonths(from: string, to: string): number {
	const months =
		12 * (Number(to.slice(0, 4)) - Number(from.slice(0, 4))) +
		Number(to.slice(5, 7)) -
		Number(from.slice(5, 7));
	return to.slice(8) < from.slice(8) ? months - 1 : months;
}

/** The same day so many months before, or the last of that month where it has none. */
function monthsBefore(today: string, months: number): string {
	const [y, m, d] = today.split('-').map(Number) as [number, number, number];
	const first = new Date(Date.UTC(y, m - 1 - months, 1));
	const last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
	return iso(Date.UTC(first.getUTCFullYear(), first.getUTCMonth(), Math.min(d, last)));
}

const utc = (when: string): number => Date.parse(`${when}T00:00:00Z`);
const iso = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const two = (n: number): string => String(n).padStart(2, '0');
