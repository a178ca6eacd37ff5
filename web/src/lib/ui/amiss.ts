/** What is wrong with a field, in our own words: those of browsers differ, come one at a time and vanish. */
import { t } from '$lib/i18n';

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;
const CONTROLS = ':is(input, select, textarea):invalid';

/** What to say beside a control that the browser finds amiss. */
export function amiss(control: Control): string {
	const { validity } = control;
	if (validity.customError) return control.validationMessage;
	if (validity.valueMissing)
		return control instanceof HTMLSelectElement ? t('Choose one.') : t('Fill this in.');
	if (validity.tooShort && 'minLength' in control)
		return t('Write {n} letters or more.', { n: control.minLength });
	if (validity.typeMismatch && control.type === 'email') return t('This is no e-mail address.');
	return t('Look at this again.');
}

/** Whether a control is the first that is amiss in its form or dialog: that one takes the focus. */
export function isFirstAmiss(control: Control): boolean {
	return control.closest('dialog, form')?.querySelector(CONTROLS) === control;
}

/**
 * For a press that is no `submit`: whether all fields of the dialog or form around it are as they must be. Those that
 * are not say so, all at once.
 */
export function complete(press: Event): boolean {
	const around = press.currentTarget instanceof Element && press.currentTarget.closest('dialog, form');
	const controls = around ? [...around.querySelectorAll<Control>('input, select, textarea')] : [];
	return controls.filter((one) => !one.checkValidity()).length === 0;
}
