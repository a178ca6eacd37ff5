/** All unfinished writing of whoever is signed in: on this device, on the server, or on both. */
import { listDrafts } from '$lib/api/me';
import { Unreachable } from '$lib/api/wire';
import { storedFrom } from './stored';
import { vault } from './vault';

export type Unfinished = {
	key: string;
	patientId: string | null;
	/** When it was last written, ms. */
	at: number;
	here: boolean;
	onServer: boolean;
	/** How it begins, where this device has it. */
	begins: string;
};

/** Newest first. Without a line, what this device has. */
export async function unfinished(): Promise<Unfinished[]> {
	const found = new Map<string, Unfinished>();
	for (const [name, kept] of await vault.all('draft/')) {
		const key = name.slice('draft/'.length);
		const patientId = /:([0-9a-f-]{36})/.exec(key)?.[1] ?? null;
		found.set(key, {
			key,
			patientId,
			at: kept.at,
			here: true,
			onServer: false,
			begins: firstWords(storedFrom(kept.value, kept.at).value)
		});
	}
	for (const one of await onServer()) {
		const before = found.get(one.key);
		const at = Math.max(Date.parse(one.updated_at), before?.at ?? 0);
		found.set(one.key, {
			key: one.key,
			patientId: one.patient_id,
			at,
			here: before !== undefined,
			onServer: true,
			begins: before?.begins ?? ''
		});
	}
	return [...found.values()].sort((a, b) => b.at - a.at);
}

async function onServer(): ReturnType<typeof listDrafts> {
	try {
		return await listDrafts();
	} catch (error) {
		if (!(error instanceof Unreachable)) throw error;
		return [];
	}
}

/** The first words that somebody typed, wherever they lie in a form. */
export function firstWords(value: unknown): string {
	if (typeof value === 'string') return /\p{L}.*\s/u.test(value) ? value.trim().slice(0, 80) : '';
	if (typeof value !== 'object' || value === null) return '';
	for (const inner of Object.values(value)) {
		const words = firstWords(inner);
		if (words) return words;
	}
	return '';
}

/** Where the form of a draft stands. */
export function placeOf(draft: Pick<Unfinished, 'key' | 'patientId'>): string {
	const [form = ''] = draft.key.split(':');
	if (!draft.patientId)
		return { register: '/app/patients/new', staff: '/app/admin/staff/new' }[form] ?? '/app';
	const page = { obs: '/obs', note: '/notes', consult: '/consult', identity: '/identity' }[form] ?? '';
	return `/app/p/${draft.patientId}${page}`;
}
