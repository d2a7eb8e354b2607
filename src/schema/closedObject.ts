// An object of a configuration or index file. Every message is the text behind "expected".
import { z } from 'zod';

/** Names its keys when it meets one that it does not know. */
export function closedObject<Shape extends z.ZodRawShape>(shape: Shape, expected: string) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(' ') : expected),
  });
}
