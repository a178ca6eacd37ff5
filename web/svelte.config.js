import adapter from '@sveltejs/adapter-static';

/** The built site goes into the Python package, so that a release needs no Node. */
const out = process.env.HMIS_WEB_OUT ?? '../hmis/web';

/**
 * Of one commit, always the same: whoever builds a release again gets the same bytes. This file is read more than once in
 * a build, also by processes of its own, and all of them have to call the version the same: so the first one tells it.
 */
const built = (process.env.HMIS_BUILT ??= process.env.SOURCE_DATE_EPOCH ?? String(Date.now()));

/** @type {import('@sveltejs/kit').Config} */
export default {
	kit: {
		adapter: adapter({ pages: out, assets: out, fallback: 'app.html', precompress: true, strict: true }),
		version: { name: built },
		prerender: {
			entries: ['', '/fr'].flatMap((lang) => [
				lang || '/',
				`${lang}/received`,
				`${lang}/login`,
				`${lang}/set-password`
			]),
			handleHttpError: 'fail'
		},
		serviceWorker: { register: false },
		inlineStyleThreshold: 0,
		output: { preloadStrategy: 'modulepreload' }
	}
};
