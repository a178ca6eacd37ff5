import { describe, expect, it } from 'vitest';
import { firstWords, placeOf } from './drafts';

describe('unfinished writing', () => {
	it('is told by the first words that were typed, wherever they lie in the form', () => {
		expect(firstWords({ kind: 'progress', at: '2026-11-24', text: ' Slept well, no pain. ' })).toBe(
			'Slept well, no pain.'
		);
		expect(firstWords({ lines: [{ typed: '' }, { typed: 'amoxicillin 500mg po tds 5/7' }] })).toBe(
			'amoxicillin 500mg po tds 5/7'
		);
		expect(firstWords({ pulse: '108', confirmed: true, nothing: null })).toBe('');
		expect(firstWords('a '.repeat(100)).length).toBe(80);
	});

	it('is taken up again where its form stands', () => {
		const patientId = '0b1f0000-0000-4000-8000-000000000001';
		expect(placeOf({ key: `obs:${patientId}`, patientId })).toBe(`/app/p/${patientId}/obs`);
		expect(placeOf({ key: `note:${patientId}`, patientId })).toBe(`/app/p/${patientId}/notes`);
		expect(placeOf({ key: `consult:${patientId}`, patientId })).toBe(`/app/p/${patientId}/consult`);
		expect(placeOf({ key: 'register', patientId: null })).toBe('/app/patients/new');
		expect(placeOf({ key: `something-new:${patientId}`, patientId })).toBe(`/app/p/${patientId}`);
	});
});
