/** What a pharmacist reads off a prescription: what can be handed out, how much is left, what changed meanwhile. */
import { t } from '$lib/i18n';
import { drugSaid } from './medicineWords';
import { amount, directions, type Ordered } from './wording';

type Act = { at: string; by: { name: string }; reason: string };
/** A prescribed line; a `LineOut` of the API is one. */
export type Line = Ordered & {
	id: string;
	drug: {
		name: string;
		generic_name: string;
		brand_name?: string | null;
		strength?: string | null;
		form?: string | null;
	};
	quantity: number | null;
	quantity_unit: string | null;
	dispensed: number;
	left: number | null;
	confirmed: boolean;
	stopped: Act | null;
	held: Act | null;
};

/** Whether anything of the line can be handed out now. */
export function dispensable(line: Line): boolean {
	return !line.stopped && !line.held && (line.left ?? 0) > 0;
}

/** So many of what the line is handed out in: 24 tablets. */
export function counted(number: number | null, line: Line): string {
	return number === null ? t('not known') : amount(number, line.quantity_unit);
}

/** How far a prescription has come, in words. */
export function progressSaid(state: string): string {
	const said: Record<string, string> = {
		empty: t('No medicine on it'),
		waiting: t('Waiting'),
		partly_dispensed: t('Partly dispensed'),
		on_hold: t('On hold'),
		dispensed: t('All dispensed'),
		stopped: t('Stopped'),
		voided: t('Withdrawn'),
		history: t('Imported history')
	};
	return said[state] ?? state;
}

/** What is typed into a Give field: a whole number from 0, or null for anything else. Empty is 0: nothing of it now. */
export function given(typed: string): number | null {
	const text = typed.trim();
	if (text === '') return 0;
	return /^\d{1,6}$/.test(text) ? Number(text) : null;
}

/** What is different between a prescription as it was read and as it is now, one sentence for each line. */
export function changesBetween(before: readonly Line[], now: readonly Line[]): string[] {
	const then = new Map(before.map((line) => [line.id, line]));
	const still = new Set(now.map((line) => line.id));
	const gone = before
		.filter((line) => !still.has(line.id))
		.map((line) => t('{drug} was taken off the prescription', { drug: drugSaid(line.drug) }));
	const moved = now.map((line) => changeOf(then.get(line.id), line)).filter((said) => said !== null);
	return [...gone, ...moved];
}

function changeOf(before: Line | undefined, line: Line): string | null {
	const drug = drugSaid(line.drug);
	if (!before) return t('{drug} was added', { drug });
	if (line.stopped && !before.stopped)
		return t('{drug} was stopped by {name}: {reason}', {
			drug,
			name: line.stopped.by.name,
			reason: line.stopped.reason
		});
	if (line.held && !before.held)
		return t('{drug} was held by {name}: {reason}', {
			drug,
			name: line.held.by.name,
			reason: line.held.reason
		});
	if (!line.held && before.held) return t('{drug} was released', { drug });
	if (line.drug.name !== before.drug.name || directions(line) !== directions(before))
		return t('{before} is now {drug}, {directions}', {
			before: drugSaid(before.drug),
			drug,
			directions: directions(line)
		});
	if (line.quantity !== before.quantity)
		return t('{drug}: prescribed are now {quantity}, not {before}', {
			drug,
			quantity: counted(line.quantity, line),
			before: counted(before.quantity, before)
		});
	if (line.dispensed > before.dispensed)
		return t('{drug}: {more} were dispensed elsewhere, {left} are left', {
			drug,
			more: counted(line.dispensed - before.dispensed, line),
			left: counted(line.left, line)
		});
	if (line.dispensed < before.dispensed)
		return t('{drug}: a dispensing was withdrawn, {left} are left', {
			drug,
			left: counted(line.left, line)
		});
	return null;
}
