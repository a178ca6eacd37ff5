/**
 * The points of each value while it is typed: NEWS2, Royal College of Physicians 2017, by the tables of
 * `hmis/vitals/news2.py`. What counts is what the server computes when the set is stored.
 */
import { news2 as rules } from './rules.json';

export type Parameter =
	| 'respirations_per_min'
	| 'spo2_percent'
	| 'oxygen'
	| 'systolic_mmhg'
	| 'pulse_per_min'
	| 'consciousness'
	| 'temperature_celsius';
/** What was measured; what is left out was not, and is never taken for normal. */
export type Observed = {
	[name in Exclude<Parameter, 'oxygen' | 'consciousness'>]?: number | null;
} & { oxygen?: boolean | null; consciousness?: string | null };
export type Band = 'low' | 'low-medium' | 'medium' | 'high' | 'incomplete' | 'not_applicable';

/** As `News2Out` of the API. */
export type News2 = {
	/** null while anything is missing, or where NEWS2 does not apply. */
	total: number | null;
	/** The points of what was measured. */
	partial: number | null;
	band: Band;
	points: Partial<Record<Parameter, number>>;
	missing: Parameter[];
	reason: string | null;
	response: string;
	scale: 1;
	rule_version: string;
};

const BANDS: Record<string, (number | null)[][]> = rules.bands;
const CONSCIOUSNESS: Record<string, number> = rules.consciousness;
const RESPONSES: Record<string, string> = rules.responses;
const PARAMETERS = rules.parameters as Parameter[];

/** The score of one set, with SpO2 by scale 1. `ageYears` null: nobody knows it, so the score holds on a condition. */
export function score(
	observed: Observed,
	{ ageYears, pregnant }: { ageYears: number | null; pregnant: boolean }
): News2 {
	if (ageYears !== null && ageYears < rules.youngest) return notApplicable(rules.child);
	if (pregnant) return notApplicable(rules.pregnant);
	const points: News2['points'] = {};
	for (const name of PARAMETERS) {
		const found = pointsOf(name, observed[name]);
		if (found !== null) points[name] = found;
	}
	const missing = PARAMETERS.filter((name) => !(name in points));
	const scored = Object.values(points);
	const partial = scored.reduce((sum, each) => sum + each, 0);
	const band = bandOf(partial, scored, missing.length === 0);
	return {
		total: missing.length ? null : partial,
		partial,
		band,
		points,
		missing,
		reason: ageYears === null ? rules.age_unknown : null,
		response: responseTo(band, partial, missing.length === 0),
		scale: 1,
		rule_version: rules.rule_version
	};
}

/** The points of one value, 0 to 3; null where it was not measured. */
export function pointsOf(
	name: Parameter,
	value: number | boolean | string | null | undefined
): number | null {
	if (value === null || value === undefined) return null;
	if (name === 'oxygen') return value ? rules.on_oxygen : 0;
	if (name === 'consciousness') return CONSCIOUSNESS[String(value)] ?? null;
	const measured = name === 'temperature_celsius' ? tenths(Number(value)) : Number(value);
	if (Number.isNaN(measured)) return null;
	return (
		BANDS[name]?.find(([upper]) => upper === null || upper === undefined || measured <= upper)?.[1] ?? null
	);
}

/** The bands are written in tenths of a degree, so 38.05 has to become one of them. */
function tenths(celsius: number): number {
	return Math.round(Number((celsius * 10).toFixed(6))) / 10;
}

function bandOf(total: number, scored: number[], complete: boolean): Band {
	if (total >= rules.high_from) return 'high';
	if (total >= rules.medium_from) return 'medium';
	if (scored.includes(rules.any_single)) return 'low-medium';
	return complete ? 'low' : 'incomplete';
}

function responseTo(band: Band, partial: number, complete: boolean): string {
	if (band === 'low' && partial === 0) return rules.nothing_scored;
	const response = RESPONSES[band] ?? '';
	return complete || band === 'incomplete' ? response : `${response} ${rules.complete_it}`;
}

function notApplicable([reason = '', response = '']: string[]): News2 {
	return {
		total: null,
		partial: null,
		band: 'not_applicable',
		points: {},
		missing: [],
		reason,
		response,
		scale: 1,
		rule_version: rules.rule_version
	};
}
