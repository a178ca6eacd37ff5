import { sveltekit } from '@sveltejs/kit/vite';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { french, isFrench } from './scripts/french.mjs';

/** The script of the pages before sign-in: a file of its own, at an address they know. */
const door: Plugin = {
	name: 'hmis-door',
	apply: 'build',
	buildStart() {
		if (this.environment.name === 'client')
			this.emitFile({ type: 'chunk', id: 'src/door/main.ts', fileName: '_app/door.js' });
	}
};

const DOOR = /src\/lib\/(api\/wire|i18n\/chosen|session\/door)\.ts$/;
const FRAME = /src\/routes\/(\+error\.svelte|app\/\+(layout\.(svelte|ts)|error\.svelte))$/;
const SHARED = /src\/(lib\/(clinic|session)|routes)\//;
/** Bytes of source: of what is smaller and shared by several screens, a file of its own costs more than it saves. */
const CRUMB = 1500;
const EVERYWHERE = /src\/lib\/(ui|api)\//;

/**
 * Scripts go together by who needs them: on a slow line a file costs a turn of the line, however small it is. Every
 * screen of the app has the same frame, and one file of it. What it shares with the pages before sign-in stays apart,
 * so that these do not fetch the app.
 */
let frame = new Set<string>();
const together: Plugin = {
	name: 'hmis-together',
	apply: 'build',
	buildEnd() {
		frame = reached(
			[...this.getModuleIds()].filter((id) => FRAME.test(id)),
			(id) => this.getModuleInfo(id)?.importedIds ?? []
		);
	},
	outputOptions(options) {
		if (this.environment.name !== 'client') return options;
		const { chunkFileNames: usual } = options;
		return {
			...options,
			// in a folder of their own: the service worker keeps them where French is spoken (src/service-worker.ts)
			chunkFileNames: (chunk) =>
				isFrench(chunk.facadeModuleId)
					? '_app/immutable/french/[hash].js'
					: typeof usual === 'function'
						? usual(chunk)
						: (usual ?? '_app/immutable/chunks/[hash].js'),
			codeSplitting: {
				groups: [
					{ name: 'door', priority: 3, test: DOOR },
					{ name: 'svelte', priority: 2, test: /node_modules\/svelte\// },
					{ name: 'kit', priority: 2, test: /node_modules\/@sveltejs\/kit\// },
					{ name: 'frame', priority: 1, test: (id) => frame.has(id) || EVERYWHERE.test(id) },
					{ name: 'crumbs', priority: 0, test: SHARED, minShareCount: 4, maxModuleSize: CRUMB }
				]
			}
		};
	}
};

/** The modules and all that they import at once. */
function reached(from: string[], imports: (id: string) => readonly string[]): Set<string> {
	const seen = new Set(from);
	for (const id of seen) for (const next of imports(id)) seen.add(next);
	return seen;
}

const server = process.env.HMIS_SERVER ?? 'http://127.0.0.1:5000';

export default defineConfig({
	plugins: [sveltekit(), door, french, together],
	build: {
		target: 'es2022',
		cssTarget: ['chrome100', 'safari15.4', 'firefox100'],
		// whose code is in the pages: the list of a release's parts is made from it (deploy/parts.py). It is not served.
		license: { fileName: '.vite/license.json' }
	},
	server: { proxy: { '/api': server, '/auth': server, '/apidocs': server, '/enquiries': server } },
	test: { include: ['src/**/*.test.ts'] }
});
