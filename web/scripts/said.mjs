/**
 * What the source says through `t`, file by file, and which pages of the app say it: for the check of the words
 * (words.mjs), and for the build, which gives each page its French (french.mjs).
 *
 * What counts as said: `t('…')`, `t({ one, other })` and the same of a `speak(lang)` named `t`, in .svelte and .ts; and
 * the `sentences` of the rules in lib/clinic, which are said as `t(sentences[code])` or `t(doubt.sentence)`.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'svelte/compiler';
import ts from 'typescript';

/**
 * @typedef {{ keys: Map<string, number>, faults: [number, string][], imports: string[] }} Found
 * The sentences of a file and its faults, with their lines, and the files it needs.
 */

export const WEB = join(dirname(fileURLToPath(import.meta.url)), '..');
const SRC = join(WEB, 'src');
/** Rules that server and browser share, each group with its own sentences: a file of them is named with the group. */
export const RULES = join(SRC, 'lib/clinic/rules.json');

/** Text that is the same in every language: names, units, keys, examples of what is typed. */
const SAME = [
	/^HMIS$/,
	/^(mmHg|mg|kg|cm|°C|%|\/min|g|ml|mL|mmol\/L|L\/min|SpO₂|NEWS2|ACVPU|ICD-10|CSV|QR|UTC|kB|MB|GB)$/,
	/^(English|Français)$/,
	/^(Tab|Enter|Esc|Ctrl ⏎|Ctrl|Alt)$/,
	/^\d+\s(mg|g|ml)$/,
	/^make run$/,
	/^(NEWS2|A|C|V|P|U)$/,
	/^[A-Z0-9]{4}(-[A-Z0-9]{4}){4}$/, // a set-up token
	/^[a-z]+ \.?\d+mg po (tds|od) \d+\/\d+$/, // a prescription as it is typed
	/^(ADEYEMI, Folas?a?|ade|ke|Ɓala · Ṣadé · Ụzọ)$/ // invented names of the first page
];
const READ_OUT = [
	'aria-label',
	'aria-description',
	'placeholder',
	'title',
	'alt',
	'label',
	'closeLabel',
	'hint',
	'optional',
	'says'
];

/** The keys that an argument of `t` may take, or null where it is none we can read. */
function keysOf(argument) {
	if (ts.isStringLiteralLike(argument)) return [argument.text];
	if (ts.isObjectLiteralExpression(argument)) {
		const forms = Object.fromEntries(
			argument.properties
				.filter((one) => ts.isPropertyAssignment(one) && ts.isStringLiteralLike(one.initializer))
				.map((one) => [one.name.text, one.initializer.text])
		);
		return forms.one !== undefined && forms.other !== undefined ? [forms.other] : null;
	}
	if (ts.isParenthesizedExpression(argument)) return keysOf(argument.expression);
	// A sentence of a file of rules, which the server says too; all of those are taken in below.
	if (/(\bsentences\[\w+\]|\.sentences?(\.\w+)?)$/.test(argument.getText())) return [];
	if (ts.isConditionalExpression(argument)) {
		const both = [keysOf(argument.whenTrue), keysOf(argument.whenFalse)];
		return both.every(Boolean) ? both.flat() : null;
	}
	return null;
}

/** Take in the calls of `t` in a piece of TypeScript, and what it imports. */
function listen(code, firstLine, found) {
	const tree = ts.createSourceFile('piece.ts', code, ts.ScriptTarget.Latest, true);
	const visit = (node) => {
		if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 't') {
			const line = firstLine + tree.getLineAndCharacterOfPosition(node.getStart()).line;
			const keys = node.arguments[0] ? keysOf(node.arguments[0]) : null;
			if (!keys) found.faults.push([line, 't() takes its sentence as a literal, so that it can be found']);
			for (const key of keys ?? []) if (!found.keys.has(key)) found.keys.set(key, line);
		}
		found.imports.push(...importedBy(node));
		ts.forEachChild(node, visit);
	};
	visit(tree);
}

