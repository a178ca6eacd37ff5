/** The jobs of a hospital, in words. */
import { t } from '$lib/i18n';

export const ROLES = ['doctor', 'nurse', 'pharmacist', 'record_officer', 'admin'] as const;
export type RoleName = (typeof ROLES)[number];

/** One who does the job. */
export function roleSaid(role: string): string {
	const words: Record<string, string> = {
		admin: t('Administrator'),
		doctor: t('Doctor'),
		nurse: t('Nurse'),
		pharmacist: t('Pharmacist'),
		record_officer: t('Record officer')
	};
	return words[role] ?? role;
}

/** All who do the job. */
export function jobSaid(role: RoleName): string {
	return {
		admin: t('Administrators'),
		doctor: t('Doctors'),
		nurse: t('Nurses'),
		pharmacist: t('Pharmacists'),
		record_officer: t('Record officers')
	}[role];
}
