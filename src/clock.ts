// The clock of this process.

/** Milliseconds of a clock that never jumps. */
export const now = (): number => performance.now();
