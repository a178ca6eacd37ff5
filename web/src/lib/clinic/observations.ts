/** What is measured at the bedside, as it is typed and as it is shown: fields in bedside order, units, words. */
import { leftToRight, t, unmarked } from '$lib/i18n';
import type { VitalSignIn, VitalSignOut } from '$lib/api/schema';

/** A set as far as it is known: what is absent or null was not measured. */
export type Observed = Partial<Omit<VitalSignIn, 'confirmed'>>;
export type Taken = VitalSignOut;

export type FieldName =
	| 'respirations_per_min'
	| 'spo2_percent'
	| 'oxygen'
	| 'systolic_mmhg'
	| 'diastolic_mmhg'
	| 'pulse_per_min'
	| 'consciousness'
	| 'temperature_celsius'
	| 'oxygen_litres_per_min'
	| 'oxygen_device'
	| 'pain_0_10'
	| 'glucose_mmol_per_l'
	| 'weight_kg'
	| 'height_cm'
	| 'muac_mm';

/** What stands in each field, letter by letter. */
export type Typed = Partial<Record<FieldName, string>>;

export type FieldOf = {
	name: FieldName;
	/** How it is read: a whole number, one with decimals, a letter of ACVPU, air or oxygen, a few words. */
	as: 'whole' | 'decimal' | 'acvpu' | 'oxygen' | 'words';
	places: number;
	unit: string;
	/** Whether NEWS2 scores it. */
	scored: boolean;
};

const field = (name: FieldName, as: FieldOf['as'], unit: string, places = 0, scored = false): FieldOf => ({
	name,
	as,
	places,
	unit,
	scored
});

/** Bedside order: the order in which the hands go. */
export const BEDSIDE: readonly FieldOf[] = [
	field('respirations_per_min', 'whole', '/min', 0, true),
	field('spo2_percent', 'whole', '%', 0, true),
	field('oxygen', 'oxygen', '', 0, true),
	field('systolic_mmhg', 'whole', 'mmHg', 0, true),
	field('diastolic_mmhg', 'whole', 'mmHg'),
	field('pulse_per_min', 'whole', '/min', 0, true),
	field('consciousness', 'acvpu', '', 0, true),
	field('temperature_celsius', 'decimal', '°C', 1, true)
];
/** Asked once oxygen is given. */
export const OXYGEN: readonly FieldOf[] = [
	field('oxygen_litres_per_min', 'decimal', 'L/min', 1),
	field('oxygen_device', 'words', '')
];
export const MORE: readonly FieldOf[] = [
	field('pain_0_10', 'whole', '/10'),
	field('glucose_mmol_per_l', 'decimal', 'mmol/L', 1),
	field('weight_kg', 'decimal', 'kg', 3),
	field('height_cm', 'decimal', 'cm', 1),
	field('muac_mm', 'whole', 'mm')
];
export const ALL: readonly FieldOf[] = [...BEDSIDE, ...OXYGEN, ...MORE];

/** The name of a measurement, as it stands over its field. */
export function fieldSaid(name: FieldName): string {
	const said: Record<FieldName, string> = {
		respirations_per_min: t('Respirations'),
		spo2_percent: t('SpO₂ (scale 1)'),
		oxygen: t('Air or oxygen'),
		systolic_mmhg: t('Systolic BP'),
		diastolic_mmhg: t('Diastolic BP'),
		pulse_per_min: t('Pulse'),
		consciousness: t('Consciousness'),
		temperature_celsius: t('Temperature'),
		oxygen_litres_per_min: t('Oxygen flow'),
		oxygen_device: t('Oxygen by'),
		pain_0_10: t('Pain'),
		glucose_mmol_per_l: t('Glucose'),
		weight_kg: t('Weight'),
		height_cm: t('Height'),
		muac_mm: t('Mid-upper-arm circumference')
	};
	return said[name];
}

/** What the letters of ACVPU mean. */
export function consciousnessSaid(letter: string): string {
	const said: Record<string, string> = {
		A: t('Alert'),
		C: t('New confusion'),
		V: t('Responds to voice'),
		P: t('Responds to pain'),
		U: t('Unresponsive')
	};
	return said[letter] ?? '';
}

export type Read =
	| { is: 'empty' }
	| { is: 'not done' }
	| { is: 'value'; value: number | boolean | string }
	| { is: 'unclear'; says: string };

const EMPTY: Read = { is: 'empty' };
const unclear = (says: string): Read => ({ is: 'unclear', says });

