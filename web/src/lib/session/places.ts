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
		{ href: '/app/admin', says: t('System'), keys: 'g s', needs: 'system:read' },
		{ href: '/app/admin/staff', says: t('Staff'), needs: 'staff:edit', also: '/app/admin/roles' },
		{ href: '/app/admin/audit', says: t('Audit'), needs: 'audit:read' },
		{ href: '/app/admin/requests', says: t('Requests'), needs: 'enquiries:handle' },
		{ href: '/app/patients', says: t('Patients'), keys: 'g p', needs: 'patients:list' },
		{ href: '/app/drugs', says: t('Drugs'), keys: 'g m', needs: 'drugs:edit' }
	];
	return all.filter((place) => may(place.needs));
}
