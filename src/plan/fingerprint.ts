// Makes a hash of the live index, the declaration and the kind of plan. A saved plan is stale if the hash differs.
import { createHash } from 'node:crypto';
import type { LiveIndex } from '../cluster/indices/getIndex.js';
import { printJson } from '../json/exactJson.js';
import { ExactDecimal } from '../json/numbers.js';
import type { IndexDefinition } from '../schema/types.js';

/** The SHA-256 in hex. A function is hashed as its source text. */
export function fingerprintOf(
  definition: IndexDefinition,
  live: LiveIndex | undefined,
  kind: string,
): string {
  const { file: _, hooks: _hooks, notify: _notify, queries: _queries, ...declared } = definition;
  return createHash('sha256')
    .update(canonicalJson({ kind, declared, live: live ?? null }))
    .digest('hex');
}

/** JSON with sorted keys, so that equal values give equal texts. */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'function') return JSON.stringify(`function ${value.toString()}`);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null || value instanceof ExactDecimal)
    return value === undefined ? 'null' : printJson(value);
  const entries = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(',')}}`;
}
