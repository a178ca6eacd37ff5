/**
 * Whether every word on the screens goes through `t`, and French has each of them.
 *
 *     node scripts/words.mjs            fails on raw text and on words nobody says; French that is missing only warns
 *     node scripts/words.mjs --strict   fails on French that is missing too
 *     node scripts/words.mjs --missing  prints the missing sentences as JSON, for whoever translates
 *
 * What counts as said: `t('…')`, `t({ one, other })` and the same of a `speak(lang)` named `t`, in .svelte and .ts; and
 * the `sentences` of the rules in lib/clinic, which are said as `t(sentences[code])` or `t(doubt.sentence)`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'svelte/compiler';
import ts from 'typescript';

const WEB = join(dirname(fileURLToPath(import.meta.url)), '..');
/** The app loads the first; what only the pages before sign-in say stands in the second, so that no app carries it. */
const FRENCH = 'src/lib/i18n/fr.json';
const PUBLIC_FRENCH = 'src/lib/public/fr.json';
const [strict, listing] = ['--strict', '--missing'].map((flag) => process.argv.includes(flag));

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

const said = new Map();
const saidInApp = new Set();
const faults = [];

/** Note a fault where it stands. */
function fault(file, line, text) {
	faults.push(`${relative(WEB, file)}:${line}: ${text}`);
}

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

/** Take in the calls of `t` in a piece of TypeScript. */
function listen(code, file, firstLine) {
	const tree = ts.createSourceFile('piece.ts', code, ts.ScriptTarget.Latest, true);
	const visit = (node) => {
		if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 't') {
			const line = firstLine + tree.getLineAndCharacterOfPosition(node.getStart()).line;
			const keys = node.arguments[0] ? keysOf(node.arguments[0]) : null;
			if (!keys) fault(file, line, 't() takes its sentence as a literal, so that it can be found');
			const place = relative(WEB, file);
			for (const key of keys ?? []) {
				if (!said.has(key)) said.set(key, `${place}:${line}`);
				if (!place.startsWith('src/lib/public/')) saidInApp.add(key);
			}
		}
		ts.forEachChild(node, visit);
	};
	visit(tree);
}

const hasWords = (text) => /\p{L}{2,}/u.test(text) && !SAME.some((pattern) => pattern.test(text.trim()));

/** Every `t` of a component, and every text of its template that does not go through it. */
function readComponent(file, code) {
	const lineOf = (at) => code.slice(0, at).split('\n').length;
	const tree = parse(code, { modern: true });
	for (const script of [tree.instance, tree.module]) {
		if (script)
			listen(code.slice(script.content.start, script.content.end), file, lineOf(script.content.start));
	}
	const raw = (node, text) => {
		if (hasWords(text))
			fault(file, lineOf(node.start), `not through t(): ${JSON.stringify(text.trim().slice(0, 60))}`);
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
		if (isExpression(node)) return listen(code.slice(node.start, node.end), file, lineOf(node.start));
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

function* files(folder) {
	for (const entry of readdirSync(folder, { withFileTypes: true })) {
		const path = join(folder, entry.name);
		if (entry.isDirectory()) yield* files(path);
		else if (/\.(svelte|ts)$/.test(entry.name) && !/\.(test|d)\.ts$/.test(entry.name)) yield path;
	}
}

for (const file of files(join(WEB, 'src'))) {
	const code = readFileSync(file, 'utf8');
	if (file.endsWith('.svelte')) readComponent(file, code);
	else if (!file.endsWith('lib/i18n/index.ts')) listen(code, file, 1);
}

/** Sentences that server and browser share stand in files of rules, under `sentences`. */
for (const file of readdirSync(join(WEB, 'src/lib/clinic')).filter((name) => name.endsWith('.json'))) {
	const groups = Object.values(JSON.parse(readFileSync(join(WEB, 'src/lib/clinic', file), 'utf8')));
	for (const { sentences = {}, other_units: otherUnits = {}, responses, ...rest } of groups) {
		const keys = Object.values(sentences);
		for (const unit of Object.values(otherUnits).flat()) keys.push(unit.say);
		if (responses) {
			// The answers of NEWS2: what to do, or why it does not apply.
			const { nothing_scored, complete_it, age_unknown, child, pregnant } = rest;
			keys.push(...Object.values(responses), nothing_scored, complete_it, age_unknown, child[1], pregnant[1]);
		}
		for (const key of keys) {
			said.set(key, `src/lib/clinic/${file}`);
			saidInApp.add(key);
		}
	}
}

const wordsIn = (path) => JSON.parse(readFileSync(join(WEB, path), 'utf8'));
const [inApp, inPublic] = [wordsIn(FRENCH), wordsIn(PUBLIC_FRENCH)];
const french = { ...inPublic, ...inApp };
const missing = [...said].filter(([key]) => !(key in french));
for (const [path, words] of [
	[FRENCH, inApp],
	[PUBLIC_FRENCH, inPublic]
]) {
	for (const key of Object.keys(words)) {
		const home = saidInApp.has(key) ? FRENCH : PUBLIC_FRENCH;
		if (!said.has(key)) faults.push(`${path}: nobody says ${JSON.stringify(key)}`);
		else if (path !== home) faults.push(`${path}: belongs in ${home}: ${JSON.stringify(key)}`);
	}
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
