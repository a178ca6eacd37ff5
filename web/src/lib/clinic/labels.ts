/** Labels of 70 by 35 mm: what does not fit on one goes on to the next, and nothing is cut off. */

/** About what fits between the drug's name and the patient's on one label, in letters. */
const FITS = 120;

/** Directions in portions that fit on a label each, parted between words, at a dash where one is near. */
export function portions(directions: string, fits = FITS): string[] {
	const found: string[] = [];
	let rest = directions.replace(/[ \t\r\n]+/g, ' ').trim();
	while (rest.length > fits) {
		const room = rest.slice(0, fits + 1);
		const dash = room.lastIndexOf(' – ');
		const space = room.lastIndexOf(' ');
		const at = dash > fits / 2 ? dash + 2 : space > 0 ? space : fits;
		found.push(rest.slice(0, at).trim());
		rest = rest.slice(at).trim();
	}
	return [...found, rest];
}
