/** How the server is doing, and what was done in the hospital, in numbers. */
import { answer, api } from './client';
import type { DaysOut, StatsOut, SystemOut } from './schema';

/** The server, its database, its disk and its audit, asked now. */
export function readSystem(): Promise<SystemOut> {
	return answer(api.GET('/api/v1/system'));
}

/** How many of each are stored. */
export function readStats(): Promise<StatsOut> {
	return answer(api.GET('/api/v1/stats'));
}

/** What was done on each of the last so many days, today included. */
export function readDays(days: number): Promise<DaysOut> {
	return answer(api.GET('/api/v1/stats/days', { params: { query: { days } } }));
}
