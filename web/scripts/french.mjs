/**
 * The French of each page and layout of the app, a file for each, made from `lib/i18n/fr.json` by what these say: nobody
 * fetches words of pages they do not open, and whoever reads English fetches none. `lib/i18n` asks for `virtual:french`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parts, WEB } from './said.mjs';

const ASKED = 'virtual:french';
const MADE = `\0${ASKED}`;
/** A layout's file is told from its page's by more than a stroke: in the list of files made these would be one. */
const LAYOUT = /\/\+layout$/;

/** @type {import('vite').Plugin} */
export const french = {
	name: 'hmis-french',
	resolveId: (id) => (id.startsWith(ASKED) ? `\0${id}` : undefined),
	load(id) {
		if (!id.startsWith(MADE)) return;
		const file = join(WEB, 'src/lib/i18n/fr.json');
		this.addWatchFile(file);
		const words = JSON.parse(readFileSync(file, 'utf8'));
		const found = parts();
		const part = id.slice(MADE.length).replace(LAYOUT, '/');
		if (!part) return table([...found].filter(([one, said]) => one !== '/public' && said.size > 0));
		const said = [...(found.get(part) ?? [])].filter((key) => key in words && words[key] !== key).sort();
		return `export default ${JSON.stringify(Object.fromEntries(said.map((key) => [key, short(words[key])])))};`;
	}
};

/** Forms of a sentence without what is said all the same: `t` falls back to `other`, and to the English. */
function short(/** @type {string | Record<string, string>} */ said) {
	if (typeof said === 'string') return said;
	return Object.fromEntries(
		Object.entries(said).filter(([form, text]) => form === 'other' || text !== said.other)
	);
}

/** @param {[string, Set<string>][]} found */
function table(found) {
	const lines = found.map(
		([part]) =>
			`${JSON.stringify(part)}: () => import(${JSON.stringify(ASKED + part.replace(/\/$/, '/+layout'))})`
	);
	return `export const french = { ${lines.join(', ')} };`;
}

/**
 * Whether a module holds the words of a part.
 * @param {string | null | undefined} id
 */
export const isFrench = (id) => id?.startsWith(`${MADE}/`) ?? false;
