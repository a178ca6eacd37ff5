/** The marks of an axis for counts: from zero, whole, round, at most four steps to above the highest. */
export function marks(highest: number): number[] {
	const rough = Math.max(1, highest) / 4;
	const power = 10 ** Math.floor(Math.log10(Math.max(1, rough)));
	const step = [1, 2, 5, 10].map((times) => times * power).find((one) => one >= rough) ?? power;
	const steps = Math.max(1, Math.ceil(highest / step));
	return Array.from({ length: steps + 1 }, (_, n) => n * step);
}
