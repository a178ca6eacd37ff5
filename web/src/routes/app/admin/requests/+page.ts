import { readEnquiries } from '$lib/api/enquiries';
import type { EnquiryKind } from '$lib/api/schema';
import { needs } from '$lib/session/guard';
import { lasting } from '$lib/session/lasting';
import type { PageLoad } from './$types';

/** What visitors sent: those that wait, and where asked those dealt with. Read anew on `reread('hmis:requests')`. */
export const load = lasting((async ({ url, depends, parent }) => {
	await parent();
	needs('enquiries:handle');
	depends('hmis:requests');
	const asked = url.searchParams.get('kind');
	const kind: EnquiryKind | undefined = asked === 'contact' || asked === 'sign_up' ? asked : undefined;
	const handled = url.searchParams.has('handled');
	const [open, all] = await Promise.all([
		readEnquiries({ kind }),
		handled ? readEnquiries({ kind, handled }) : null
	]);
	return { open, all, kind, handled };
}) satisfies PageLoad);
