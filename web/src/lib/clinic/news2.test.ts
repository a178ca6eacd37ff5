import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pointsOf, score, type Band, type Observed, type Parameter } from './news2';

type Case = {
	says: string;
	measured: Observed;
	rest_healthy: boolean;
	age_years: number | null;
	pregnant?: boolean;
	total: number | null;
	partial: number | null;
	band: Band;
	missing?: Parameter[];
	reason?: string;
	response: string;
};

/** The cases that the server is held to as well. */
const {
	healthy,
	edges,
	cases
}: { healthy: Observed; edges: Record<string, [never, number][]>; cases: Case[] } = JSON.parse(
	readFileSync(new URL('../../../../tests/vitals/news2_cases.json', import.meta.url), 'utf8')
);
const ADULT = { ageYears: 40, pregnant: false };

describe('NEWS2 while it is typed', () => {
	it.each(Object.entries(edges).flatMap(([name, found]) => found.map((edge) => [name, ...edge] as const)))(
		'%s %s scores %i',
		(name, value, points) => {
			expect(pointsOf(name as Parameter, value)).toBe(points);
			expect(score({ ...healthy, [name]: value }, ADULT).total).toBe(points);
		}
	);

	it.each(cases.map((each) => [each.says, each] as const))('%s', (_, each) => {
		const observed = each.rest_healthy ? { ...healthy, ...each.measured } : each.measured;
		const scored = score(observed, { ageYears: each.age_years, pregnant: each.pregnant ?? false });
		expect(scored).toMatchObject({
			total: each.total,
			partial: each.partial,
			band: each.band,
			missing: each.missing ?? [],
			reason: each.reason ?? null
		});
		expect(scored.response).toContain(each.response);
	});
});
