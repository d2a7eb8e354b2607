// Whether values of one field type may not fit another one. Pure.
import type { Change } from '../../schema/types.js';

const TEXTS = new Set(['text', 'keyword', 'wildcard', 'match_only_text']);
const OBJECTS = new Set(['object', 'nested', 'flattened', 'flat_object']);
const FRACTIONS = new Set(['half_float', 'scaled_float', 'float', 'double']);
/** Smaller types first. */
const WHOLES = ['byte', 'short', 'integer', 'long'];

/** @param change of a `type`. False also for types that take everything, but may round it */
export function mayBeRefused({ before, after }: Pick<Change, 'before' | 'after'>): boolean {
  if (typeof before !== 'string' || typeof after !== 'string') return false;
  if (OBJECTS.has(before) || OBJECTS.has(after)) return OBJECTS.has(before) !== OBJECTS.has(after);
  if (TEXTS.has(after)) return false;
  const [old, next] = [WHOLES.indexOf(before), WHOLES.indexOf(after)];
  if (old >= 0) return next >= 0 ? next < old : !FRACTIONS.has(after);
  if (FRACTIONS.has(before)) return !FRACTIONS.has(after);
  return true;
}
