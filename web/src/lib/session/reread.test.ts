import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

/** What SvelteKit was asked to read, each until it is answered. */
const asked: { what: string; answer: () => void; fail: (why: Error) => void }[] = [];
vi.mock('$app/navigation', () => ({
	invalidate: (what: string) =>
		new Promise<void>((answer, fail) => asked.push({ what, answer: () => answer(), fail }))
}));
vi.mock('$app/state', () => ({ navigating: { complete: null } }));
const { reread } = await import('./reread');
const said = () => asked.map(({ what }) => what);
const turn = () => vi.advanceTimersByTimeAsync(0);

describe('what a screen shows is read anew', () => {
	beforeEach(() => {
		vi.useFakeTimers();
		asked.length = 0;
	});
	afterEach(async () => {
		for (const one of asked) one.answer();
		await vi.advanceTimersByTimeAsync(6000);
	});

	it('one after another, so that none is called done before its answer is there', async () => {
		const first = reread('hmis:dispensing');
		const second = reread('hmis:dispensing', 'hmis:chart');
		await turn();
		expect(said()).toEqual(['hmis:dispensing']);
		asked[0]!.answer();
		await first;
		await turn();
		expect(said()).toEqual(['hmis:dispensing', 'hmis:dispensing', 'hmis:chart']);
		asked[1]!.answer();
		asked[2]!.answer();
		await second;
	});

	it('also after one that failed, which only who asked for it is told', async () => {
		const first = reread('hmis:visits');
		const second = reread('hmis:visits');
		await turn();
		asked[0]!.fail(new Error('no answer'));
		await expect(first).rejects.toThrow('no answer');
		await turn();
		asked[1]!.answer();
		await second;
	});

	it('and after five seconds also where one hangs', async () => {
		void reread('hmis:visits');
		void reread('hmis:chart');
		await vi.advanceTimersByTimeAsync(4900);
		expect(said()).toEqual(['hmis:visits']);
		await vi.advanceTimersByTimeAsync(200);
		expect(said()).toEqual(['hmis:visits', 'hmis:chart']);
	});
});
