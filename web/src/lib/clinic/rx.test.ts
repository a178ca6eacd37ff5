import { describe, expect, it } from 'vitest';
import type { FavouriteOut } from '$lib/api/schema';
import { useLocale } from '$lib/i18n';
import {
	dosedAnew,
	favouriteSaid,
	numberOf,
	offered,
	questioned,
	reading,
	taken,
	typedAs,
	type Fields,
	type Medicine,
	type NumberField
} from './rx';
import { directions } from './wording';

const PARACETAMOL: Medicine = {
	id: '1',
	name: 'paracetamol 500 mg tablet',
	generic_name: 'paracetamol',
	brand_name: null,
	strength: '500 mg',
	form: 'tablet',
	pack_size: null,
	route: 'oral'
};
const MORPHINE: Medicine = { ...PARACETAMOL, id: '2', name: 'morphine', generic_name: 'morphine' };
const of = (text: string, fields: Fields = {}, weightKg?: number) =>
	reading(text, PARACETAMOL, fields, weightKg);
const said = (text: string, fields: Fields = {}, weightKg?: number) =>
	directions(of(text, fields, weightKg).line!).replaceAll('\u00a0', ' ');

describe('what is shown is the line that is added', () => {
	it('a dose per kg is shown as the dose it makes, with what was typed beside it', () => {
		expect(said('15mg/kg tds 3/7', {}, 12)).toBe('DOSE 180 mg – oral – three times a day – for 3 days');
		expect(of('15mg/kg tds 3/7', {}, 12).typedDose?.replaceAll('\u00a0', ' ')).toBe('15 mg/kg');
	});

	it('a dose put into its field is shown, and the dose per kg no longer', () => {
		expect(said('15mg/kg tds 3/7', { dose: '200' }, 12)).toContain('DOSE 200 mg');
		expect(of('15mg/kg tds 3/7', { dose: '200' }, 12).typedDose).toBeNull();
	});

	it('other fields change what is shown of a dose per kg', () => {
		expect(said('15mg/kg tds 3/7', { frequency: 'bd', duration_days: '5' }, 12)).toBe(
			'DOSE 180 mg – oral – twice a day – for 5 days'
		);
	});

	it('a range is no dose until one is put into the field', () => {
		const ranged = of('1-2 tablets tds 3/7');
		expect([ranged.line?.dose, ranged.asks.map((ask) => ask.field)]).toEqual([null, ['dose']]);
		expect(ranged.typedDose).toContain('1 to 2');
		const settled = of('1-2 tablets tds 3/7', { dose: '2' });
		expect([settled.line?.dose, settled.asks, settled.typedDose]).toEqual([2, [], null]);
	});

	it('a weight put into its field makes another dose, and an emptied one asks for it', () => {
		expect(said('15mg/kg tds 3/7', { weight_kg: '20' }, 12)).toContain('DOSE 300 mg');
		const emptied = of('15mg/kg tds 3/7', { weight_kg: '' }, 12);
		expect([emptied.line?.dose, emptied.asks.map((ask) => ask.field)]).toEqual([null, ['weight_kg']]);
	});
});

describe('a yes is to one line and its doubts', () => {
	const doubts = ['20 tablets in one dose: is it so?'];
	const asked = questioned(of('10g tds 3/7').line!, doubts);

	it.each([
		['another dose', '11g tds 3/7', {}],
		['another unit', '10mg tds 3/7', {}],
		['another frequency', '10g qds 3/7', {}],
		['another quantity', '10g tds 3/7', { quantity: '5' }],
		['a dose put into its field', '10g tds 3/7', { dose: '20' }]
	])('%s is another question', (_, text, fields) => {
		expect(questioned(of(text, fields).line!, doubts)).not.toBe(asked);
	});

	it('another doubt or another drug is another question; the same line is not', () => {
		expect(questioned(of('10g tds 3/7').line!, ['odd'])).not.toBe(asked);
		expect(questioned(reading('10g tds 3/7', MORPHINE, {}).line!, doubts)).not.toBe(asked);
		expect(questioned(of('10 g  tds x3/7').line!, doubts)).toBe(asked);
	});
});

