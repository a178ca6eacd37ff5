import { describe, expect, it } from 'vitest';
import { csv } from './csv';

describe('a table for spreadsheets', () => {
	it('keeps commas, quotes and line breaks inside their cell', () => {
		expect(csv([['Eze, Ngozi', 'said "no"', 'a\nb']])).toBe('"Eze, Ngozi","said ""no""","a\nb"\r\n');
	});

	it.each(['=1+1', '+234', '-1', '@SUM(A1)', '\t=1', '  =1', '＝1'])('makes no formula of %j', (typed) => {
		expect(
			csv([[typed]])
				.replaceAll('"', '')
				.startsWith("'")
		).toBe(true);
	});

	it('leaves numbers, dates and what is empty as they are', () => {
		expect(csv([[-3, '2026-11-28T09:31:00Z', null, undefined, 'DOC0001']])).toBe(
			'-3,2026-11-28T09:31:00Z,,,DOC0001\r\n'
		);
	});
});
