import { describe, expect, it } from 'vitest';
import { nameTyped, readName } from './naming';

describe('a name from one line', () => {
	it.each([
		['Okafor Chinedu', 'Okafor', 'Chinedu', ''],
		['okafor  chinedu emeka john', 'Okafor', 'Chinedu', 'Emeka John'],
		['OKAFOR CHINEDU', 'Okafor', 'Chinedu', ''],
		['Van der Berg, Anna Maria', 'Van der Berg', 'Anna', 'Maria'],
		["o'brien mary-ann", "O'Brien", 'Mary-Ann', ''],
		["yar'adua umaru", "Yar'adua", 'Umaru', ''],
		['ƙasim ɗanladi', 'Ƙasim', 'Ɗanladi', ''],
		['McDonald Ọláwálé', 'McDonald', 'Ọláwálé', ''],
		['Okafor', 'Okafor', '', ''],
		['', '', '', '']
	])('reads %s, family first', (line, family, given, other) => {
		expect(readName(line)).toEqual({ family, given, other });
	});

	it.each([
		['Chinedu Okafor', 'Okafor', 'Chinedu', ''],
		['Chinedu Emeka Okafor', 'Okafor', 'Chinedu', 'Emeka'],
		['Chinedu', '', 'Chinedu', '']
	])('reads %s the other way round', (line, family, given, other) => {
		expect(readName(line, true)).toEqual({ family, given, other });
	});

	it.each(['Okafor Chinedu', 'Van der Berg, Anna Maria', 'Okafor'])('writes %s as it was', (line) => {
		expect(nameTyped(readName(line))).toBe(line);
	});
});
