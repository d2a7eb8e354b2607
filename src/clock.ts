// The clock of this process, for durations and deadlines.

/** Milliseconds of a clock that never jumps. */
export const now = (): number => performance.now();
