/** Who is there already that could be the person being registered: advice while it is typed. */
import { withName, withPhone } from '$lib/api/patients';
import type { Candidate } from '$lib/app/Candidates.svelte';
import { readBirth } from '$lib/clinic/birth';
import { nameIn, type IdentityForm } from '$lib/clinic/identity';
import { formalName, nearlyTheSame } from '$lib/clinic/people';

/** Who has the phone that is typed; nobody while it is too short to tell. */
export async function withThisPhone(form: IdentityForm): Promise<Candidate[]> {
	const digits = form.phone.replace(/\D/g, '');
	if (digits.length < 7) return [];
	return (await withPhone(form.phone.trim())).map((one) => ({ ...one, why: 'the same phone' }));
}

/** Who has nearly the same name, and the same day of birth where one is typed. */
export async function namedAlike(form: IdentityForm, day: string): Promise<Candidate[]> {
	const name = nameIn(form);
	if (!name.family || !name.given || form.unknown) return [];
	const birth = readBirth(form.birth, day)?.birth;
	const exact = birth?.born_precision === 'day' ? birth.born_on : undefined;
	const found = await withName(`${name.family} ${name.given}`, exact);
	const mine = formalName({ family_name: name.family, given_name: name.given });
	const near = found.filter((one) => nearlyTheSame(formalName({ ...one, other_names: null }), mine));
	const why = exact ? 'the same birth date, and a name alike' : 'the same name';
	return near.map((one) => ({ ...one, why }));
}
