/** A refusal as it stands by itself, under a heading: with a capital. The server begins small, to stand behind a colon too. */
export function sentence(refusal: string): string {
	return refusal.charAt(0).toLocaleUpperCase() + refusal.slice(1);
}
