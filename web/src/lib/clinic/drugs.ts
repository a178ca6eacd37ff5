/** A drug as a form holds it, and what is sent of it. */
import { t } from '$lib/i18n';

export type DrugFields = {
	generic_name: string;
	brand_name: string;
	strength: string;
	form: string;
	route: string;
	pack_size: string;
};
type Known = {
	generic_name: string;
	brand_name: string | null;
	strength: string | null;
	form: string | null;
	route: string | null;
	pack_size: number | null;
};
export type Sent = {
	generic_name: string;
	brand_name: string | null;
	strength: string | null;
	form: string | null;
	route: string | null;
	pack_size: number | null;
};

/** The fields of a form for a drug, or empty ones. */
export function fieldsOf(drug: Known | null): DrugFields {
	return {
		generic_name: drug?.generic_name ?? '',
		brand_name: drug?.brand_name ?? '',
		strength: drug?.strength ?? '',
		form: drug?.form ?? '',
		route: drug?.route ?? '',
		pack_size: drug?.pack_size ? String(drug.pack_size) : ''
	};
}

/** What a form says of a drug: an empty field is nothing. */
export function drugOf(fields: DrugFields): Sent {
	const text = (value: string) => value.trim().replace(/\s+/g, ' ') || null;
	return {
		generic_name: text(fields.generic_name) ?? '',
		brand_name: text(fields.brand_name),
		strength: text(fields.strength),
		form: text(fields.form),
		route: text(fields.route),
		pack_size: fields.pack_size.trim() ? Number(fields.pack_size) : null
	};
}

/** What the form changes of a drug, and nothing else. */
export function changesOf(drug: Known, fields: DrugFields): Partial<Sent> {
	const sent = drugOf(fields);
	return Object.fromEntries(
		Object.entries(sent).filter(([name, value]) => value !== drug[name as keyof Known])
	) as Partial<Sent>;
}

/** The label of a field. */
export function drugFieldSaid(name: string): string {
	const said: Record<string, string> = {
		generic_name: t('Generic name'),
		brand_name: t('Brand name'),
		strength: t('Strength'),
		form: t('Form'),
		route: t('Usual route'),
		pack_size: t('Pack size')
	};
	return said[name] ?? name;
}

/** What can be seen to be wrong before it is sent, by field. */
export function faultsOf(fields: DrugFields): Record<string, string> {
	const faults: Record<string, string> = {};
	if (!fields.generic_name.trim()) faults.generic_name = t('Which drug?');
	if (fields.pack_size.trim() && !/^[1-9]\d{0,4}$/.test(fields.pack_size.trim()))
		faults.pack_size = t('A whole number from 1 to 99,999');
	return faults;
}
