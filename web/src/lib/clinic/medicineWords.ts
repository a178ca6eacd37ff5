/**
 * The words of a medicine line (units, forms, routes, how often) in the language in force.
 *
 * What is stored is a code or an English word of `hmis/prescriptions`; what is not known here (imported, or typed in
 * words of its own) is shown as it came.
 */
import { t } from '../i18n';
import { signature } from './rules.json';

type Amount = { amount: string; n: number };
const counted: Record<string, (one: Amount) => string> = {
	tablet: (one) => t({ one: '{amount} tablet', other: '{amount} tablets' }, one),
	capsule: (one) => t({ one: '{amount} capsule', other: '{amount} capsules' }, one),
	puff: (one) => t({ one: '{amount} puff', other: '{amount} puffs' }, one),
	sachet: (one) => t({ one: '{amount} sachet', other: '{amount} sachets' }, one),
	lozenge: (one) => t({ one: '{amount} lozenge', other: '{amount} lozenges' }, one),
	suppository: (one) => t({ one: '{amount} suppository', other: '{amount} suppositories' }, one),
	pessary: (one) => t({ one: '{amount} pessary', other: '{amount} pessaries' }, one),
	ampoule: (one) => t({ one: '{amount} ampoule', other: '{amount} ampoules' }, one),
	vial: (one) => t({ one: '{amount} vial', other: '{amount} vials' }, one),
	patch: (one) => t({ one: '{amount} patch', other: '{amount} patches' }, one),
	bottle: (one) => t({ one: '{amount} bottle', other: '{amount} bottles' }, one),
	tube: (one) => t({ one: '{amount} tube', other: '{amount} tubes' }, one),
	bag: (one) => t({ one: '{amount} bag', other: '{amount} bags' }, one),
	inhaler: (one) => t({ one: '{amount} inhaler', other: '{amount} inhalers' }, one),
	micrograms: (one) => t({ one: '{amount} micrograms', other: '{amount} micrograms' }, one),
	nanograms: (one) => t({ one: '{amount} nanograms', other: '{amount} nanograms' }, one),
	units: (one) => t({ one: '{amount} units', other: '{amount} units' }, one),
	'million units': (one) => t({ one: '{amount} million units', other: '{amount} million units' }, one)
};

/** A number, as it is shown already, with its unit: 2 tablets, 0 tablets, 2 comprimés, 0 comprimé. */
export function amountSaid(amount: string, n: number, unit: string): string {
	// The unit is kept at its number.
	return counted[unit]?.({ amount, n }).replace(' ', '\u00a0') ?? `${amount}\u00a0${unitSaid(unit)}`;
}

/** A unit by itself, as in a list to choose from. */
export function unitSaid(unit: string): string {
	const said: Record<string, string> = {
		tablet: t('tablet'),
		capsule: t('capsule'),
		puff: t('puff'),
		sachet: t('sachet'),
		lozenge: t('lozenge'),
		suppository: t('suppository'),
		pessary: t('pessary'),
		ampoule: t('ampoule'),
		vial: t('vial'),
		patch: t('patch'),
		bottle: t('bottle'),
		tube: t('tube'),
		bag: t('bag'),
		inhaler: t('inhaler'),
		micrograms: t('micrograms'),
		nanograms: t('nanograms'),
		units: t('units'),
		'million units': t('million units'),
		drop: t('drop'),
		drops: t('drops'),
		application: t('application'),
		applications: t('applications'),
		spray: t('spray'),
		sprays: t('sprays'),
		scoop: t('scoop'),
		scoops: t('scoops'),
		spot: t('spot'),
		spots: t('spots'),
		strip: t('strip'),
		strips: t('strips'),
		'pea-sized amount': t('pea-sized amount'),
		'pea-sized amounts': t('pea-sized amounts'),
		'fingertip unit': t('fingertip unit'),
		'fingertip units': t('fingertip units')
	};
	return said[unit] ?? unit;
}

