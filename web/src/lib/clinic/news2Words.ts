/** What a NEWS2 score asks for, in words: apart from `observations`, for these sentences are long and few pages say them. */
import { t } from '$lib/i18n';
import { bandSaid, escalates } from './observations';
import { news2 as rules } from './rules.json';

/** A sentence of the rules, which the server says too. */
export const spoken = (rule: { sentence: string }) => t(rule.sentence);

/** What the score asks for, which the server says in English, in the language of the screen. */
export function responseSaid(response: string): string {
	const { complete_it } = rules;
	const parts = response.endsWith(complete_it)
		? [response.slice(0, -complete_it.length - 1), complete_it]
		: [response];
	return parts.map((one) => spoken({ sentence: one })).join(' ');
}

/** What is said once a set is saved. Saving calls nobody, and where somebody must come it says so. */
export function savedSaid(
	news2: { total: number | null; band: string } | null | undefined,
	onTheList: boolean
): { says: string; kind: 'done' | 'warn' | 'danger' } {
	if (!news2 || news2.band === 'not_applicable') return { says: t('Observations saved'), kind: 'done' };
	const scored =
		news2.total === null
			? t('Observations saved · NEWS2 incomplete')
			: t('Saved · NEWS2 {total} · {band}', { total: news2.total, band: bandSaid(news2.band) });
	if (!escalates(news2.band)) return { says: scored, kind: 'done' };
	return {
		says: `${scored}. ${onTheList ? t('Marked urgent on the queue; that calls nobody: call.') : t('This calls nobody: call.')}`,
		kind: news2.band === 'high' ? 'danger' : 'warn'
	};
}
