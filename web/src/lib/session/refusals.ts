/** Which answers settle what was sent, and which leave it open. */
import { Refused } from '$lib/api/wire';

/** Not a word on what was sent: nobody signed in, too much at once, a fault of the server. To be sent again later. */
export function laterStatus(status: number, code = ''): boolean {
	return status === 401 || status === 408 || status === 429 || status >= 500 || code === 'CsrfFailed';
}

/** Whether the server surely did not do it. A refusal is not stored: the same key may carry other words next time. */
export function surelyRefused(error: unknown): boolean {
	return error instanceof Refused && !laterStatus(error.status, error.code) && error.code !== 'KeyReused';
}

/** Whether the server has done another thing under this key: what was sent before had arrived. */
export function hadArrived(error: unknown): boolean {
	return error instanceof Refused && error.code === 'KeyReused';
}
