/** Observations as they are shown: in bedside order, each with its unit and its NEWS2 points. */
import { leftToRight, t } from '$lib/i18n';
import { today } from './dates';

export type Observed = {
	taken_at: string;
	respirations_per_min: number | null;
	spo2_percent: number | null;
	oxygen: boolean | null;
	oxygen_litres_per_min?: number | null;
	systolic_mmhg: number | null;
	diastolic_mmhg: number | null;
	pulse_per_min: number | null;
	consciousness: string | null;
	temperature_celsius: number | null;
	glucose_mmol_per_l?: number | null;
	pain_0_10?: number | null;
	weight_kg?: number | null;
	news2?: {
		total: number | null;
		partial?: number | null;
		band: string;
		points: Record<string, number>;
	} | null;
};

/** The longest that may pass between two sets, even at 0 points: 12 hours. RCP NEWS2 2017, chart 4. */
const LONGEST_INTERVAL_MS = 12 * 3_600_000;

/** Whether a set still says how the patient is: taken today or within 12 hours. `now`: the server's, ms. */
export function ofNow(taken_at: string, now: number): boolean {
	const taken = Date.parse(taken_at);
	return today(taken) === today(now) || now - taken <= LONGEST_INTERVAL_MS;
}

export type Tile = { name: string; value: string; unit: string; points: number };

/** What was measured, in bedside order; what was not measured is left out. */
export function tilesOf(one: Observed): Tile[] {
	const points = one.news2?.points ?? {};
	const tiles: (Tile | null)[] = [
		tile(t('Resp'), one.respirations_per_min, t('/min'), points.respirations_per_min),
		tile(t('SpO₂'), one.spo2_percent, '%', points.spo2_percent),
		one.oxygen === null
			? null
			: {
					name: t('Oxygen'),
					value: one.oxygen ? t('O₂') : t('air'),
					unit: one.oxygen_litres_per_min ? t('{n} L/min', { n: one.oxygen_litres_per_min }) : '',
					points: points.oxygen ?? 0
				},
		one.systolic_mmhg === null && one.diastolic_mmhg === null
			? null
			: {
					name: t('BP'),
					value: `${one.systolic_mmhg ?? '–'}/${one.diastolic_mmhg ?? '–'}`,
					unit: 'mmHg',
					points: points.systolic_mmhg ?? 0
				},
		tile(t('Pulse'), one.pulse_per_min, t('/min'), points.pulse_per_min),
		tile(t('ACVPU'), one.consciousness, '', points.consciousness),
		tile(t('Temp'), one.temperature_celsius?.toFixed(1) ?? null, '°C', points.temperature_celsius),
		tile(t('Pain'), one.pain_0_10 ?? null, t('of 10'), 0),
		tile(t('Glucose'), one.glucose_mmol_per_l ?? null, 'mmol/L', 0),
		tile(t('Weight'), one.weight_kg ?? null, 'kg', 0)
	];
	return tiles.filter((one_) => one_ !== null);
}

function tile(name: string, value: number | string | null, unit: string, points = 0): Tile | null {
	return value === null ? null : { name, value: `${value}`, unit, points };
}

/** All of it on one line, for a note: `Temp 38.6 °C, pulse 104 /min ...`. */
export function observedInWords(one: Observed): string {
	const said = tilesOf(one).map(
		({ name, value, unit }) => `${name} ${leftToRight([value, unit].filter(Boolean).join(' '))}`
	);
	const total = one.news2?.total;
	if (typeof total === 'number') said.push(`NEWS2 ${total}`);
	return said.join(', ');
}
