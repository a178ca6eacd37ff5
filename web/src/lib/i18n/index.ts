/**
 * The one way to every word on a screen. The English sentence is its own key: `t('Find a patient')`.
 * `npm run words` fails where French lacks a sentence that the source says.
 */
import { french } from 'virtual:french';
import type { Locale } from './chosen';

export { chosenLocale, type Locale } from './chosen';
export type Params = Record<string, string | number>;
/** A sentence that depends on a number: the parameter `n` chooses. */
export type Counted = { one: string; other: string };
export type Catalogue = Record<string, string | { one?: string; many?: string; other: string }>;

export const LOCALES: { id: Locale; name: string }[] = [
	{ id: 'en', name: 'English' },
	{ id: 'fr', name: 'Français' }
];

/** Languages in which no clinician has read yet how a medicine is to be taken. */
const UNREVIEWED: Locale[] = ['fr'];

let locale: Locale = 'en';
let catalogue: Catalogue = {};

/** Keep the choice and start again in that language. */
export function chooseLocale(next: Locale): void {
	localStorage.setItem('hmis-locale', next);
	location.reload();
}

/**
 * Speak a language, with the words of the page of a route and of the layouts around it. To be awaited before that page
 * is shown; what was fetched before is not fetched again.
 */
export async function useLocale(next: Locale, route: string): Promise<void> {
	const parts = next === 'fr' ? Object.keys(french).filter((part) => belongs(part, route)) : [];
	const found = await Promise.all(parts.map((part) => french[part]!()));
	catalogue = Object.assign(next === locale ? catalogue : {}, ...found.map((words) => words.default));
	locale = next;
	if (typeof document !== 'undefined') {
		document.documentElement.lang = next === 'x-mirror' ? 'en-XA' : next;
		document.documentElement.dir = mirrors(next) ? 'rtl' : 'ltr';
	}
}

/** Whether how a medicine is to be taken may be printed for a patient in the language in force. */
export function reviewed(): boolean {
	return !UNREVIEWED.includes(locale);
}

/** What `say` says, for a patient to take home: in English where the language in force is not reviewed. */
export function reviewedOnly(say: () => string): string {
	if (reviewed()) return say();
	const before = { locale, catalogue };
	[locale, catalogue] = ['en', {}];
	try {
		return say();
	} finally {
		({ locale, catalogue } = before);
	}
}

/** A page has words under its route, a layout under its own with a stroke behind it: `/app/p/[id]/`. */
function belongs(part: string, route: string): boolean {
	return part === route || (part.endsWith('/') && `${route}/`.startsWith(part));
}

const mirrors = (lang: Locale): boolean => lang === 'x-mirror';
const [LEFT_TO_RIGHT, BY_ITSELF, ENDS] = ['\u2066', '\u2068', '\u2069'];

/**
 * What reads from left to right in any script: a date, a number with its unit, a code. Where the words around it run
 * the other way it is marked so; elsewhere it is the same text.
 */
export function leftToRight(text: string): string {
	return mirrors(locale) && text ? `${LEFT_TO_RIGHT}${text}${ENDS}` : text;
}

/** What reads as its own first letter does, whatever stands around it: a name, an age in words. */
export function byItself(text: string, lang = locale): string {
	return mirrors(lang) && text ? `${BY_ITSELF}${text}${ENDS}` : text;
}

/** The words alone, as they are kept in a record or a file: without the marks of the above. */
export function unmarked(text: string): string {
	return text.replace(/[\u2066-\u2069]/g, '');
}

/** Say it in a given language without switching: for pages that are made once for each language. */
export function speaker(words: Catalogue, lang: Locale): (said: string | Counted, params?: Params) => string {
	return (said, params) => spoken(words, lang, said, params);
}

/** The sentence in the language in force, its `{names}` filled in. */
export function t(said: string | Counted, params?: Params): string {
	return spoken(catalogue, locale, said, params);
}

function spoken(words: Catalogue, lang: Locale, said: string | Counted, params: Params = {}): string {
	const found = words[typeof said === 'string' ? said : said.other] ?? said;
	const form = typeof found === 'string' ? found : chosenForm(found, lang, Number(params.n));
	const filled = form.replace(/\{(\w+)\}/g, (all, name: string) => {
		const value = params[name];
		return value === undefined
			? all
			: typeof value === 'number'
				? new Intl.NumberFormat(tag(lang)).format(value)
				: byItself(value, lang);
	});
	return lang === 'x-mirror' ? mirrored(filled) : filled;
}

function chosenForm(forms: { one?: string; many?: string; other: string }, lang: Locale, n: number): string {
	const rule = new Intl.PluralRules(tag(lang)).select(n);
	return (rule === 'one' ? forms.one : rule === 'many' ? forms.many : undefined) ?? forms.other;
}

/** The language tag for numbers and plurals. */
export function tag(lang: Locale = locale): string {
	return lang === 'x-mirror' ? 'en' : lang;
}

/** For tests: longer, accented, and told apart at a glance from text that never went through `t`. */
function mirrored(text: string): string {
	const accents: Record<string, string> = {
		a: 'á',
		e: 'é',
		i: 'í',
		o: 'ó',
		u: 'ú',
		A: 'Á',
		E: 'É',
		O: 'Ó',
		n: 'ñ'
	};
	return `⟦${text.replace(/[aeiouAEOn]/g, (letter) => accents[letter] ?? letter)}⟧`;
}
