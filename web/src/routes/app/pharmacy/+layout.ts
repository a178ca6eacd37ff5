import { readQueue } from '$lib/api/pharmacy';
import { needs } from '$lib/session/guard';
import { lasting } from '$lib/session/lasting';
import type { LayoutLoad } from './$types';
import { shown } from './shown.svelte';

/** Who waits for medicines. Read anew on `reread('hmis:dispensing')`. */
export const load = lasting(
	(async ({ depends, parent }) => {
		await parent();
		needs('prescriptions:dispense');
		depends('hmis:dispensing');
		const queue = await readQueue(shown.most);
		const rows = queue.items.map((one) => ({
			id: one.id,
			href: `/app/pharmacy/${one.patient_id}/${one.consultation_id}`,
			patient: one.patient,
			state: one.state,
			items: one.lines.length,
			created_at: one.created_at
		}));
		return { rows, more: queue.more };
	}) satisfies LayoutLoad,
	() => ''
);
