/** The places of the app, by what a person may do: the bar on top, the home after sign-in, the palette. */
import { t } from '$lib/i18n';

export type Place = {
	href: string;
	says: string;
	keys?: string;
	needs: string;
	count?: 'visits' | 'prescriptions';
	/** A page elsewhere that belongs to it. */
	also?: string;
	/** Other words by which it is looked for. */
	words?: string;
};

/** In the order of the bar; the first one permitted is the home. */
export function places(may: (permission: string) => boolean): Place[] {
	const all: Place[] = [
		{ href: '/app/queue', says: t('Queue'), keys: 'g q', needs: 'vitals:record', count: 'visits' },
		{
			href: '/app/pharmacy',
			says: t('Dispensing'),
			keys: 'g d',
			needs: 'prescriptions:dispense',
			count: 'prescriptions'
		},
		{ href: '/app/reception', says: t('Reception'), keys: 'g r', needs: 'visits:check_in', count: 'visits' },
		{
			href: '/app/admin',
			says: t('System'),
			words: t('server, backups'),
			keys: 'g s',
			needs: 'system:read'
		},
		{ href: '/app/admin/staff', says: t('Staff'), needs: 'staff:edit', also: '/app/admin/roles' },
		{ href: '/app/admin/audit', says: t('Audit'), needs: 'audit:read' },
		{ href: '/app/admin/requests', says: t('Requests'), needs: 'enquiries:handle' },
		{ href: '/app/patients', says: t('Patients'), keys: 'g p', needs: 'patients:list' },
		{ href: '/app/drugs', says: t('Drugs'), keys: 'g m', needs: 'drugs:edit' }
	];
	return all.filter((place) => may(place.needs));
}

/** What the palette finds beside patients: it is gone to, or done. */
export type Findable = { says: string; words?: string } & ({ href: string } | { run: () => void });

/** The pages of a person beside those of the bar; of each, the other words by which it is looked for. */
export function furtherPages(may: (permission: string) => boolean): Findable[] {
	const all = [
		{
			href: '/app/patients/new',
			says: t('Register a patient'),
			words: t('new patient, add'),
			needs: 'patients:register'
		},
		{
			href: '/app/admin/staff/new',
			says: t('New member of staff'),
			words: t('add, colleague, user'),
			needs: 'staff:edit'
		},
		{ href: '/app/admin/roles', says: t('Roles'), needs: 'staff:read' },
		{ href: '/app/drugs', says: t('Drugs'), words: t('medicines'), needs: 'drugs:read' },
		{
			href: '/app/me',
			says: t('Profile and settings'),
			words: t('my account, password, drafts'),
			needs: 'account:own'
		},
		{
			href: '/app/me#device',
			says: t('This device'),
			words: t('settings, language, light, dark, theme'),
			needs: 'account:own'
		},
		{
			href: '/app/me#outbox',
			says: t('Waiting to be sent'),
			words: t('outbox, offline'),
			needs: 'account:own'
		}
	];
	return all.filter((page) => may(page.needs));
}
