import { Refused } from '$lib/api/client';
import { listPatients } from '$lib/api/patients';
import { needs } from '$lib/session/guard';
import { lasting } from '$lib/session/lasting';
import { searched } from '$lib/session/searches';
import type { PageLoad } from './$types';

/** A page of the list: all patients by name, or those of the search that the address stands for. */
export const load = lasting((async ({ parent, url }) => {
	await parent();
	needs('patients:list');
	const q = searched(url.searchParams.get('search'));
	const cursor = searched(url.searchParams.get('after'));
	try {
		const found = await listPatients(q, cursor);
		return { q, cursor, patients: found.items, next: found.next, wrong: '' };
	} catch (error) {
		// A mistyped hospital number or a cursor of another question: told beside the search, not as a broken page.
		if (!(error instanceof Refused) || error.status !== 422) throw error;
		return { q, cursor, patients: [], next: null, wrong: error.fields.q ?? error.message };
	}
}) satisfies PageLoad);
