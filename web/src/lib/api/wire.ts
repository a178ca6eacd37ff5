/**
 * The one way to the server: every request of every screen passes `send`.
 *
 * Every failure is one of four things: `Refused` (the server said no, and why), `Unreachable` (no answer came),
 * or, at a 401, a question to the person (`whenSignedOut`), after which the request is sent once more.
 */
import type { Problem } from './schema';

/** The server refused. `code` may be relied on; `message` is for people; `fields` says what is wrong with which field. */
export class Refused extends Error {
	readonly code: string;
	readonly status: number;
	readonly fields: Record<string, string>;
	/** After how many seconds to ask again, where the server said so. */
	readonly after: number | null;
	constructor(readonly problem: Problem & Record<string, unknown>) {
		super(problem.detail);
		this.after = Number(problem.retry_after) || null;
		this.code = problem.code;
		this.status = problem.status;
		this.fields = problem.fields as Record<string, string>;
	}
}

/** No answer came: no network, or the server is down. Whether the request arrived is not known. */
export class Unreachable extends Error {
	constructor() {
		super(listeners.noAnswer());
	}
}

type Listener = {
	reached: () => void;
	/** The server's clock was told: what is counted by it may stand differently now. */
	timed: () => void;
	unreachable: () => void;
	/** An answer was not waited for any longer: the server may be there all the same. */
	late: () => void;
	/** What a person is told where no answer came, in their language. */
	noAnswer: () => string;
	/** The session has ended: true once the same person is signed in again. */
	signedOut: () => Promise<boolean>;
	/** The token no longer counts: true if the same person is signed in still, as after a sign-in in another tab. */
	samePerson: () => Promise<boolean>;
	/** While the screen is covered nothing is written; what began meanwhile waits until its owner is back. */
	uncovered: () => Promise<void>;
};
const listeners: Listener = {
	reached: () => {},
	timed: () => {},
	unreachable: () => {},
	late: () => {},
	noAnswer: () => 'The server does not answer.',
	signedOut: () => Promise.resolve(false),
	samePerson: () => Promise.resolve(true),
	uncovered: () => Promise.resolve()
};
let token = '';
let acting = '';
let offset = 0;

/** Who wants to know how requests fare: the connection light, and the lock that asks for a password. */
export function listen(to: Partial<Listener>): void {
	Object.assign(listeners, to);
}

/** The token that every change carries; a new one comes with each sign-in. */
export function useToken(next: string): void {
	token = next;
}

/** Whose screen this is: every request says so, and the server refuses it where somebody else is signed in by now. */
export function actAs(staffId: string): void {
	acting = staffId;
}

/** Now by the server's clock, in ms: windows are counted by it and never by this computer's. */
export function serverNow(): number {
	return Date.now() + offset;
}

/**
 * A fetch that carries the token, keeps the server's clock, and asks for a password where the session has ended. With
 * `within`, each answer is waited for so many ms: the time for which a person was asked first does not count.
 */
export async function send(request: Request, within?: number): Promise<Response> {
	if (unsafe(request) && !isDoor(request)) await listeners.uncovered();
	const again = request.clone();
	let response = await once(request, within);
	if (response.status === 401 && !isDoor(request)) {
		if (await listeners.signedOut()) response = await once(again, within);
	} else if (response.status === 403 && STRANGE.includes(await codeOf(response))) {
		// First whose session it is, and only then its token: else a colleague's would carry this person's work.
		if (await listeners.samePerson()) {
			await freshToken();
			response = await once(again, within);
		}
	}
	return response;
}

/** For a typed request: a `fetch` that waits so many ms for each answer. */
export function within(ms: number): (request: Request) => Promise<Response> {
	return (request) => send(request, ms);
}

const STRANGE = ['CsrfFailed', 'SomebodyElse'];

async function once(request: Request, within?: number): Promise<Response> {
	if (unsafe(request)) {
		if (!token) await freshToken();
		request.headers.set('X-CSRFToken', token);
	}
	if (acting && !isDoor(request)) request.headers.set('X-Staff-ID', acting);
	// The server refuses and asks in the language of the screen, which need not be that of the browser.
	request.headers.set('Accept-Language', document.documentElement.lang);
	let response: Response;
	try {
		response = await whole(await fetch(request, within ? { signal: AbortSignal.timeout(within) } : {}));
	} catch (error) {
		const why = error instanceof DOMException ? error.name : '';
		if (why === 'AbortError') throw error;
		if (why === 'TimeoutError') listeners.late();
		else listeners.unreachable();
		throw new Unreachable();
	}
	if (response.status === 502 || response.status === 504 || !isOurs(response)) {
		listeners.unreachable();
		throw new Unreachable();
	}
	listeners.reached();
	const date = Date.parse(response.headers.get('Date') ?? '');
	if (!Number.isNaN(date)) {
		offset = date - Date.now();
		listeners.timed();
	}
	return response;
}

/** The answer with all of its body: a line that breaks in the middle of it gave none. */
async function whole(response: Response): Promise<Response> {
	const { status, statusText, headers } = response;
	const bytes = await response.arrayBuffer();
	return new Response(bytes.byteLength ? bytes : null, { status, statusText, headers });
}

/** The page of somebody else between us and the server, as where a network asks for a password of its own. */
function isOurs(response: Response): boolean {
	return !response.ok || !response.body || !response.headers.get('Content-Type')?.startsWith('text/html');
}

function isDoor(request: Request): boolean {
	return new URL(request.url).pathname.startsWith('/auth/');
}

function unsafe(request: Request): boolean {
	return !['GET', 'HEAD'].includes(request.method);
}

async function codeOf(response: Response): Promise<string> {
	const problem: { code?: string } = await response.clone().json();
	return problem.code ?? '';
}

/** Fetch the token anew, as after a reload; with `within`, the answer is waited for so many ms. */
export async function freshToken(within?: number): Promise<void> {
	const response = await once(new Request('/auth/getcsrf'), within);
	token = ((await response.json()) as { csrf_token: string }).csrf_token;
}

/** A key under which the server does a thing once, however often it is sent. */
export function newKey(): string {
	const bytes = crypto.getRandomValues(new Uint8Array(16));
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Send JSON and read JSON, without the types of the API: for the sign-in page and for what waits in the outbox. */
export async function sendJson(
	method: string,
	path: string,
	body?: unknown,
	headers: Record<string, string> = {},
	within?: number
): Promise<unknown> {
	const response = await send(
		new Request(path, {
			method,
			headers: {
				Accept: 'application/json',
				...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
				...headers
			},
			body: body === undefined ? undefined : JSON.stringify(body)
		}),
		within
	);
	const given = await response.text();
	if (!response.ok) throw new Refused(problemOf(parsed(given), response));
	return given ? JSON.parse(given) : undefined;
}

/** What a refusal says; nothing where it is not ours, but a page of what stands before the server. */
function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		if (!(error instanceof SyntaxError)) throw error;
		return undefined;
	}
}

/** A refusal as the server told it, or what little is known where it told nothing. */
export function problemOf(error: unknown, response: Response): Problem & Record<string, unknown> {
	if (typeof error === 'object' && error !== null && 'code' in error) return error as Problem & object;
	const title = response.statusText || `${response.status}`;
	return {
		type: 'about:blank',
		title,
		status: response.status,
		detail: title,
		code: 'Unexpected',
		fields: {},
		request_id: null,
		retry_after: response.headers.get('Retry-After')
	};
}
