/** The sex as one reads it. */
import { t } from '$lib/i18n';

export function sexSaid(sex: string): string {
	const said: Record<string, string> = {
		female: t('Female'),
		male: t('Male'),
		other: t('Other sex'),
		unknown: t('Sex not known')
	};
	return said[sex] ?? sex;
}
