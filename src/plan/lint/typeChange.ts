// Decides whether a field of a new type may refuse values of the old type. Pure.
import type { Change } from '../../schema/types.js';

const TEXTS = new Set(['text', 'keyword', 'wildcard', 'match_only_text']);
const OBJECTS = new Set(['object', 'nested', 'flattened', 'flat_object']);
const FRACTIONS = new Set(['half_float', 'scaled_float', 'float', 'double']);
/** From the smallest range to the largest. */
const WHOLES = ['byte', 'short', 'integer', 'long'];

/** @returns false also for types that accept all old values but may round them */
export function mayBeRefused({ before, after }: Pick<Change, 'before' | 'after'>): boolean {
  if (typeof before !== 'string' || typeof after !== 'string') return false;
  if (OBJECTS.has(before) || OBJECTS.has(after)) return OBJECTS.has(before) !== OBJECTS.has(after);
  if (TEXTS.has(after)) return false;
  const [old, next] = [WHOLES.indexOf(before), WHOLES.indexOf(after)];
  if (old >= 0) return next >= 0 ? next < old : !FRACTIONS.has(after);
  if (FRACTIONS.has(before)) return !FRACTIONS.has(after);
  return true;
}
