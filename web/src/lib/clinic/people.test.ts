import { afterEach, describe, expect, it } from 'vitest';
import { useLocale } from '$lib/i18n';
import { ageSaid } from './people';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

describe('an age that the server tells', () => {
	afterEach(() => useLocale('en', ''));

	it.each(['34 y', '≈ 40 y', '5 wk 3 d', '13 mo 2 d', '4 y 1 mo', '< 1 d', 'check birth date'])(
		'is said in English as it came: %s',
		(age) => {
			expect(ageSaid(age)).toBe(age);
		}
	);

	it.each([
		['34 y', '34 ans'],
		['≈ 1 y', '≈ 1 an'],
		['5 wk 3 d', '5 sem 3 j'],
		['4 y 1 mo', '4 ans 1 mois'],
		['< 1 d', '< 1 j'],
		['check birth date', 'vérifier la date de naissance']
	])('is said in French: %s is %s', async (age, said) => {
		await useLocale('fr', '/app/p/[id]/consult');
		expect(plain(ageSaid(age))).toBe(said);
	});

	it('is nothing where none is known', () => {
		expect(ageSaid(null)).toBe('');
	});
});