describe('the most in 24 hours is an amount, not a number', () => {
	const PRN = '1g qds prn pain max 4g 3/7';

	it('is the same amount in another unit', () => {
		expect(said(PRN, { dose: '1000', dose_unit: 'mg' })).toContain('max 4,000 mg in 24 hours');
		expect(said(PRN, { dose: '500', dose_unit: 'mg', max_in_24h: '2', max_unit: 'g' })).toContain(
			'max 2,000 mg in 24 hours'
		);
	});

	it.each([
		['of the line', { dose: '2', dose_unit: 'tablet' }],
		['of the field', { dose: '2', dose_unit: 'tablet', max_in_24h: '4', max_unit: 'g' }],
		['typed before any unit', { dose: '2', dose_unit: 'tablet', max_in_24h: '4', max_unit: null }]
	])('%s: where it cannot be converted it is empty and asked anew', (_, fields) => {
		const found = of(PRN, fields);
		expect(found.line?.max_in_24h).toBeNull();
		expect(found.asks.map((ask) => ask.field)).toEqual(['max_in_24h']);
	});

	it('is asked anew also where the drug is not taken as required', () => {
		const found = of('1g qds max 4g 3/7', { dose: '2', dose_unit: 'tablet' });
		expect(found.asks.map((ask) => ask.field)).toEqual(['max_in_24h']);
	});

	it('counted in doses it follows the dose', () => {
		expect(said('500mg prn pain max 4 doses 3/7')).toContain('max 2,000 mg in 24 hours');
		expect(said('500mg prn pain max 4 doses 3/7', { dose: '250' })).toContain('max 1,000 mg in 24 hours');
	});
});

describe('a number field', () => {
	it.each([
		['dose', '12.5', 12.5],
		['dose', ' 500 ', 500],
		['weight_kg', '3.125', 3.125],
		['quantity', '6', 6],
		['duration_days', '', null]
	] as const)('%s %j is taken', (field, typed, value) => {
		expect(numberOf(field, typed)).toEqual({ value });
	});

	it.each([
		['weight_kg', '12,5', 'write 12.5'],
		['dose', '0,125', 'write 0.125'],
		['dose', '1,200', 'write 1200'],
		['dose', '.5', 'write 0.5'],
		['quantity', '6 vials', 'figures only'],
		['dose', 'two', 'figures only'],
		['dose', '-5', 'figures only'],
		['dose', '1e3', 'figures only'],
		['dose', '0', 'more than nothing'],
		['dose', '0.0005', 'smaller unit'],
		['weight_kg', '651', 'check the number'],
		['quantity', '2.5', 'whole number'],
		['quantity', '100001', 'from 1 to 100,000'],
		['duration_days', '4000', 'from 1 to 3,650']
	] as const)('%s %j is wrong, and what to write is said', (field, typed, says) => {
		const found = numberOf(field, typed);
		expect(found.value).toBeNull();
		expect(found.wrong).toContain(says);
	});

	it.each(['dose', 'quantity', 'duration_days'] as NumberField[])('a wrong %s is said once', (field) => {
		const found = of('500mg tds 5/7', { [field]: '6 vials' });
		expect(Object.keys(found.wrong)).toEqual([field]);
		expect(found.line?.[field as 'dose']).toBeNull();
		expect(found.asks.some((ask) => ask.field === field)).toBe(false);
	});

	it('a wrong weight makes no dose of the weight that was known', () => {
		const found = of('15mg/kg tds 3/7', { weight_kg: '12,5' }, 12);
		expect([found.line?.dose, Object.keys(found.wrong)]).toEqual([null, ['weight_kg']]);
		expect(of('500mg tds 3/7', { weight_kg: '12,5' }, 12).wrong).toEqual({});
	});
});

