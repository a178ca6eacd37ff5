import { afterAll, describe, expect, it } from 'vitest';
import { useLocale } from '../i18n';
import { alertSaid, drugSaid, frequencySaid, routeSaid, unitSaid } from './medicineWords';
import { signature } from './rules.json';
import { amount, directions } from './wording';

const SAME = /^(m?g|m?L|mmol|mEq)$/; // symbols, the same in every language
const ALIKE = [
	'sachet',
	'suppository',
	'spray',
	'sprays',
	'patch',
	'tube',
	'application',
	'applications',
	'ampoule'
];
const line = {
	dose: 2,
	dose_unit: 'tablet',
	route: 'oral',
	frequency: 'q6h',
	as_needed: true,
	as_needed_reason: 'douleur',
	max_in_24h: 8,
	duration_days: 1,
	instructions: null
};
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

describe('the words of a medicine line', () => {
	afterAll(() => useLocale('en', ''));

	it('are those of the server in English, by number', async () => {
		await useLocale('en', '');
		for (const [code, { words }] of Object.entries(signature.frequencies))
			expect(frequencySaid(code)).toBe(words);
		for (const [one, many] of Object.entries(signature.plurals)) {
			expect(plain(amount(1, one))).toBe(`1 ${one}`);
			for (const number of [0, 0.5, 2]) expect(plain(amount(number, one))).toBe(`${number} ${many}`);
		}
	});

	it('are all there in French', async () => {
		await useLocale('fr', '/app/p/[id]/consult');
		for (const code of Object.keys(signature.frequencies)) expect(frequencySaid(code)).not.toBe(code);
		const units = [...new Set(Object.values(signature.units))].filter((unit) => !SAME.test(unit));
		for (const said of ['once', 'every', 'times']) expect(frequencySaid('od')).not.toContain(said);
		const english = units.filter((unit) => unitSaid(unit) === unit && !ALIKE.includes(unit));
		expect(english).toEqual([]);
		const routes = [...new Set(Object.values(signature.routes))];
		const same = ['oral', 'nasal', 'rectal', 'vaginal', 'buccal', 'sublingual', 'transdermal'];
		expect(routes.filter((route) => routeSaid(route) === route && !same.includes(route))).toEqual([]);
		const alerts = signature.high_alert.map(({ why }) => why);
		expect(alerts.filter((why) => alertSaid(why) === why)).toEqual([]);
	});

	it('make one French line, with the plurals of French', async () => {
		await useLocale('fr', '/app/p/[id]/consult');
		expect(plain(directions(line))).toBe(
			'DOSE 2 comprimés – voie orale – toutes les 6 heures – au besoin : douleur – au plus 8 comprimés en 24 heures – pendant 1 jour'
		);
		expect([0, 0.5, 1, 1.5, 2].map((number) => plain(amount(number, 'tablet')))).toEqual([
			'0 comprimé',
			'0.5 comprimé',
			'1 comprimé',
			'1.5 comprimé',
			'2 comprimés'
		]);
	});

	it('leave the names of a product as they are, and say what it comes as', async () => {
		const drug = {
			generic_name: 'amoxicillin',
			strength: '500 mg',
			form: 'capsule',
			brand_name: 'Amoxil'
		};
		await useLocale('en', '');
		expect(drugSaid(drug)).toBe('amoxicillin 500 mg capsule (Amoxil)');
		await useLocale('fr', '/app/p/[id]/consult');
		expect(drugSaid(drug)).toBe('amoxicillin 500 mg gélule (Amoxil)');
		expect(drugSaid({ generic_name: 'oxytocin' })).toBe('oxytocin');
	});

	it('never show a thousand as French reads a decimal', async () => {
		await useLocale('fr', '/app/p/[id]/consult');
		expect(plain(amount(1_200_000, 'units'))).toBe('1 200 000 unités');
		expect(plain(amount(2.5, 'mg'))).toBe('2.5 mg');
	});
});