/** What was typed into a field. `N` alone is "not done"; a comma counts as a point. */
export function read(one: FieldOf, typed: string | undefined): Read {
	const text = (typed ?? '').trim();
	if (!text) return EMPTY;
	if (one.as === 'words') return { is: 'value', value: text };
	if (/^n$/i.test(text)) return { is: 'not done' };
	if (one.as === 'acvpu') {
		const letter = text.toUpperCase();
		return /^[ACVPU]$/.test(letter)
			? { is: 'value', value: letter }
			: unclear(t('Type one letter: A, C, V, P or U; N for not done'));
	}
	if (one.as === 'oxygen') {
		if (/^(a|air)$/i.test(text)) return { is: 'value', value: false };
		if (/^(o|o2|oxygen)$/i.test(text) || isGiven(oxygenIn(text))) return { is: 'value', value: true };
		return unclear(t('Type a for air or o for oxygen; N for not done'));
	}
	const number = text.replace(',', '.');
	if (!/^\d+(\.\d*)?$|^\.\d+$/.test(number)) return unclear(t('Type a number; N for not done'));
	const decimals = number.split('.')[1]?.length ?? 0;
	if (decimals > one.places) {
		return unclear(
			one.places === 0
				? t('A whole number, please')
				: t({ one: 'At most {n} decimal', other: 'At most {n} decimals' }, { n: one.places })
		);
	}
	return { is: 'value', value: Number(number) };
}

const DEVICES: [RegExp, () => string][] = [
	[/^(nc|nasal|cannula|prongs?)\b/i, () => t('nasal cannula')],
	[/^(nrb|nrm|non-?\s?rebreath\w*|reservoir)\b/i, () => t('non-rebreather mask')],
	[/^(v|venturi)\b/i, () => t('Venturi mask')],
	[/^(m|mask|simple)\b/i, () => t('simple face mask')],
	[/^(hf|hfnc|high)\b/i, () => t('high-flow nasal cannula')],
	[/^cpap\b/i, () => t('CPAP')]
];

/** The ways oxygen is given that are offered. */
export function devices(): string[] {
	return DEVICES.map(([, said]) => said());
}

/** `o 4 mask` typed in one go: the flow and the device that stand in it, for their own fields. */
export function oxygenIn(typed: string): { flow?: string; device?: string } | null {
	const found = /^\s*o(?:xygen|2)?[\s,]+(?:(\d+(?:[.,]\d)?)\s*(?:l(?:\/min)?)?\b)?\s*(.*)$/i.exec(typed);
	if (!found || (!found[1] && !found[2])) return null;
	const words = (found[2] ?? '').trim();
	const known = DEVICES.find(([pattern]) => pattern.test(words));
	return {
		...(found[1] ? { flow: found[1].replace(',', '.') } : {}),
		...(words ? { device: known ? known[1]() : words } : {})
	};
}

/** Whether a flow was typed, or a known device: `o off` and `o no` say that none is given, and are refused. */
function isGiven(found: ReturnType<typeof oxygenIn>): boolean {
	if (!found) return false;
	return found.flow === undefined ? devices().includes(found.device ?? '') : Number(found.flow) > 0;
}

/** The measurements that can be read, by name. Without oxygen no flow and no device are sent. */
export function observedFrom(typed: Typed): Observed {
	const observed: Record<string, unknown> = {};
	for (const one of ALL) {
		const found = read(one, typed[one.name]);
		if (found.is === 'value') observed[one.name] = found.value;
	}
	if (observed.oxygen !== true) {
		delete observed.oxygen_litres_per_min;
		delete observed.oxygen_device;
	}
	return observed as Observed;
}

/** A recorded set as it would have been typed. */
export function typedFrom(taken: Taken): Typed {
	const typed: Typed = {};
	for (const one of ALL) {
		const value = taken[one.name];
		if (value === null || value === undefined) continue;
		typed[one.name] = typeof value === 'boolean' ? (value ? 'o' : 'a') : String(value);
	}
	return typed;
}

/** What a correction changes, and nothing else: null where a value was taken out. */
export function changes(before: Taken, typed: Typed): Observed {
	const after = observedFrom(typed);
	const changed: Record<string, unknown> = {};
	for (const one of ALL) {
		const now = after[one.name] ?? null;
		if (now !== (before[one.name] ?? null)) changed[one.name] = now;
	}
	return changed as Observed;
}

