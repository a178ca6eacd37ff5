import { readDays, readStats, readSystem } from '$lib/api/system';
import { needs } from '$lib/session/guard';
import { lasting } from '$lib/session/lasting';
import type { PageLoad } from './$types';

const PERIODS = [30, 90, 364];

/** How the server is doing, and what was done in the hospital. Read anew on `reread('hmis:system')`. */
export const load = lasting((async ({ url, depends, parent }) => {
	await parent();
	needs('system:read');
	depends('hmis:system');
	const asked = Number(url.searchParams.get('days'));
	const period = PERIODS.includes(asked) ? asked : 30;
	const [system, stats, done] = await Promise.all([readSystem(), readStats(), readDays(period)]);
	return { system, stats, done, period };
}) satisfies PageLoad);
