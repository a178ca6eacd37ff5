import { Refused, Unreachable } from '$lib/api/wire';
import { describe, expect, it } from 'vitest';
import { hadArrived, surelyRefused } from './refusals';
import { laidOver, standing, storedFrom, type Stored } from './stored';

const written = (value: string, typed_at: number, more: Partial<Stored<string>> = {}): Stored<string> => ({
	value,
	typed_at,
	by: value,
	knows: {},
	earlier: [],
	...more
});
const values = (found: Stored<string>[]) => found.map((one) => one.value);

describe('unfinished writing, as it is stored', () => {
	it('reads a draft of an earlier version as words of the time they were kept', () => {
		expect(storedFrom({ text: 'Slept well' }, 5)).toEqual({
			typed_at: 5,
			value: { text: 'Slept well' },
			by: '',
			knows: {},
			earlier: []
		});
		const now = written('Slept well', 7);
		expect(storedFrom(JSON.parse(JSON.stringify(now)), 99)).toEqual(now);
	});

	it('goes by when it was typed, not by when it arrived', () => {
		const late = storedFrom<string>(written('old words', 10, { by: 'a' }), 500);
		const here = storedFrom<string>(written('new words', 20, { by: 'a' }), 21);
		expect(values(standing([late, here]))).toEqual(['new words']);
	});

	it('keeps two writings apart, and offers the newer first', () => {
		expect(values(standing([written('first', 10), written('second', 20)]))).toEqual(['second', 'first']);
		const both = written('second', 20, { earlier: [written('first', 10)] });
		expect(values(standing([both, written('first', 10)]))).toEqual(['second', 'first']);
	});

	it('does not offer again what was restored or thrown away, unless it was written on since', () => {
		const after = written('all of it', 30, { knows: { first: 10 } });
		expect(values(standing([after, written('first', 10)]))).toEqual(['all of it']);
		expect(values(standing([after, written('first', 40)]))).toEqual(['first', 'all of it']);
		expect(standing([written('first', 10)], { first: 10 })).toEqual([]);
	});

	it('restores without taking away what was typed since', () => {
		const blank = { pulse: '', spo2: '' };
		expect(laidOver({ pulse: '80', spo2: '97' }, { pulse: '112', spo2: '' }, blank)).toEqual({
			pulse: '112',
			spo2: '97'
		});
		expect(laidOver({ pulse: '80' }, {}, {})).toEqual({ pulse: '80' });
	});
});

describe('an answer to what was sent', () => {
	const refused = (status: number, code: string) =>
		new Refused({ type: '', title: '', status, detail: '', code, fields: {}, request_id: null });

	it('settles it only when the server surely did not do it', () => {
		for (const status of [400, 403, 404, 409, 412, 422, 423])
			expect(surelyRefused(refused(status, 'Invalid'))).toBe(true);
		for (const status of [401, 408, 429, 500, 502, 503])
			expect(surelyRefused(refused(status, 'Unavailable'))).toBe(false);
		expect(surelyRefused(refused(403, 'CsrfFailed'))).toBe(false);
		expect(surelyRefused(new Unreachable())).toBe(false);
	});

	it('tells that what was sent before had arrived', () => {
		expect(hadArrived(refused(422, 'KeyReused'))).toBe(true);
		expect(surelyRefused(refused(422, 'KeyReused'))).toBe(false);
	});
});
