import { readPatient } from '$lib/api/patients';
import { readDispenses, readPrescription } from '$lib/api/pharmacy';
import { reviewedOnly } from '$lib/i18n';
import { needs } from '$lib/session/guard';
import { session } from '$lib/session/session.svelte';
import type { PageLoad } from './$types';
import { drugSaid } from '$lib/clinic/medicineWords';
import { directions, doseTaken } from '$lib/clinic/wording';

/**
 * Labels of one handing-out (`?dispense=`), or of what is about to be given (`?give=24,20`, in the order of the
 * lines); asked for neither, of the newest handing-out.
 */
export const load: PageLoad = async ({ params, url, parent }) => {
	await parent();
	needs('prescriptions:dispense');
	const [patient, prescription, dispenses] = await Promise.all([
		readPatient(params.patient),
		readPrescription(params.patient, params.consultation),
		readDispenses(params.patient, params.consultation)
	]);
	const give = url.searchParams.get('give');
	const wanted = url.searchParams.get('dispense');
	const standing = dispenses.filter((one) => !one.voided && !one.entered_in_error);
	const handed = give ? null : (standing.find((one) => one.id === wanted) ?? (wanted ? null : standing[0]));
	const amounts = give?.split(',').map(Number) ?? [];
	const lines = prescription.lines
		.map((line, n) => ({
			id: line.id,
			drug: drugSaid(line.drug),
			directions: reviewedOnly(() => directions(line, line.dose === null ? {} : { dose: doseTaken(line) })),
			unit: line.quantity_unit,
			quantity: handed
				? (handed.lines.find((one) => one.line_id === line.id)?.quantity ?? 0)
				: Number.isSafeInteger(amounts[n])
					? amounts[n]!
					: 0
		}))
		.filter((line) => line.quantity > 0);
	return {
		patient,
		lines,
		at: handed?.created_at ?? null,
		by: handed?.author.name ?? session.me?.name ?? '',
		hospital: session.me?.hospital_name ?? '',
		back: `/app/pharmacy/${params.patient}/${params.consultation}`
	};
};
