import { readDrugs } from '$lib/api/drugs';
import { needs } from '$lib/session/guard';
import type { PageLoad } from './$types';

/** The list of drugs, as the address asks for it. Read anew on `invalidate('hmis:drugs')`. */
export const load: PageLoad = async ({ url, depends, parent }) => {
	await parent();
	needs('drugs:read');
	depends('hmis:drugs');
	const q = url.searchParams.get('q') ?? '';
	const retired = url.searchParams.has('retired');
	return { found: await readDrugs({ q, retired }), q, retired };
};
