import { readDrugs } from '$lib/api/drugs';
import { needs } from '$lib/session/guard';
import { lasting } from '$lib/session/lasting';
import { searched } from '$lib/session/searches';
import type { PageLoad } from './$types';

/** The list of drugs, as the address asks for it. Read anew on `reread('hmis:drugs')`. */
export const load = lasting((async ({ url, depends, parent }) => {
	await parent();
	needs('drugs:read');
	depends('hmis:drugs');
	const q = searched(url.searchParams.get('search'));
	const retired = url.searchParams.has('retired');
	return { found: await readDrugs({ q, retired }), q, retired };
}) satisfies PageLoad);
