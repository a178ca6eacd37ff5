import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import config from './svelte.config.js';

export default ts.config(
	{ ignores: ['.svelte-kit/', 'node_modules/', 'src/lib/api/schema.d.ts'] },
	...ts.configs.recommended,
	...svelte.configs.recommended,
	{ languageOptions: { globals: { ...globals.browser, ...globals.node } }, rules: { 'no-console': 'error' } },
	{ files: ['scripts/**'], rules: { 'no-console': 'off' } },
	{
		files: ['**/*.svelte', '**/*.svelte.ts'],
		languageOptions: {
			parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig: config }
		},
		rules: { 'svelte/no-at-html-tags': 'error', 'svelte/no-navigation-without-resolve': 'off' }
	},
	{
		files: ['src/routes/**', 'src/lib/app/**', 'src/lib/session/**'],
		ignores: ['src/lib/session/reread.*'],
		rules: {
			'no-restricted-imports': [
				'error',
				{
					paths: [
						{
							name: '$app/navigation',
							importNames: ['invalidate'],
							message: 'Two readings overtake each other: use $lib/session/reread.'
						}
					]
				}
			]
		}
	},
	{
		files: ['src/lib/ui/**', 'src/lib/clinic/**'],
		rules: {
			'no-restricted-imports': [
				'error',
				{
					patterns: [
						{
							group: ['$lib/api', '$lib/api/*', '$app/*'],
							message: 'lib/ui knows no hospital, lib/clinic knows no URL: take props, give callbacks.',
							allowTypeImports: true
						}
					]
				}
			]
		}
	}
);
