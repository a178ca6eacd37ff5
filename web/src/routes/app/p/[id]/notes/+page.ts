import { listNotes } from '$lib/api/notes';
import { needs } from '$lib/session/guard';
import { lasting } from '$lib/session/lasting';
import type { PageLoad } from './$types';

/** The nursing notes on this patient, newest first. Read anew on `reread('hmis:notes')`. */
export const load = lasting((async ({ params, depends, parent }) => {
	await parent();
	needs('notes:read');
	depends('hmis:notes');
	return { notes: await listNotes(params.id) };
}) satisfies PageLoad);
