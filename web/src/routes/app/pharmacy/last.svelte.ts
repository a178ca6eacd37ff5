/** What was dispensed last at this screen, so that its labels are one key away while the next one is open. */
export const last = $state({ name: '', labels: '', at: 0 });
