import type { Handle } from '@sveltejs/kit';

/**
 * The look a person chose on this device, set before anything is drawn. Small enough to stand in the page; the server
 * lets it run by its hash (hmis/core/site.py). The public pages have no script, and follow the system.
 */
const LOOKS = `<script>for(const look of ["theme","density"]){try{const chosen=localStorage.getItem("hmis-"+look);if(chosen)document.documentElement.dataset[look]=chosen}catch{}}</script>`;
const PUBLIC = ['/', '/fr', '/received', '/fr/received'];

/** While prerendering: the language of the page stands in its html element. */
export const handle: Handle = ({ event, resolve }) => {
	const path = event.url.pathname;
	const lang = /^\/fr(\/|$)/.test(path) ? 'fr' : 'en';
	const looks = PUBLIC.includes(path) ? '' : LOOKS;
	return resolve(event, {
		transformPageChunk: ({ html }) => html.replace('%lang%', lang).replace('%looks%', looks)
	});
};
