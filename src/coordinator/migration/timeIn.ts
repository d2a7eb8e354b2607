// Formats a time of day for messages that say how long something waits. No decision depends on it.

/** Rounds up to whole seconds, so that a message that is built repeatedly stays the same. */
export const timeIn = (ms: number): string =>
  new Date(Math.ceil((Date.now() + ms) / 1_000) * 1_000).toISOString().replace('.000Z', 'Z');
