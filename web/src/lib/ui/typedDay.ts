/** A day as people type it: 3/11/2026, 3 Nov 2026, 2026-11-03, 3 Nov, today, yesterday, 3 days ago. Pure. */
import { t } from '$lib/i18n';

/** The day that was meant, ISO, with the time where one stands behind it; or why none was understood. */
export type DayRead =
	{ on: string; at: string | null; why?: undefined } | { on?: undefined; at?: undefined; why: string };

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const FRENCH: Record<string, number> = { fev: 2, avr: 4, mai: 5, aou: 8 };
const NEAR: Record<string, number> = {
	today: 0,
	yesterday: -1,
	tomorrow: 1,
	"aujourd'hui": 0,
	hier: -1,
	demain: 1
};
const TIME = /(?:[\s,t]|\bat\b|\ba\b)\s*([01]?\d|2[0-3])(?:[:.]|\s?h\s?)([0-5]\d)$/;

/** Small letters without accents, with one kind of dash and of apostrophe. */
export function plainly(text: string): string {
	return text
		.normalize('NFD')
		.replace(/\p{M}/gu, '')
		.replace(/[\u2010-\u2015\u2212]/g, '-')
		.replace(/[\u2018\u2019]/g, "'")
		.trim()
		.toLowerCase();
}

/** 1 to 12 for a number or a month's name in English or French; null for neither. */
export function monthNumber(text: string): number | null {
	if (/^\d{1,2}$/.test(text)) return Number(text);
	if (!/^[a-z]{3,}$/.test(text)) return null;
	if (text.startsWith('juil')) return 7;
	if (text.startsWith('juin')) return 6;
	const three = text.slice(0, 3);
	return FRENCH[three] ?? (MONTHS.indexOf(three) + 1 || null);
}

/** Read what was typed; null for an empty field. `today` is the day where the reader is, ISO. */
export function readDay(text: string, today: string): DayRead | null {
	const typed = plainly(text);
	if (!typed) return null;
	const clock = TIME.exec(typed);
	const at = clock ? `${clock[1]!.padStart(2, '0')}:${clock[2]}` : null;
	const read = dayOf(clock ? typed.slice(0, clock.index).trim() : typed, today);
	return read.on === undefined ? { why: read.why } : { on: read.on, at };
}

function dayOf(
	typed: string,
	today: string
): { on: string; why?: undefined } | { on?: undefined; why: string } {
	const ago = /^(\d{1,4}) days? ago$|^il y a (\d{1,4}) jours?$/.exec(typed);
	const days = NEAR[typed] ?? (ago ? -Number(ago[1] ?? ago[2]) : undefined);
	if (days !== undefined) return { on: iso(Date.parse(`${today}T00:00:00Z`) + days * 86_400_000) };
	const parts = typed.split(/[\s/.,-]+/).filter(Boolean);
	if (parts.length === 2) parts.push(today.slice(0, 4));
	if (parts.length !== 3) return { why: hint() };
	const [first, middle, last] = parts as [string, string, string];
	const [d, m, y] = /^\d{4}$/.test(first) ? [last, middle, first] : [first, middle, last];
	return wholeDay(d, m, y) ?? { why: hint() };
}

/** The day of its three parts, or why there is none; null where they are no parts of a date. */
export function wholeDay(
	d: string,
	m: string,
	y: string
): { on: string; why?: undefined } | { on?: undefined; why: string } | null {
	if (/^\d{1,2}$/.test(y)) return { why: t('Write the year in four digits.') };
	const month = monthNumber(m);
	if (!/^\d{1,2}$/.test(d) || !/^\d{4}$/.test(y) || month === null) return null;
	if (month < 1 || month > 12) return { why: t('There is no month {n}: the day comes first.', { n: m }) };
	const on = `${y}-${String(month).padStart(2, '0')}-${d.padStart(2, '0')}`;
	return iso(Date.UTC(Number(y), month - 1, Number(d))) === on
		? { on }
		: { why: t('That month has no day {n}.', { n: String(Number(d)) }) };
}

function hint(): string {
	return t('Write a day: 3 Nov 2026, 3/11/2026, today, yesterday.');
}

const iso = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
