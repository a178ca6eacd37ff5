/** A name from one line, as a record office writes it: family first. */
export type Named = { family: string; given: string; other: string };

/**
 * "Okafor Chinedu Emeka" is OKAFOR, Chinedu Emeka; with a comma the family is what stands before it, so that it may
 * have several words. `givenFirst` reads the line the other way round: the family is its last word.
 */
export function readName(line: string, givenFirst = false): Named {
	const typed = line.trim().replace(/\s+/g, ' ');
	const comma = typed.indexOf(',');
	if (comma > 0) {
		const [given = '', ...others] = words(typed.slice(comma + 1));
		return dressed(typed, { family: typed.slice(0, comma).trim(), given, other: others.join(' ') });
	}
	const all = words(typed);
	const family = givenFirst ? (all.length > 1 ? all.pop()! : '') : (all.shift() ?? '');
	const [given = '', ...others] = all;
	return dressed(typed, { family, given, other: others.join(' ') });
}

/** A name in one line again. */
export function nameTyped(name: Named): string {
	const rest = [name.given, name.other].filter(Boolean).join(' ');
	if (!name.family || !rest) return name.family || rest;
	return name.family.includes(' ') ? `${name.family}, ${rest}` : `${name.family} ${rest}`;
}

const words = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);

/** Capitals where a line was typed without any, or in nothing else; otherwise the letters stay as their owner writes them. */
function dressed(typed: string, name: Named): Named {
	const lower = typed.toLocaleLowerCase();
	if (typed !== lower && (typed !== typed.toLocaleUpperCase() || typed.length < 3)) return name;
	const dress = (part: string): string =>
		part.toLocaleLowerCase().replace(/(^|[\s-])\p{L}(['’]\p{L})?/gu, (start) => start.toLocaleUpperCase());
	return { family: dress(name.family), given: dress(name.given), other: dress(name.other) };
}
