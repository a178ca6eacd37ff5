import { chosenLocale } from '$lib/i18n';

/** Where one signs in, in the language of this device. */
export function doorstep(): string {
	return chosenLocale() === 'fr' ? '/fr/login' : '/login';
}
