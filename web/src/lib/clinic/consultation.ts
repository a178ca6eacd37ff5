/** A consultation that is being written: its parts, and how they become one signed act. */
import type { ConsultationIn, DrugBrief, LineIn, SigningIn, VisitState } from '$lib/api/schema';
import { t } from '$lib/i18n';
import type { Ordered } from './wording';

/** What is written in words, in the order it is asked. */
export const TEXTS = [
	'presenting_complaint',
	'history_of_presenting_complaint',
	'past_medical_history',
	'surgical_history',
	'drug_history',
	'family_history',
	'social_history',
	'obstetric_history',
	'gynaecological_history',
	'review_of_systems',
	'examination',
	'plan'
] as const;
export type TextName = (typeof TEXTS)[number];

/** The one large area takes all of it; headings are for whoever wants them. */
export const NOTE: TextName = 'presenting_complaint';
export const HEADINGS = TEXTS.filter((name) => name !== NOTE);

/** A heading as it is read. */
export function headingSaid(name: TextName): string {
	return {
		presenting_complaint: t('History, examination and plan'),
		history_of_presenting_complaint: t('History of the complaint'),
		past_medical_history: t('Past medical history'),
		surgical_history: t('Operations'),
		drug_history: t('Drug history and allergies'),
		family_history: t('Family history'),
		social_history: t('Social history'),
		obstetric_history: t('Obstetric history'),
		gynaecological_history: t('Gynaecological history'),
		review_of_systems: t('Review of systems'),
		examination: t('Examination'),
		plan: t('Plan')
	}[name];
}

export type Dx = { text: string; code: string | null; certainty: 'provisional' | 'confirmed' };
/** A line for the basket: what is sent, and what is shown of it. */
export type Rx = Ordered & {
	drug: DrugBrief;
	quantity: number | null;
	/** What would be handed out, as the server reckons it; shown, not sent. */
	supply: number | null;
	supply_unit: string | null;
	confirmed: boolean;
};
export type Form = {
	texts: Partial<Record<TextName, string>>;
	diagnoses: Dx[];
	lines: Rx[];
	follow_up_on: string | null;
	/** Advice for the whole prescription. */
	instructions: string;
};

export function blankForm(): Form {
	return { texts: {}, diagnoses: [], lines: [], follow_up_on: null, instructions: '' };
}

/** Whether anything was written at all. */
export function isBlank(form: Form): boolean {
	const words = Object.values(form.texts).some((text) => text?.trim());
	return !words && !form.diagnoses.length && !form.lines.length && !form.follow_up_on && !form.instructions;
}

/** An earlier draft and what was begun since, both kept. */
export function joined(before: Form, since: Form): Form {
	const texts: Form['texts'] = { ...before.texts };
	for (const name of TEXTS) {
		const [old, fresh] = [before.texts[name]?.trim(), since.texts[name]?.trim()];
		if (old && fresh && old !== fresh) texts[name] = `${before.texts[name]}\n${since.texts[name]}`;
		else if (fresh) texts[name] = since.texts[name];
	}
	const known = new Set(before.diagnoses.map((one) => one.code ?? one.text));
	return {
		texts,
		diagnoses: [...before.diagnoses, ...since.diagnoses.filter((one) => !known.has(one.code ?? one.text))],
		lines: [...before.lines, ...since.lines],
		follow_up_on: since.follow_up_on ?? before.follow_up_on,
		instructions: since.instructions || before.instructions
	};
}

/** A line as the server takes it. */
export function lineIn(rx: Rx): LineIn {
	return {
		drug_id: rx.drug.id,
		dose: rx.dose,
		dose_unit: rx.dose_unit,
		route: rx.route,
		frequency: rx.frequency,
		as_needed: rx.as_needed,
		as_needed_reason: rx.as_needed_reason,
		max_in_24h: rx.max_in_24h,
		duration_days: rx.duration_days,
		...(rx.quantity === null ? {} : { quantity: rx.quantity }),
		instructions: rx.instructions,
		confirmed: rx.confirmed
	};
}

/** All of it, to be signed in one act. */
export function signingIn(
	form: Form,
	visitId: string | null,
	moveTo: Extract<VisitState, 'pharmacy' | 'done'> | null
): SigningIn {
	const texts: Partial<ConsultationIn> = {};
	for (const name of TEXTS) if (form.texts[name]?.trim()) texts[name] = form.texts[name];
	return {
		consultation: {
			...texts,
			diagnoses: form.diagnoses.map(({ text, code, certainty }) => ({ text, code, certainty })),
			follow_up_on: form.follow_up_on,
			visit_id: visitId
		},
		prescription: form.lines.length
			? { drugs: form.lines.map(lineIn), instructions: form.instructions.trim() || null }
			: null,
		move_visit_to: visitId ? moveTo : null
	};
}
