import { unmarked } from '$lib/i18n';

/**
 * A table as CSV (RFC 4180) for spreadsheets. A cell that a spreadsheet would take for a formula is kept as text by an
 * apostrophe before it (OWASP, CSV injection).
 */
export function csv(rows: (string | number | null | undefined)[][]): string {
	return rows.map((row) => row.map(cell).join(',') + '\r\n').join('');
}

function cell(value: string | number | null | undefined): string {
	if (typeof value === 'number') return String(value);
	const text = unmarked(value ?? '');
	const safe = /^[\s]*[=+\-@＝＋－＠]|^[\t\r\n]/.test(text) ? `'${text}` : text;
	return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Hand the table to the browser as a file; the mark at its beginning tells spreadsheets that it is UTF-8. */
export function download(name: string, rows: (string | number | null | undefined)[][]): void {
	const address = URL.createObjectURL(new Blob(['\uFEFF', csv(rows)], { type: 'text/csv;charset=utf-8' }));
	const link = document.createElement('a');
	link.href = address;
	link.download = name;
	link.click();
	setTimeout(() => URL.revokeObjectURL(address), 1000);
}
