/** The fields of a person on the staff as a form holds them: nothing is an empty text. */
import type { Sex, StaffChange, StaffOut } from '$lib/api/schema';
import { t } from '$lib/i18n';

export const FIELDS = [
	'family_name',
	'given_name',
	'other_names',
	'sex',
	'licence_number',
	'phone',
	'email'
] as const;
export type FieldName = (typeof FIELDS)[number];
export type PersonForm = Record<FieldName, string>;

export const NOBODY: PersonForm = {
	family_name: '',
	given_name: '',
	other_names: '',
	sex: '',
	licence_number: '',
	phone: '',
	email: ''
};

/** What a profile says in the fields of the form. */
export function formOf(profile: StaffOut): PersonForm {
	return Object.fromEntries(FIELDS.map((name) => [name, profile[name] ?? ''])) as PersonForm;
}

/** What is sent of these fields; names and sex cannot be emptied, the rest becomes nothing. */
export function sent(form: PersonForm, names: readonly FieldName[]): StaffChange {
	const all: StaffChange = {
		family_name: form.family_name.trim(),
		given_name: form.given_name.trim(),
		other_names: form.other_names.trim() || null,
		sex: form.sex as Sex,
		licence_number: form.licence_number.trim() || null,
		phone: form.phone.trim() || null,
		email: form.email.trim() || null
	};
	return Object.fromEntries(names.map((name) => [name, all[name]]));
}

/** What a field is called. */
export function fieldSaid(name: FieldName): string {
	return {
		family_name: t('Family name'),
		given_name: t('Given name'),
		other_names: t('Other names'),
		sex: t('Sex'),
		licence_number: t('Licence number'),
		phone: t('Phone'),
		email: t('E-mail')
	}[name];
}
