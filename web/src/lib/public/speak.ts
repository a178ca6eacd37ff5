/** The words of the public pages, which are made once for each language and hold no script. */
import { speaker, type Locale } from '$lib/i18n';
import french from 'virtual:french/public';

export type PublicLocale = Extract<Locale, 'en' | 'fr'>;

/** Says a sentence in the language of the page. */
export function speak(lang: PublicLocale): ReturnType<typeof speaker> {
	return speaker(lang === 'fr' ? french : {}, lang);
}

/** Where the first page of a language stands. */
export function home(lang: PublicLocale): string {
	return lang === 'fr' ? '/fr' : '/';
}
