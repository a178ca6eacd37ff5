/**
 * What was searched for. An address and the browser's history stay on a shared computer, so they hold a number and never
 * what somebody typed: a name of a patient, of a colleague, a drug. The text stands in this tab's own storage, where
 * Back and a reload find it again.
 */
import { session } from './session.svelte';

const PLACE = 'hmis-searches';
const MOST = 50;
type Kept = { by: string; last: number; texts: [key: string, text: string][] };

/** What stands for a text in an address of this tab. */
export function keepSearch(text: string): string {
	const { by, last, texts } = read();
	const known = texts.find(([, other]) => other === text);
	if (known) return known[0];
	const key = String(last + 1);
	const all: Kept = { by, last: last + 1, texts: [...texts, [key, text] as [string, string]].slice(-MOST) };
	sessionStorage.setItem(PLACE, JSON.stringify(all));
	return key;
}

/** The text again; empty for an address of another tab or another person. */
export function searched(key: string | null): string {
	return read().texts.find(([other]) => other === key)?.[1] ?? '';
}

/** Before somebody else sits down. */
export function forget(): void {
	sessionStorage.removeItem(PLACE);
}

/** The list of patients for what was typed, or all of them; `after`: a page further on. */
export function patientsFor(text: string, after = ''): string {
	const asked = [text ? `search=${keepSearch(text)}` : '', after ? `after=${keepSearch(after)}` : ''].filter(
		Boolean
	);
	return asked.length ? `/app/patients?${asked.join('&')}` : '/app/patients';
}

function read(): Kept {
	const by = session.me?.id ?? '';
	const found = JSON.parse(sessionStorage.getItem(PLACE) ?? 'null') as Kept | null;
	return found?.by === by ? found : { by, last: 0, texts: [] };
}