/** What a drug comes as: tablet, eye drops; each word of it that is known. */
export function formSaid(form: string): string {
	const said: Record<string, string> = {
		tablet: t('tablet'),
		tablets: t('tablets'),
		caplet: t('caplet'),
		capsule: t('capsule'),
		capsules: t('capsules'),
		lozenge: t('lozenge'),
		suppository: t('suppository'),
		pessary: t('pessary'),
		patch: t('patch'),
		sachet: t('sachet'),
		vial: t('vial'),
		ampoule: t('ampoule'),
		injection: t('injection'),
		infusion: t('infusion'),
		inhaler: t('inhaler'),
		aerosol: t('aerosol'),
		ointment: t('ointment'),
		cream: t('cream'),
		gel: t('gel'),
		suspension: t('suspension'),
		'oral suspension': t('oral suspension'),
		syrup: t('syrup'),
		elixir: t('elixir'),
		linctus: t('linctus'),
		mixture: t('mixture'),
		solution: t('solution'),
		'oral solution': t('oral solution'),
		'solution for injection': t('solution for injection'),
		'powder for injection': t('powder for injection'),
		liquid: t('liquid'),
		drops: t('drops'),
		'eye drops': t('eye drops'),
		'ear drops': t('ear drops'),
		'eye ointment': t('eye ointment'),
		lotion: t('lotion'),
		spray: t('spray'),
		powder: t('powder')
	};
	return said[form.toLowerCase()] ?? form;
}

type Product = {
	generic_name: string;
	strength?: string | null;
	form?: string | null;
	brand_name?: string | null;
};

/** A drug inside a sentence, as the server names it: amoxicillin 500 mg capsule (Amoxil). Names are in no language. */
export function drugSaid({ generic_name, strength, form, brand_name }: Product): string {
	return [generic_name, strength, form && formSaid(form), brand_name && `(${brand_name})`]
		.filter(Boolean)
		.join(' ');
}

/** By which way it is given. */
export function routeSaid(route: string): string {
	const said: Record<string, string> = {
		oral: t('oral'),
		intravenous: t('intravenous'),
		intramuscular: t('intramuscular'),
		subcutaneous: t('subcutaneous'),
		intradermal: t('intradermal'),
		sublingual: t('sublingual'),
		buccal: t('buccal'),
		inhaled: t('inhaled'),
		nebulised: t('nebulised'),
		nasal: t('nasal'),
		rectal: t('rectal'),
		vaginal: t('vaginal'),
		topical: t('topical'),
		transdermal: t('transdermal'),
		nasogastric: t('nasogastric'),
		eye: t('eye'),
		'right eye': t('right eye'),
		'left eye': t('left eye'),
		'both eyes': t('both eyes'),
		ear: t('ear'),
		'right ear': t('right ear'),
		'left ear': t('left ear'),
		'both ears': t('both ears'),
		intraosseous: t('intraosseous'),
		intrathecal: t('intrathecal'),
		epidural: t('epidural')
	};
	return said[route] ?? route;
}

/** How often, by its code. */
export function frequencySaid(code: string): string {
	const said: Record<string, string> = {
		stat: t('immediately, once only'),
		od: t('once a day'),
		bd: t('twice a day'),
		tds: t('three times a day'),
		qds: t('four times a day'),
		five_daily: t('five times a day'),
		om: t('every morning'),
		on: t('every night'),
		alternate_days: t('every other day'),
		three_weekly: t('three times a week'),
		twice_weekly: t('twice a week'),
		weekly: t('once a week'),
		fortnightly: t('once every two weeks'),
		monthly: t('once every four weeks')
	};
	const hours = code in signature.frequencies ? /^q(\d+)h$/.exec(code)?.[1] : undefined;
	if (hours) return hours === '1' ? t('every hour') : t('every {hours} hours', { hours });
	return said[code] ?? code;
}

/** Why a medicine is a high-alert one. */
export function alertSaid(why: string): string {
	const said: Record<string, string> = {
		insulin: t('insulin'),
		opioid: t('opioid'),
		antithrombotic: t('antithrombotic'),
		electrolyte: t('electrolyte'),
		chemotherapy: t('chemotherapy'),
		'neuromuscular blocker': t('neuromuscular blocker'),
		anaesthetic: t('anaesthetic')
	};
	return said[why] ?? why;
}