/** A value with its unit, as it stands in a sentence. */
export function valueSaid(name: FieldName, value: unknown): string {
	if (value === null || value === undefined) return t('not measured');
	if (name === 'oxygen') return value ? t('oxygen') : t('air');
	if (name === 'consciousness') return `${String(value)} (${consciousnessSaid(String(value))})`;
	const unit = ALL.find((one) => one.name === name)?.unit ?? '';
	if (!unit) return String(value);
	return leftToRight(
		`${String(value)}${unit === '%' || unit === '/10' || unit === '/min' ? '' : '\u00a0'}${unit}`
	);
}

/** A change in words, for the addendum into which it goes when the window has closed. */
export function changesSaid(before: Taken, changed: Observed): string {
	const lines = ALL.filter((one) => one.name in changed)
		.map((one) =>
			t('{what}: {now} (recorded: {before})', {
				what: fieldSaid(one.name),
				now: valueSaid(one.name, changed[one.name]),
				before: valueSaid(one.name, before[one.name])
			})
		)
		.join('\n');
	return unmarked(lines);
}

/** The same measurements in one line, for a list of sets. */
export function inOneLine(taken: Taken): { label: string; value: string }[] {
	const of = (label: string, value: unknown, unit: string) =>
		value === null || value === undefined ? [] : [{ label, value: leftToRight(`${String(value)}${unit}`) }];
	const pressure =
		taken.systolic_mmhg === null && taken.diastolic_mmhg === null
			? null
			: `${taken.systolic_mmhg ?? '–'}/${taken.diastolic_mmhg ?? '–'}`;
	const oxygen =
		taken.oxygen === null
			? null
			: taken.oxygen
				? [
						t('oxygen'),
						taken.oxygen_litres_per_min === null ? '' : `${taken.oxygen_litres_per_min}\u00a0L/min`,
						taken.oxygen_device ?? ''
					]
						.filter(Boolean)
						.join(' ')
				: t('air');
	return [
		...of(t('Respirations'), taken.respirations_per_min, '/min'),
		...of(t('SpO₂'), taken.spo2_percent, '%'),
		...of(t('On'), oxygen, ''),
		...of(t('Blood pressure'), pressure, '\u00a0mmHg'),
		...of(t('Pulse'), taken.pulse_per_min, '/min'),
		...of(t('ACVPU'), taken.consciousness, ''),
		...of(t('Temperature'), taken.temperature_celsius?.toFixed(1) ?? null, '\u00a0°C'),
		...of(t('Pain'), taken.pain_0_10, '/10'),
		...of(t('Glucose'), taken.glucose_mmol_per_l, '\u00a0mmol/L'),
		...of(t('Weight'), taken.weight_kg, '\u00a0kg'),
		...of(t('Height'), taken.height_cm, '\u00a0cm'),
		...of(t('BMI'), taken.bmi, '\u00a0kg/m²'),
		...of(t('MUAC'), taken.muac_mm, '\u00a0mm')
	];
}

/** The words of a band of NEWS2. */
export function bandSaid(band: string): string {
	const said: Record<string, string> = {
		low: t('Low risk'),
		'low-medium': t('One parameter scores 3'),
		medium: t('Medium risk'),
		high: t('High risk'),
		incomplete: t('NEWS2 incomplete'),
		not_applicable: t('NEWS2 not calculated')
	};
	return said[band] ?? band;
}

/** Whether somebody has to be called: the whole score or what is certain of it. */
export function escalates(band: string): boolean {
	return band === 'low-medium' || band === 'medium' || band === 'high';
}

const PREGNANCY_DAYS = 294; // as the server counts: 42 weeks from the last period
const DAY_MS = 86_400_000;

/** Whether the newest word on it is "pregnant", and on that day not older than a pregnancy lasts. */
export function pregnantNow(
	held: { pregnancy?: string | null; pregnancy_held_on?: string | null } | null | undefined,
	on: string
): boolean {
	if (held?.pregnancy !== 'pregnant' || !held.pregnancy_held_on) return false;
	return Date.parse(on) - Date.parse(held.pregnancy_held_on) <= PREGNANCY_DAYS * DAY_MS;
}

/** Age in whole years on a day of the hospital, both ISO; null where nobody knows it. */
export function ageInYears(bornOn: string | null | undefined, on: string): number | null {
	if (!bornOn) return null;
	const birthday = on.slice(5) >= bornOn.slice(5);
	return Number(on.slice(0, 4)) - Number(bornOn.slice(0, 4)) - (birthday ? 0 : 1);
}
