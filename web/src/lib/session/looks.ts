/** How the screens look to whoever sits at this device; set before the first paint by a script in the page's head. */

export const THEMES = ['system', 'light', 'dark'] as const;
export const DENSITIES = ['comfortable', 'compact', 'touch'] as const;
export type Theme = (typeof THEMES)[number];
export type Density = (typeof DENSITIES)[number];
type Look = 'theme' | 'density';

/** What is chosen on this device. */
export function look(which: 'theme'): Theme;
export function look(which: 'density'): Density;
export function look(which: Look): string {
	return document.documentElement.dataset[which] ?? (which === 'theme' ? 'system' : 'comfortable');
}

/** Take on another look, now and at each opening. */
export function choose(which: 'theme', next: Theme): void;
export function choose(which: 'density', next: Density): void;
export function choose(which: Look, next: string): void {
	if (next === 'system' || next === 'comfortable') {
		localStorage.removeItem(`hmis-${which}`);
		delete document.documentElement.dataset[which];
	} else {
		localStorage.setItem(`hmis-${which}`, next);
		document.documentElement.dataset[which] = next;
	}
}
