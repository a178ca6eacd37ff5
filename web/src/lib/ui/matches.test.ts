import { expect, test } from 'vitest';
import { matches } from './matches';

test.each([
	['reg', 'Register a patient', true],
	['pat reg', 'Register a patient', true],
	['enreg', 'Enregistrer un patient', true],
	['roles', 'Rôles', true],
	['ECRAN', 'Verrouiller l’écran', true],
	['ster', 'Register a patient', false],
	['reg drug', 'Register a patient', false],
	['', 'Register a patient', true]
])('%j means %j: %s', (typed, text, meant) => {
	expect(matches(typed, text)).toBe(meant);
});
