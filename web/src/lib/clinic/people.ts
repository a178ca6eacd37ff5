/** How patients are named and numbered on screens, by NHS Common User Interface. */
import { byItself, leftToRight, t } from '$lib/i18n';

/** 104226784 as 104 226 784, kept together. */
export function grouped(hospitalNumber: string): string {
	return hospitalNumber.replace(/(\d{3})(?=\d)/g, '$1\u00a0');
}

/** An age as the server tells it (`≈ 34 y`, `5 wk 3 d`, `check birth date`), in the language in force; empty for none. */
export function ageSaid(age: string | null | undefined): string {
	if (!age) return '';
	if (age === 'check birth date') return t('check birth date');
	const said = age.replace(/(\d+) (y|mo|wk|d)\b/g, (_, number: string, unit: string) => {
		const n = Number(number);
		if (unit === 'y') return t('{years} y', { years: n, n });
		if (unit === 'mo') return t('{months} mo', { months: n });
		return unit === 'wk' ? t('{weeks} wk', { weeks: n }) : t('{days} d', { days: n });
	});
	return byItself(said);
}

/** +2348035550101 as +234 803 555 0101, kept together; numbers of elsewhere as they are. */
export function phoneShown(phone: string | null | undefined): string {
	return leftToRight((phone ?? '').replace(/^\+234(\d{3})(\d{3})(\d{4})$/, '+234\u00a0$1\u00a0$2\u00a0$3'));
}

type Named = { family_name: string; given_name: string; other_names?: string | null };

/** FAMILY, Given Other. */
export function formalName(person: Named): string {
	const given = [person.given_name, person.other_names].filter(Boolean).join(' ');
	const family = person.family_name.toLocaleUpperCase();
	return [family, given].filter(Boolean).join(', ');
}

/** Letters alone, without marks: for telling whether two names are near. */
export function folded(text: string): string {
	return text
		.normalize('NFD')
		.replace(/\p{M}/gu, '')
		.replace(/[ɓƁ]/g, 'b')
		.replace(/[ɗƊ]/g, 'd')
		.replace(/[ƙƘ]/g, 'k')
		.replace(/[ƴƳ]/g, 'y')
		.toLocaleLowerCase()
		.replace(/[^\p{L}\p{N}]/gu, '');
}

/** Whether two names could be taken for each other: equal when folded, or at most two letters apart. */
export function nearlyTheSame(a: string, b: string): boolean {
	return within(folded(a), folded(b), 2);
}

/** Whether two people could: by the whole name, or by one family's given names that begin the same, as Folasade and Folake. */
export function easilyConfused(a: Named, b: Named): boolean {
	if (nearlyTheSame(formalName(a), formalName(b))) return true;
	const begins = (one: Named) => folded(one.given_name).slice(0, 3);
	return folded(a.family_name) === folded(b.family_name) && begins(a) === begins(b);
}

function within(a: string, b: string, most: number): boolean {
	if (Math.abs(a.length - b.length) > most) return false;
	let row = Array.from({ length: b.length + 1 }, (_, i) => i);
	for (let i = 1; i <= a.length; i++) {
		const next = [i];
		for (let j = 1; j <= b.length; j++) {
			const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
			next[j] = Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1);
		}
		row = next;
	}
	return (row[b.length] ?? most + 1) <= most;
}
