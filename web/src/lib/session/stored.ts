/** Unfinished writing as it is stored: which words are newer, and which were taken up or thrown away already. */

export type Stored<T> = {
	/** When the last key was pressed, by the server's clock, ms: what decides which words are newer. */
	typed_at: number;
	value: T;
	/** The writing to which it belongs: one form, opened once. Empty in what was stored before this was told. */
	by: string;
	/** Other writings whose words, up to that time, are in this one or were thrown away. */
	knows: Record<string, number>;
	/** Writings found when this one was begun, neither restored nor thrown away since. */
	earlier: Stored<T>[];
};

/** What the device or the server gave, in the form of today or of before. */
export function storedFrom<T>(body: unknown, at: number): Stored<T> {
	if (typeof body === 'object' && body !== null && 'typed_at' in body && 'value' in body) {
		const { typed_at, value, by, knows, earlier } = body as Partial<Stored<T>>;
		return {
			typed_at: typed_at ?? at,
			value: value as T,
			by: by ?? '',
			knows: knows ?? {},
			earlier: earlier ?? []
		};
	}
	return { typed_at: at, value: body as T, by: '', knows: {}, earlier: [] };
}

/** The writings that still stand, each once in its newest words, newest first. */
export function standing<T>(found: Stored<T>[], settled: Record<string, number> = {}): Stored<T>[] {
	const all = found.flatMap((one) => [one, ...one.earlier]).map((one) => ({ ...one, earlier: [] }));
	const known = all.reduce((sum, one) => settledWith(sum, one.knows), settled);
	const kept: Stored<T>[] = [];
	for (const one of all.sort((a, b) => b.typed_at - a.typed_at)) {
		const over = (known[one.by] ?? -1) >= one.typed_at;
		const words = JSON.stringify(one.value);
		if (!over && !kept.some((newer) => newer.by === one.by || JSON.stringify(newer.value) === words))
			kept.push(one);
	}
	return kept;
}

/** Both, the later time of each writing. */
export function settledWith(
	before: Record<string, number>,
	more: Record<string, number>
): Record<string, number> {
	const all = { ...before };
	for (const [by, at] of Object.entries(more)) all[by] = Math.max(at, all[by] ?? 0);
	return all;
}

/** An earlier form under the one of now: what was changed since `blank` stays, the rest comes from the earlier. */
export function laidOver<F extends object>(earlier: F, now: F, blank: Partial<F>): F {
	const of = (form: Partial<F>, name: keyof F) => JSON.stringify(form[name] ?? '');
	const all = { ...now, ...earlier };
	for (const name of Object.keys(now) as (keyof F)[])
		if (of(now, name) !== of(blank, name)) all[name] = now[name];
	return all;
}
