import { Unreachable } from '$lib/api/wire';

type Event = { params: object; url: URL; untrack: <T>(read: () => T) => T };

/**
 * For the load of a page that is read anew while it stands (after an act, by itself, `invalidate`): what was read stays
 * on the screen, and what was typed beside it, where the same cannot be read again for want of a line.
 * `of` says of what it is read; default: what stands in the address.
 */
export function lasting<E extends Event, D>(
	load: (event: E) => Promise<D>,
	of: (event: E) => string = ({ params, url }) => JSON.stringify(params) + url.search
): (event: E) => Promise<D> {
	let last: { of: string; data: D } | null = null;
	return async (event) => {
		const now = event.untrack(() => of(event)); // asked here only: it is no reason to read again
		try {
			const data = await load(event);
			last = { of: now, data };
			return data;
		} catch (error) {
			if (!(error instanceof Unreachable) || last?.of !== now) throw error;
			return last.data;
		}
	};
}
