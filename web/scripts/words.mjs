/**
 * Whether every word on the screens goes through `t`, and French has each of them.
 *
 *     node scripts/words.mjs            fails on raw text and on words nobody says; French that is missing only warns
 *     node scripts/words.mjs --strict   fails on French that is missing too
 *     node scripts/words.mjs --missing  prints the missing sentences as JSON, for whoever translates
 */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parts, saidIn, sources, WEB } from './said.mjs';

const FRENCH = 'src/lib/i18n/fr.json';
const [strict, listing] = ['--strict', '--missing'].map((flag) => process.argv.includes(flag));

/** The sentences, and where they are said first. */
const said = new Map();
const fetched = new Set([...parts().values()].flatMap((keys) => [...keys]));
const faults = [];

for (const file of sources()) {
	const place = relative(WEB, file);
	const found = saidIn(file);
	for (const [line, text] of found.faults) faults.push(`${place}:${line}: ${text}`);
	for (const [key, line] of found.keys) {
		if (!said.has(key)) said.set(key, `${place}:${line}`);
		if (!fetched.has(key)) faults.push(`${place}:${line}: on no page: ${JSON.stringify(key)}`);
	}
}

const french = JSON.parse(readFileSync(join(WEB, FRENCH), 'utf8'));
const missing = [...said].filter(([key]) => !(key in french));
for (const key of Object.keys(french)) {
	if (!said.has(key)) faults.push(`${FRENCH}: nobody says ${JSON.stringify(key)}`);
}
const holes = (text) =>
	[...text.matchAll(/\{(\w+)\}/g)]
		.map(([, name]) => name)
		.sort()
		.join();
for (const [key, value] of Object.entries(french)) {
	for (const form of typeof value === 'string' ? [value] : Object.values(value)) {
		if (holes(form) !== holes(key)) faults.push(`French: other {parameters} than ${JSON.stringify(key)}`);
	}
}

if (listing) {
	console.log(JSON.stringify(Object.fromEntries(missing.map(([key]) => [key, ''])), null, '\t'));
	process.exit(0);
}
for (const line of faults) console.error(line);
if (strict)
	for (const [key, place] of missing) console.error(`${place}: no French for ${JSON.stringify(key)}`);
else if (missing.length)
	console.warn(`words: ${missing.length} of ${said.size} sentences have no French yet (--strict lists them)`);
if (faults.length || (strict && missing.length)) {
	console.error(`words: ${faults.length + (strict ? missing.length : 0)} faults`);
	process.exit(1);
}
console.log(`words: ${said.size} sentences, ${said.size - missing.length} in French`);
