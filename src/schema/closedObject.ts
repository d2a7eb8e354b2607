// A zod object that refuses unknown keys. Every error message continues the word "expected".
import { z } from 'zod';

/** The error message for an unknown key lists the known keys. */
export function closedObject<Shape extends z.ZodRawShape>(shape: Shape, expected: string) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(' ') : expected),
  });
}
