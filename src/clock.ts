// The clock of this process, for measured and awaited times.

/** Milliseconds of a clock that never jumps. */
export const now = (): number => performance.now();
