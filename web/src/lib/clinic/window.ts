/** The 24 hours in which an author may change what they wrote: what a screen says of them, by the server's clock. */

export type Signed = {
	author: { id: string; name: string };
	created_at: string;
	locks_at: string;
	voided: unknown;
};

export type Window = {
	/** Whether this reader may change it now. The server decides; this only spares a vain try. */
	open: boolean;
	/** ms left, 0 when locked. */
	left: number;
	/** How near the end is: over an hour, under one, under ten minutes, past. */
	stage: 'calm' | 'hour' | 'minutes' | 'locked';
	mine: boolean;
};

const MINUTE = 60_000;

/** What is left of a record's window for a reader. `now` is the server's clock, ms. */
export function windowOf(record: Signed, readerId: string, now: number): Window {
	const left = Math.max(0, Date.parse(record.locks_at) - now);
	const mine = record.author.id === readerId;
	const stage =
		left === 0 ? 'locked' : left <= 10 * MINUTE ? 'minutes' : left <= 60 * MINUTE ? 'hour' : 'calm';
	return { open: mine && left > 0 && !record.voided, left, stage, mine };
}
