/**
 * What the pages before sign-in do: no framework, so that they work as soon as they are seen. Their words are in the
 * pages (lib/public), in one language each; this only shows and hides them.
 */
import { Refused, sendJson, Unreachable } from '$lib/api/wire';
import { chosenLocale } from '$lib/i18n/chosen';
import { enter, leave } from '$lib/session/door';

type Said = 'refused' | 'unreachable' | 'other' | 'wait' | 'still-in' | 'out' | 'set';

const lang = document.documentElement.lang;
const asked = new URLSearchParams(location.search);
const form = one<HTMLFormElement>('form');
const press = one<HTMLButtonElement>('button.primary', form);
let waiting: ReturnType<typeof setInterval> | undefined;

function one<T extends Element>(selector: string, within: ParentNode = document): T {
	const found = within.querySelector<T>(selector);
	if (!found) throw new Error(`the page lacks ${selector}`);
	return found;
}

const input = (id: string) => one<HTMLInputElement>(`#${id}`);

/** Show one sentence of the page, and no other. */
function say(which: Said | null, message = ''): void {
	for (const notice of document.querySelectorAll<HTMLElement>('[data-says]'))
		notice.hidden = notice.dataset.says !== which;
	one('[data-message]').textContent = message;
}

function tellFields(fields: Record<string, string>): void {
	for (const field of form.querySelectorAll('input')) {
		const wrong = fields[field.id] ?? '';
		one(`#${field.id}-error`).textContent = wrong;
		if (wrong) field.setAttribute('aria-invalid', 'true');
		else field.removeAttribute('aria-invalid');
	}
}

/** Say what went wrong. Throws what is no refusal of the server. */
function tell(failure: unknown): void {
	if (failure instanceof Unreachable) return say('unreachable');
	if (!(failure instanceof Refused)) throw failure;
	tellFields(failure.fields);
	if (failure.status === 429) hold(Number(failure.problem.retry_after));
	else if (failure.status === 401 && form.id === 'sign-in') say('refused');
	else if (!Object.keys(failure.fields).some((name) => document.getElementById(name)))
		say('other', failure.message);
}

/** Whoever guessed too often waits, and sees how long. */
function hold(seconds: number): void {
	const until = Date.now() + seconds * 1000;
	const left = one<HTMLTimeElement>('[data-left]');
	const tick = () => {
		const more = Math.max(0, Math.ceil((until - Date.now()) / 1000));
		left.textContent = `${Math.floor(more / 60)}:${String(more % 60).padStart(2, '0')}`;
		if (more > 0) return;
		clearInterval(waiting);
		waiting = undefined;
		press.disabled = false;
		say(null);
	};
	clearInterval(waiting);
	waiting = setInterval(tick, 1000);
	tick();
	say('wait');
}

async function signOut(): Promise<void> {
	try {
		await leave();
		say('out');
	} catch (failure) {
		if (!(failure instanceof Unreachable)) throw failure;
		say('still-in');
	}
}

async function signIn(): Promise<void> {
	await enter(input('login').value.trim(), input('password').value);
	const to = asked.get('to') ?? '';
	location.replace(/^\/app([/?#]|$)/.test(to) ? to : '/app');
}

async function setPassword(): Promise<void> {
	const body = { setup_token: input('setup_token').value.trim(), new_password: input('new_password').value };
	await sendJson('POST', '/auth/password', body);
	location.replace(`${lang === 'fr' ? '/fr' : ''}/login?set=1`);
}

type Line = { saveData?: boolean; effectiveType?: string };

/** Whether bytes are dear here: its owner says so, or the line gives less than a quarter of a megabit. */
function spares(): boolean {
	const { saveData, effectiveType = '' } = (navigator as { connection?: Line }).connection ?? {};
	return saveData || effectiveType.endsWith('2g');
}

/** Fetch what the app needs while its person types, so that it opens at once after sign-in. A hint, no more. */
async function warm(): Promise<void> {
	if (spares()) return;
	const page = await fetch('/app').catch(() => null);
	if (!page?.ok) return; // the app is fetched after sign-in then
	for (const [, href] of (await page.text()).matchAll(/href="(\/_app\/immutable\/[^"]+\.js)"/g)) {
		const link = document.createElement('link');
		link.rel = 'modulepreload';
		link.href = href!;
		document.head.append(link);
	}
}

form.addEventListener('submit', (event) => {
	event.preventDefault();
	if (waiting) return;
	press.disabled = true;
	press.setAttribute('aria-busy', 'true');
	say(null);
	tellFields({});
	(form.id === 'sign-in' ? signIn() : setPassword())
		.catch((failure: unknown) => {
			press.disabled = false;
			tell(failure);
			press.disabled = waiting !== undefined;
			const secret = input(form.id === 'sign-in' ? 'password' : 'new_password');
			if (form.id === 'sign-in' && failure instanceof Refused) secret.value = '';
			(form.querySelector<HTMLInputElement>('[aria-invalid]') ?? secret).focus();
		})
		.finally(() => press.removeAttribute('aria-busy'));
});

for (const button of document.querySelectorAll<HTMLButtonElement>('[data-shows]')) {
	button.addEventListener('click', () => {
		const field = input(button.dataset.shows!);
		field.type = field.type === 'password' ? 'text' : 'password';
		const { other = '', otherLabel = '' } = button.dataset;
		button.dataset.other = button.textContent;
		button.dataset.otherLabel = button.ariaLabel!;
		button.textContent = other;
		button.ariaLabel = otherLabel;
		field.focus();
	});
}

for (const link of document.querySelectorAll<HTMLAnchorElement>('[data-language]')) {
	link.search = location.search;
	link.addEventListener('click', () => localStorage.setItem('hmis-locale', link.dataset.language!));
}

one('[data-again]').addEventListener('click', () => void signOut());

// The public pages say in the address which language they are in; elsewhere the choice of before counts.
const wanted = asked.get('lang') ?? '';
if (wanted === 'en' || wanted === 'fr') localStorage.setItem('hmis-locale', wanted);
const chosen = chosenLocale() === 'fr' ? 'fr' : 'en';
if (chosen !== lang) {
	const path = location.pathname.replace(/^\/fr(?=\/)/, '');
	location.replace(`${chosen === 'fr' ? '/fr' : ''}${path}${location.search}`);
} else {
	press.disabled = false;
	const first = [...form.querySelectorAll('input')].find((field) => !field.value);
	if (document.activeElement === document.body) first?.focus();
	if (asked.has('set')) say('set');
	if (form.id === 'sign-in' && (asked.has('out') || asked.has('switch'))) await signOut();
	// Whoever only looks at the page fetches nothing more.
	if (form.id === 'sign-in') form.addEventListener('input', () => void warm(), { once: true });
}
