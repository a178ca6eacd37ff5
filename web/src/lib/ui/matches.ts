/** Whether something is meant by what was typed: each word typed begins a word of it, marks and capitals aside. */
export function matches(typed: string, text: string): boolean {
	const words = wordsOf(text);
	return wordsOf(typed).every((one) => words.some((word) => word.startsWith(one)));
}

function wordsOf(text: string): string[] {
	const plain = text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase();
	return plain.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
}
