// A zod object that refuses unknown keys. Each error message continues a line "expected ...".
import { z } from 'zod';

/** The error message for an unknown key lists the known keys. */
export function closedObject<Shape extends z.ZodRawShape>(shape: Shape, expected: string) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(' ') : expected),
  });
}
