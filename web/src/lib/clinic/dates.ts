/**
 * Dates as NHS Common User Interface shows them: 14-Aug-1981, the hyphens unbreakable; times on the 24-hour clock of
 * the hospital's own zone.
 */
import { leftToRight, tag } from '$lib/i18n';

let zone = 'Africa/Lagos';

/** The hospital's time zone, as the server tells it at sign-in. */
export function useZone(name: string): void {
	zone = name;
}

const HYPHEN = '\u2011';

/** `2026-11-24` or an instant as 24-Nov-2026. */
export function day(when: string | null | undefined): string {
	return when ? leftToRight(joined(parts(when))) : '';
}

/** The same as one types it: with plain hyphens, and nothing else in it. */
export function dayTyped(when: string): string {
	return parts(when).join('-');
}

/** A day of which only the month is known, or shown: Nov-2026. */
export function monthAndYear(when: string): string {
	return leftToRight(joined(parts(when).slice(1)));
}

const joined = (some: string[]): string => some.join(HYPHEN);

/** The day, the month in letters and the year. */
function parts(when: string): string[] {
	const dateOnly = /^\d{4}-\d{2}-\d{2}$/.test(when);
	const found = new Intl.DateTimeFormat(tag(), {
		day: '2-digit',
		month: 'short',
		year: 'numeric',
		timeZone: dateOnly ? 'UTC' : zone
	}).formatToParts(new Date(when));
	const of = (type: string) => found.find((part) => part.type === type)?.value ?? '';
	return [of('day'), of('month').replace('.', ''), of('year')];
}

/** A day without its year, the month whole in any language: 24-Nov, 24-juil. */
export function dayAndMonth(when: string): string {
	return leftToRight(joined(parts(when).slice(0, 2)));
}

/** An instant as 09:31. */
export function time(when: string): string {
	return new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: zone }).format(
		new Date(when)
	);
}

/** An instant as 24-Nov-2026 09:31. */
export function dayAndTime(when: string): string {
	return leftToRight(`${joined(parts(when))}\u00a0${time(when)}`);
}

/** Today in the hospital, ISO. `now` is the server's, ms. */
export function today(now: number): string {
	return new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(new Date(now));
}

/** A length of time in words a person counts in: 23 h 41 min. */
export function span(ms: number): string {
	const minutes = Math.max(0, Math.floor(ms / 60_000));
	const hours = Math.floor(minutes / 60);
	return leftToRight(hours ? `${hours}\u00a0h ${minutes % 60}\u00a0min` : `${minutes}\u00a0min`);
}

/** An instant as a field of a form holds it, by the hospital's clock: 2026-11-24T09:31. */
export function clockText(when: string | number): string {
	const found = new Intl.DateTimeFormat('en-CA', {
		year: 'numeric',
		month: '2-digit',
		day: '2-digit',
		hour: '2-digit',
		minute: '2-digit',
		hourCycle: 'h23',
		timeZone: zone
	}).formatToParts(new Date(when));
	const of = (type: string) => found.find((part) => part.type === type)?.value ?? '';
	return `${of('year')}-${of('month')}-${of('day')}T${of('hour')}:${of('minute')}`;
}

/** The instant of what a field of a form holds, by the hospital's clock. */
export function instantOf(text: string): string {
	const asUtc = Date.parse(`${text}:00Z`);
	const shownThen = Date.parse(`${clockText(asUtc)}:00Z`);
	return new Date(asUtc - (shownThen - asUtc)).toISOString();
}

/** The instant at which a day (`2026-11-24`) begins in the hospital, ISO; also on days of 23 or 25 hours. */
export function dayBegins(date: string): string {
	return instantOf(`${date}T00:00`);
}

/** The day after, `2026-11-25`. */
export function dayAfter(date: string): string {
	return new Date(Date.parse(`${date}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}
