// Makes zod objects that refuse unknown keys.
import { z } from 'zod';

/** @param expected completes the line "expected ..."; for an unknown key, the line lists the known keys instead */
export function closedObject<Shape extends z.ZodRawShape>(shape: Shape, expected: string) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(' ') : expected),
  });
}
