import { readAudit } from '$lib/api/audit';
import { Refused } from '$lib/api/client';
import type { Act, AuditEventOutPage } from '$lib/api/schema';
import { dayAfter, dayBegins } from '$lib/clinic/dates';
import { needs } from '$lib/session/guard';
import type { PageLoad } from './$types';
import { ACTS } from './words';

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The acts that the address asks for; what is wrong with the question is told beside its fields. */
export const load: PageLoad = async ({ url, depends, parent }) => {
	await parent();
	needs('audit:read');
	depends('hmis:audit');
	const given = (name: string) => url.searchParams.get(name)?.trim() ?? '';
	const asked = {
		actor: given('actor'),
		patient: given('patient'),
		act: ACTS.includes(given('act') as Act) ? given('act') : '',
		from: DAY.test(given('from')) ? given('from') : '',
		to: DAY.test(given('to')) ? given('to') : ''
	};
	const question = {
		actor: asked.actor || undefined,
		patient: asked.patient.replace(/\s/g, '') || undefined,
		act: (asked.act as Act) || undefined,
		since: asked.from ? dayBegins(asked.from) : undefined,
		until: asked.to ? dayBegins(dayAfter(asked.to)) : undefined
	};
	let found: AuditEventOutPage = { items: [], next: null, total: null };
	let wrong: Record<string, string> = {};
	let said = '';
	try {
		found = await readAudit(question);
	} catch (error) {
		if (!(error instanceof Refused) || (error.status !== 422 && error.status !== 400)) throw error;
		wrong = error.fields;
		said = error.message;
	}
	return { asked, question, found, wrong, said };
};