/** What a piece of TypeScript imports, at once or later; types are not there when it runs. */
function importedBy(node) {
	if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
		return [node.arguments[0].text];
	if (ts.isExportDeclaration(node))
		return node.moduleSpecifier && !node.isTypeOnly ? [node.moduleSpecifier.text] : [];
	if (!ts.isImportDeclaration(node) || node.importClause?.isTypeOnly) return [];
	const from = node.moduleSpecifier.text;
	if (!from.endsWith('/rules.json')) return [from];
	const named = node.importClause.namedBindings?.elements ?? [];
	return named.map(({ name, propertyName }) => `${from}#${(propertyName ?? name).text}`);
}

const hasWords = (text) => /\p{L}{2,}/u.test(text) && !SAME.some((pattern) => pattern.test(text.trim()));

/** Every `t` of a component, and every text of its template that does not go through it. */
function readComponent(code, found) {
	const lineOf = (at) => code.slice(0, at).split('\n').length;
	const tree = parse(code, { modern: true });
	for (const script of [tree.instance, tree.module]) {
		if (script)
			listen(code.slice(script.content.start, script.content.end), lineOf(script.content.start), found);
	}
	const raw = (node, text) => {
		if (hasWords(text))
			found.faults.push([lineOf(node.start), `not through t(): ${JSON.stringify(text.trim().slice(0, 60))}`]);
	};
	const visit = (node) => {
		if (!node || typeof node !== 'object') return;
		if (Array.isArray(node)) return node.forEach(visit);
		if (node.type === 'Comment' || node.type === 'StyleSheet') return;
		if (node.type === 'RegularElement' && ['script', 'style'].includes(node.name)) return;
		if (node.type === 'Text') return raw(node, node.data);
		if (node.type === 'Attribute') {
			const parts = Array.isArray(node.value) ? node.value : node.value === true ? [] : [node.value];
			for (const part of parts) {
				if (part.type === 'Text') {
					if (READ_OUT.includes(node.name)) raw(part, part.data);
				} else {
					if (READ_OUT.includes(node.name)) literals(part);
					visit(part.expression ?? part);
				}
			}
			return;
		}
		if (node.type === 'StyleDirective')
			return visit([node.value].flat().map((part) => part.expression ?? part));
		if (node.type === 'ExpressionTag') literals(node);
		if (isExpression(node)) return listen(code.slice(node.start, node.end), lineOf(node.start), found);
		for (const [name, value] of Object.entries(node)) {
			if (name !== 'parent' && name !== 'metadata') visit(value);
		}
	};
	/** A sentence written straight into `{ }` of the template, or into a branch of it. */
	const literals = (tag) => {
		const piece = ts.createSourceFile(
			'piece.ts',
			`(${code.slice(tag.expression.start, tag.expression.end)})`,
			ts.ScriptTarget.Latest,
			true
		);
		const look = (node) => {
			if (ts.isParenthesizedExpression(node)) return look(node.expression);
			if (ts.isConditionalExpression(node)) return [node.whenTrue, node.whenFalse].forEach(look);
			if (ts.isBinaryExpression(node)) return [node.left, node.right].forEach(look);
			if (ts.isTemplateExpression(node))
				return [node.head, ...node.templateSpans.map((span) => span.literal)].forEach((part) =>
					raw(tag, part.text)
				);
			if (ts.isStringLiteralLike(node)) raw(tag, node.text);
		};
		const statement = piece.statements[0];
		// Comparisons, class names and the like hold words that nobody reads.
		if (statement && ts.isExpressionStatement(statement) && !comparing(statement.expression))
			look(statement.expression);
	};
	visit(tree.fragment);
}

const comparing = (node) => {
	const inner = ts.isParenthesizedExpression(node) ? node.expression : node;
	return (
		ts.isBinaryExpression(inner) &&
		![ts.SyntaxKind.PlusToken, ts.SyntaxKind.QuestionQuestionToken, ts.SyntaxKind.BarBarToken].includes(
			inner.operatorToken.kind
		)
	);
};

const isExpression = (node) =>
	/(Expression|Literal|Identifier|Declaration|Statement|Element$)$/.test(node.type ?? '') &&
	!/^(RegularElement|SvelteElement|Svelte\w+)$/.test(node.type);

