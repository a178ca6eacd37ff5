/** Made by the build (scripts/french.mjs): the French of each page and layout of the app by its route, and of the public pages. */
declare module 'virtual:french' {
	export const french: Record<string, () => Promise<{ default: import('$lib/i18n').Catalogue }>>;
}
declare module 'virtual:french/public' {
	const french: import('$lib/i18n').Catalogue;
	export default french;
}
