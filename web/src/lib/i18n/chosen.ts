/** Which language to speak; apart from the words, for the pages that carry no framework. */
export type Locale = 'en' | 'fr' | 'x-mirror';

/** The language the person chose on this device, else the browser's, else English. */
export function chosenLocale(): Locale {
	const kept = localStorage.getItem('hmis-locale');
	if (kept === 'en' || kept === 'fr' || kept === 'x-mirror') return kept;
	return navigator.language.toLowerCase().startsWith('fr') ? 'fr' : 'en';
}
