// Clock time for messages: until when something is waited for. Nothing is decided by it.

/** In whole seconds, so that a message that is made again and again stays the same. */
export const timeIn = (ms: number): string =>
  new Date(Math.ceil((Date.now() + ms) / 1_000) * 1_000).toISOString().replace('.000Z', 'Z');