describe('a favourite', () => {
	const drug = { ...PARACETAMOL, route: undefined };
	const FAVOURITE: FavouriteOut = {
		drug_id: '1',
		drug,
		dose: 1,
		dose_unit: 'g',
		route: 'oral',
		frequency: 'qds',
		frequency_in_words: 'four times a day',
		as_needed: true,
		as_needed_reason: 'pain or fever',
		max_in_24h: 4,
		duration_days: 3,
		quantity: 24,
		quantity_unit: 'tablet',
		instructions: 'after food',
		directions: 'as the server says it',
		used: 9
	};

	it('comes into the line as one would type it, and reads back as the same', () => {
		const { text, fields } = taken(FAVOURITE, false);
		const found = reading(text, FAVOURITE.drug, fields);
		expect(fields).toEqual({});
		expect(found.line).toEqual(offered(FAVOURITE, false));
		expect([found.asks, found.wrong, found.said.unread]).toEqual([[], {}, []]);
	});

	it.each([
		['a route', { route: 'by the moon' }],
		['a unit', { dose_unit: 'blob' }],
		['a frequency', { frequency: 'now and then' }],
		['a reason', { as_needed_reason: 'pain; max 3' }],
		['an instruction', { instructions: 'the "big" one' }],
		['no route', { route: null }],
		['no reason', { as_needed: false, as_needed_reason: null, max_in_24h: null }]
	])('%s that no line can say comes into the fields', (_, other) => {
		const odd = { ...FAVOURITE, ...other };
		const { text, fields } = taken(odd, false);
		const found = reading(text, odd.drug, fields);
		expect(found.line).toEqual(offered(odd, false));
		expect([found.said.unread, found.said.refusals, found.said.drug]).toEqual([[], [], '']);
	});

	it('never offers another patient’s amounts to who is dosed by weight or age', () => {
		const { text, fields } = taken(FAVOURITE, true);
		const found = reading(text, FAVOURITE.drug, fields, 12);
		expect(found.line).toMatchObject({ dose: null, max_in_24h: null, quantity: null, frequency: 'qds' });
		expect(found.asks.map((ask) => ask.field)).toContain('dose');
		expect(favouriteSaid(FAVOURITE, true)).toBe(
			'oral – four times a day – as required: pain or fever – for 3 days – after food'
		);
		const dosed = reading(`15mg/kg ${text}`, FAVOURITE.drug, fields, 12);
		expect(dosed.line?.dose).toBe(180);
		expect(dosed.asks.map((ask) => ask.field)).toEqual(['max_in_24h']);
	});

	it.each([
		['120 mg/5 mL', 'oral', 'mg', null],
		['100 mg/mL', 'oral', 'g', null],
		['120 mg/5 mL', 'oral', 'mL', 1],
		['40 mg/mL', 'intravenous', 'mg', 1],
		['500 mg', 'oral', 'mg', 1]
	])('of %s %s in %s offers a grown-up the dose %s', (strength, route, dose_unit, dose) => {
		const one = { ...FAVOURITE, drug: { ...drug, strength }, route, dose_unit };
		const { text, fields } = taken(one, false);
		expect(reading(text, one.drug, fields).line?.dose).toBe(dose);
	});

	it('of a high-alert medicine is known as one', () => {
		const one = { ...FAVOURITE, drug: MORPHINE };
		const { text, fields } = taken(one, false);
		expect(reading(text, one.drug, fields).alert?.why).toBe('opioid');
	});

	it.each([
		[15, true],
		[16, false],
		[0, true],
		[null, true]
	])('at %s years the dose is asked anew: %s', (years, anew) => {
		expect(dosedAnew(years)).toBe(anew);
	});
});

it('a line is typed again as it stands', () => {
	expect(typedAs(of('1g po qds prn pain max 4g 3/7').line!)).toBe(
		'1 g oral four times a day prn pain; max 4 g in 24 hours for 3 days'
	);
});

describe('in French', () => {
	it('says what is refused and what is asked in French', async () => {
		await useLocale('fr', '/app/p/[id]/consult');
		const typed = of('5.0mg po');
		const chosen = of('500mg po tds');
		const unnamed = reading('500mg po tds', null, {});
		await useLocale('en', '');
		expect(typed.refusals.map(({ say }) => say)).toEqual([
			'5.0 a été lu dix fois trop grand\u00a0: écrivez 5'
		]);
		expect(chosen.asks.map(({ say }) => say)).toEqual([
			'pendant combien de temps\u00a0? donnez les jours, ou la quantité à délivrer'
		]);
		expect(unnamed.asks.map(({ say }) => say)).toEqual(chosen.asks.map(({ say }) => say));
	});
});