/** Every file that may say something. */
export function* sources(folder = SRC) {
	for (const entry of readdirSync(folder, { withFileTypes: true })) {
		const path = join(folder, entry.name);
		if (entry.isDirectory()) yield* sources(path);
		else if (/\.(svelte|ts)$/.test(entry.name) && !/\.(test|d)\.ts$/.test(entry.name)) yield path;
	}
	if (folder === SRC) for (const group of Object.keys(rules())) yield `${RULES}#${group}`;
}

const rules = () => JSON.parse(readFileSync(RULES, 'utf8'));

/** @type {Map<string, { code: string, found: Found }>} */
const read = new Map();

/**
 * What a file says.
 * @param {string} file
 * @returns {Found}
 */
export function saidIn(file) {
	const [path, group] = file.split('#');
	const code = readFileSync(path, 'utf8');
	const before = read.get(file);
	if (before?.code === code) return before.found;
	/** @type {Found} */
	const found = { keys: new Map(), faults: [], imports: [] };
	if (group) for (const key of sentencesOf(rules()[group])) found.keys.set(key, 1);
	else if (file.endsWith('.svelte')) readComponent(code, found);
	else if (!file.endsWith('lib/i18n/index.ts')) listen(code, 1, found);
	found.imports = found.imports.map((from) => resolved(from, file)).filter((one) => one !== null);
	read.set(file, { code, found });
	return found;
}

/** The sentences of a group of rules: its refusals and questions, the units it knows, the answers of NEWS2. */
function sentencesOf({ sentences = {}, other_units: otherUnits = {}, responses, ...rest }) {
	const keys = [
		...Object.values(sentences),
		...Object.values(otherUnits).flatMap((units) => units.map(({ say }) => say))
	];
	if (!responses) return keys;
	const { nothing_scored, complete_it, age_unknown, child, pregnant } = rest;
	return [
		...keys,
		...Object.values(responses),
		nothing_scored,
		complete_it,
		age_unknown,
		child[1],
		pregnant[1]
	];
}

/** The file of ours that an import means; null where it is none, or holds no words. */
function resolved(from, importer) {
	const [name, group] = from.split('#');
	const path = name.startsWith('$lib')
		? join(SRC, 'lib', name.slice('$lib'.length))
		: name.startsWith('.') && join(dirname(importer), name);
	if (!path || name.includes('/$types')) return null;
	if (group) return `${path}#${group}`;
	if (/\.(json|css)$/.test(path)) return null;
	const found = [path, `${path}.ts`, join(path, 'index.ts')].find(
		(one) => /\.(svelte|ts)$/.test(one) && existsSync(one)
	);
	if (!found) throw new Error(`${importer} imports ${from}, which is not there`);
	return found;
}

/** What these files say, and all that they need. */
function sentences(files) {
	const seen = new Set(files);
	for (const file of seen) for (const next of saidIn(file).imports) seen.add(next);
	return new Set([...seen].flatMap((file) => [...saidIn(file).keys.keys()]));
}

/**
 * The sentences of each page and layout of the app, by its route: `/app/queue` is a page, `/app/p/[id]/` the layout
 * around all pages below it. A page does not hold again what its layouts hold. `/public`: all pages before sign-in.
 * @returns {Map<string, Set<string>>}
 */
export function parts() {
	const files = new Map();
	for (const file of sources(join(SRC, 'routes/app'))) {
		const kind = /\/\+(page|layout|error)[^/]*$/.exec(file)?.[1];
		if (!kind) continue;
		const part = dirname(file).slice(join(SRC, 'routes').length) + (kind === 'page' ? '' : '/');
		files.set(part, [...(files.get(part) ?? []), file]);
	}
	const found = new Map([['/public', sentences(sources(join(SRC, 'lib/public')))]]);
	const layoutsFirst = (a, b) => b.endsWith('/') - a.endsWith('/') || a.length - b.length || (a < b ? -1 : 1);
	for (const part of [...files.keys()].sort(layoutsFirst)) {
		const around = [...found.keys()].filter((one) => one.endsWith('/') && `${part}/`.startsWith(one));
		const held = new Set(around.flatMap((one) => [...found.get(one)]));
		found.set(part, new Set([...sentences(files.get(part))].filter((key) => !held.has(key))));
	}
	return found;
}
