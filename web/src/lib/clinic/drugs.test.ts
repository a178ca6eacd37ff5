import { describe, expect, it } from 'vitest';
import { changesOf, drugOf, faultsOf, fieldsOf } from './drugs';

const amoxicillin = {
	generic_name: 'amoxicillin',
	brand_name: null,
	strength: '500 mg',
	form: 'capsule',
	route: 'oral',
	pack_size: 100
};

describe('a drug in a form', () => {
	it('comes out as it went in', () => {
		expect(drugOf(fieldsOf(amoxicillin))).toEqual(amoxicillin);
		expect(changesOf(amoxicillin, fieldsOf(amoxicillin))).toEqual({});
	});

	it('sends what was changed and nothing else, and an emptied field as nothing', () => {
		const fields = { ...fieldsOf(amoxicillin), brand_name: ' Amoxil ', pack_size: '' };
		expect(changesOf(amoxicillin, fields)).toEqual({ brand_name: 'Amoxil', pack_size: null });
	});

	it('needs a name, and a pack that can be counted', () => {
		expect(Object.keys(faultsOf({ ...fieldsOf(null), pack_size: '0' }))).toEqual([
			'generic_name',
			'pack_size'
		]);
		expect(faultsOf(fieldsOf(amoxicillin))).toEqual({});
	});
});
