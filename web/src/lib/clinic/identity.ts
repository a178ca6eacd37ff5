/** Who somebody is, as a form holds it and as it is sent: one line for the name, one field for the birth. */
import { t } from '$lib/i18n';
import { birthTyped, readBirth, type Precision } from './birth';
import { nameTyped, readName, type Named } from './naming';

const PLAIN = [
	'phone',
	'email',
	'address',
	'state',
	'lga',
	'marital_status',
	'occupation',
	'religion',
	'tribe',
	'language'
] as const;
type Plain = (typeof PLAIN)[number];
export type Kin = { name: string; relation: string; phone: string; address: string };
export type Number_ = { system: string; value: string };

export type IdentityForm = Record<Plain, string> & {
	/** The name in one line, and which way round it is read. */
	name: string;
	givenFirst: boolean;
	/** The name in fields of its own instead. */
	apart: boolean;
	family: string;
	given: string;
	other: string;
	sex: string;
	birth: string;
	kin: Kin;
	identifiers: Number_[];
	photo: string;
	unknown: boolean;
};

export type Sex = 'female' | 'male' | 'other' | 'unknown';
type Empty<T> = { [K in keyof T]: T[K] | null };
/** What is sent of it; null where nothing is known. */
export type Identity = Record<Plain, string | null> & {
	family_name: string;
	given_name: string;
	other_names: string | null;
	sex: Sex;
	born_on: string | null;
	born_precision: Precision | null;
	next_of_kin: Empty<Kin>;
	identifiers: Number_[];
	photo: string | null;
	unknown_identity: boolean;
};

/** A patient as the server tells of one. */
export type Known = {
	given_name: string;
	family_name: string;
	other_names: string | null;
	sex: string;
	born_on?: string | null;
	born_precision?: string | null;
	next_of_kin?: Empty<Kin> | null;
	identifiers?: Number_[] | null;
	photo?: string | null;
	unknown_identity: boolean;
} & { [K in Plain]?: string | null };

export function blankIdentity(): IdentityForm {
	const plain = Object.fromEntries(PLAIN.map((field) => [field, ''])) as Record<Plain, string>;
	return {
		...plain,
		name: '',
		givenFirst: false,
		apart: false,
		family: '',
		given: '',
		other: '',
		sex: '',
		birth: '',
		kin: { name: '', relation: '', phone: '', address: '' },
		identifiers: [],
		photo: '',
		unknown: false
	};
}

/** The form that shows what is known, the name in fields of its own. */
export function formOf(known: Known): IdentityForm {
	const plain = Object.fromEntries(PLAIN.map((field) => [field, known[field] ?? '']));
	const name = { family: known.family_name, given: known.given_name, other: known.other_names ?? '' };
	const kin = known.next_of_kin;
	return {
		...blankIdentity(),
		...plain,
		...name,
		name: nameTyped(name),
		apart: true,
		sex: known.sex,
		birth: birthTyped(known),
		kin: {
			name: kin?.name ?? '',
			relation: kin?.relation ?? '',
			phone: kin?.phone ?? '',
			address: kin?.address ?? ''
		},
		identifiers: (known.identifiers ?? []).map(({ system, value }) => ({ system, value })),
		photo: known.photo ?? '',
		unknown: known.unknown_identity
	};
}

/** How the name is understood. */
export function nameIn(form: IdentityForm): Named {
	if (form.apart) return { family: form.family.trim(), given: form.given.trim(), other: form.other.trim() };
	return readName(form.name, form.givenFirst);
}

/** What is sent of a form. `today` is the hospital's day, ISO. */
export function identityOf(form: IdentityForm, today: string): Identity {
	const name = nameIn(form);
	const birth = readBirth(form.birth, today)?.birth;
	const plain = Object.fromEntries(PLAIN.map((field) => [field, form[field].trim() || null]));
	return {
		...(plain as Record<Plain, string | null>),
		family_name: name.family,
		given_name: name.given,
		other_names: name.other || null,
		sex: (form.sex || 'unknown') as Sex,
		born_on: birth?.born_on ?? null,
		born_precision: birth?.born_precision ?? null,
		next_of_kin: {
			name: form.kin.name.trim() || null,
			relation: form.kin.relation.trim() || null,
			phone: form.kin.phone.trim() || null,
			address: form.kin.address.trim() || null
		},
		identifiers: form.identifiers
			.map(({ system, value }) => ({ system: system.trim(), value: value.trim() }))
			.filter(({ system, value }) => system || value),
		photo: form.photo || null,
		unknown_identity: form.unknown
	};
}

/** What cannot be sent yet, by the server's names of the fields. */
export function wrongIn(form: IdentityForm, today: string): Record<string, string> {
	const wrong: Record<string, string> = {};
	const name = nameIn(form);
	if (!form.unknown && !name.family && !name.given)
		wrong.name = t('A name is needed, or tick "Identity unknown".');
	if (!form.sex) wrong.sex = t('Choose a sex; "Unknown" is one.');
	const birth = readBirth(form.birth, today);
	if (birth?.why) wrong.born_on = birth.why;
	form.identifiers.forEach((one, n) => {
		if (!one.system.trim() !== !one.value.trim())
			wrong[`identifiers.${n}`] = t('A number needs both: whose it is, and the number.');
	});
	return wrong;
}

/** The fields of `after` that are not as in `before`. */
export function changed(before: Identity, after: Identity): Partial<Identity> {
	const names = Object.keys(after) as (keyof Identity)[];
	const apart = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
	const found = Object.fromEntries(apart.map((name) => [name, after[name]])) as Partial<Identity>;
	if ('born_on' in found || 'born_precision' in found) {
		found.born_on = after.born_on;
		if (after.born_on) found.born_precision = after.born_precision;
		else delete found.born_precision;
	}
	return found;
}

/** A field by its name on the screen. */
export function fieldSaid(name: string): string {
	const said: Record<string, string> = {
		family_name: t('Family name'),
		given_name: t('Given name'),
		other_names: t('Other names'),
		sex: t('Sex'),
		born_on: t('Date of birth'),
		born_precision: t('How exactly the birth date is known'),
		phone: t('Phone'),
		email: t('E-mail'),
		address: t('Address'),
		state: t('State'),
		lga: t('Local government area'),
		marital_status: t('Marital status'),
		occupation: t('Occupation'),
		religion: t('Religion'),
		tribe: t('Tribe'),
		language: t('Language'),
		next_of_kin: t('Next of kin'),
		identifiers: t('Other numbers'),
		photo: t('Photo'),
		unknown_identity: t('Identity unknown'),
		deceased_at: t('Died')
	};
	return said[name] ?? name;
}

/** The 36 states of Nigeria and the Federal Capital Territory. */
export const NIGERIAN_STATES = [
	'Abia',
	'Adamawa',
	'Akwa Ibom',
	'Anambra',
	'Bauchi',
	'Bayelsa',
	'Benue',
	'Borno',
	'Cross River',
	'Delta',
	'Ebonyi',
	'Edo',
	'Ekiti',
	'Enugu',
	'Federal Capital Territory',
	'Gombe',
	'Imo',
	'Jigawa',
	'Kaduna',
	'Kano',
	'Katsina',
	'Kebbi',
	'Kogi',
	'Kwara',
	'Lagos',
	'Nasarawa',
	'Niger',
	'Ogun',
	'Ondo',
	'Osun',
	'Oyo',
	'Plateau',
	'Rivers',
	'Sokoto',
	'Taraba',
	'Yobe',
	'Zamfara'
];
