/**
 * Keeps the app itself on this device, so that it opens without a line: its scripts, styles and fonts, and the page
 * that holds it; its French where somebody speaks it (`french`). Never an answer of the API, and nothing of a patient. A
 * new version waits until its person asks for it (`skip`), so that no page is changed under somebody's hands.
 */
/// <reference types="@sveltejs/kit" />
/// <reference lib="webworker" />
import { build, files, version } from '$service-worker';

const worker = self as unknown as ServiceWorkerGlobalScope;
const KEPT = `hmis-${version}`;
const SHELL = '/app';
const DOORS = ['/login', '/fr/login'];
const PATIENCE_MS = 4000;
const ours = new Set([...build, ...files]);
const isFrench = (path: string) => path.includes('/immutable/french/');
const french = build.filter(isFrench);
const others = [...ours].filter((path) => !isFrench(path));

worker.addEventListener('install', (event) => {
	event.waitUntil(keep([...others, SHELL, ...DOORS]).then(async () => (await spokeFrench()) && keep(french)));
});

worker.addEventListener('activate', (event) => {
	event.waitUntil(
		caches
			.keys()
			.then((names) => Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name))))
			.then(() => worker.clients.claim())
	);
});

worker.addEventListener('message', (event) => {
	if (event.data === 'skip') void worker.skipWaiting();
	if (event.data === 'french')
		event.waitUntil(caches.match(french[0]!).then((there) => there ?? keep(french)));
});

worker.addEventListener('fetch', (event) => {
	const { request } = event;
	const url = new URL(request.url);
	if (request.method !== 'GET' || url.origin !== location.origin) return;
	if (ours.has(url.pathname)) event.respondWith(keptFirst(request, url.pathname));
	else if (request.mode !== 'navigate') return;
	else if (url.pathname === SHELL || url.pathname.startsWith(`${SHELL}/`))
		event.respondWith(keptFirst(request, SHELL));
	else if (DOORS.includes(url.pathname)) event.respondWith(serverFirst(request, url.pathname));
});

/** All of these, or none. */
async function keep(paths: string[]): Promise<void> {
	await (await caches.open(KEPT)).addAll(paths);
}

/** Whether the version before this one was asked for French. */
async function spokeFrench(): Promise<boolean> {
	const kept = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()));
	return kept.flat().some(({ url }) => isFrench(url));
}

/** What belongs together stays together: the page and the scripts it was built with. */
async function keptFirst(request: Request, path: string): Promise<Response> {
	return (await (await caches.open(KEPT)).match(path)) ?? fetch(request);
}

/** The server's page, or ours where it does not answer soon. */
async function serverFirst(request: Request, path: string): Promise<Response> {
	try {
		return await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
	} catch (error) {
		const kept = await (await caches.open(KEPT)).match(path);
		if (!kept) throw error;
		return kept;
	}
}
