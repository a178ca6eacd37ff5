import type { HandleClientError } from '@sveltejs/kit';
// From the client, not from what is beneath it: so the page that holds the app fetches the frame of every screen ahead.
import { Refused, Unreachable } from '$lib/api/client';

/** What a page that could not be loaded says: the server's own sentence where there is one. */
export const handleError: HandleClientError = ({ error, status, message }) => {
	if (error instanceof Refused) return { message: error.message, status: error.status, said: true };
	if (error instanceof Unreachable) return { message: error.message, status: 0 };
	return { message, status };
};
