import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import rules from './rules.json';
import { inWords, read, type Signature } from './signature';
import { amount, directions, tallMan } from './wording';

type Case = {
	text: string;
	weight_kg?: number;
	drug_name?: string;
	drug_route?: string;
	drug: string;
	parts: Partial<Signature>;
	directions: string;
	refusals?: string[];
	asks?: string[];
	unread?: string[];
	high_alert?: string;
};

/** The lines that the server is held to as well. */
const CASES: Case[] = JSON.parse(
	readFileSync(new URL('../../../../tests/prescriptions/signatures.json', import.meta.url), 'utf8')
);
const NOTHING = {
	dose: null,
	dose_unit: null,
	dose_range: null,
	range_per_kg: false,
	dose_per_kg: null,
	route: null,
	frequency: null,
	as_needed: false,
	as_needed_reason: null,
	max_in_24h: null,
	max_doses_in_24h: null,
	duration_days: null,
	quantity: null,
	instructions: null
};

describe('a line typed in one go', () => {
	it.each(CASES.map((line) => [line.text, line] as const))('reads %s', (text, line) => {
		const said = read(text, {
			weightKg: line.weight_kg,
			drugName: line.drug_name,
			drugRoute: line.drug_route
		});
		expect(said.drug).toBe(line.drug);
		expect(said).toMatchObject({ ...NOTHING, ...line.parts });
		expect(inWords(said, line.drug_route)).toBe(line.directions);
		expect(said.refusals.map(({ say }) => say)).toEqual(line.refusals ?? []);
		expect(said.asks.map(({ field, say }) => `${field}: ${say}`)).toEqual(line.asks ?? []);
		expect(said.unread).toEqual(line.unread ?? []);
		expect(said.high_alert?.name ?? null).toBe(line.high_alert ?? null);
	});

	it('is held to as many lines as the server', () => {
		expect(CASES.length).toBeGreaterThanOrEqual(75);
	});

	test.each(
		Object.entries(rules.signature.error_prone).flatMap(([kind, spellings]) =>
			Object.entries(spellings).map(([spelling, instead]) => [spelling, instead, kind] as const)
		)
	)('with %s is refused: write %s', (spelling, instead, kind) => {
		const line =
			kind === 'unit_error_prone' ? `zinc 5 ${spelling} po od 5/7` : `zinc 5 mg po od ${spelling} 5/7`;
		const { refusals } = read(line);
		expect(refusals).toHaveLength(1);
		for (const write of instead.split(' or ')) expect(refusals[0]?.say).toContain(write);
		expect(refusals[0]?.say).not.toContain('_');
	});

	it('loses no word, whatever is typed', () => {
		for (const text of [
			'',
			'  ',
			'"',
			'--',
			'#',
			'İ 5 ſ',
			'😀 500mg 😀',
			'((po',
			'a'.repeat(3000),
			'\ud800'
		]) {
			const typed = text.replace(/[ ,;.:–—-]/g, '');
			expect(
				read(text)
					.pieces.map((piece) => piece.text)
					.join('')
					.replace(/[ ,;.:–—-]/g, '')
			).toBe(typed);
		}
	});
});

describe('the line in words', () => {
	const NBSP = '\u00a0';

	it.each([
		[0.125, 'mg', `125${NBSP}micrograms`],
		[0.0625, 'mg', `62.5${NBSP}micrograms`],
		[0.5, 'g', `500${NBSP}mg`],
		[1, 'mg', `1${NBSP}mg`],
		[1200000, 'units', `1,200,000${NBSP}units`],
		[1234.5, 'mg', `1,234.5${NBSP}mg`],
		[2, 'tablet', `2${NBSP}tablets`],
		[0.5, 'tablet', `0.5${NBSP}tablets`],
		[2, 'patch', `2${NBSP}patches`],
		[2, 'drops', `2${NBSP}drops`],
		[500, null, '500']
	])('says %s %s as %s', (number, unit, said) => {
		expect(amount(number, unit)).toBe(said);
	});

	it('keeps a frequency that came from elsewhere', () => {
		const line = { ...NOTHING, frequency: 'as directed in 2009', duration_days: 1 };
		expect(directions(line)).toBe('as directed in 2009 – for 1 day');
	});

	it('tells look-alikes apart', () => {
		expect(tallMan('Hydralazine 25 mg tablet')).toBe('hydrALAZINE 25 mg tablet');
		expect(tallMan('amoxicillin')).toBe('amoxicillin');
	});
});
