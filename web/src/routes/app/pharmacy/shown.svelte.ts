import { QUEUE_STEP } from '$lib/api/pharmacy';

/** How many of each state the queue shows; more once somebody asked for them, until the tab is closed. */
export const shown = $state({ most: QUEUE_STEP });
