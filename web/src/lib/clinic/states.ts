/** Where a patient is in the day's flow, as one says it. */
import { t } from '$lib/i18n';

export const STATES = ['arrived', 'triage', 'waiting', 'with_doctor', 'pharmacy', 'done', 'left'] as const;
export type State = (typeof STATES)[number];

export function stateSaid(state: string): string {
	const said: Record<string, string> = {
		arrived: t('Arrived'),
		triage: t('At triage'),
		waiting: t('Waiting for the doctor'),
		with_doctor: t('With the doctor'),
		pharmacy: t('At the pharmacy'),
		done: t('Done'),
		left: t('Gone')
	};
	return said[state] ?? state;
}
