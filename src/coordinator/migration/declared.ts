// What an index file declares, as two hashes: whether two machines, or two runs, have the same one.
import { createHash } from 'node:crypto';
import type { MigrationRecord } from '../../protocol/record.js';
import { canonicalJson } from '../../plan/fingerprint.js';
import type { IndexDefinition } from '../../schema/types.js';

/** Functions count by their source text: not what they call, nor what their file imports. */
export function declaredOf({
  settings,
  mappings,
  undeclaredFields,
  migrations,
}: IndexDefinition): MigrationRecord['declared'] {
  const hash = (value: unknown): string => createHash('sha256').update(canonicalJson(value)).digest('hex');
  return { schema: hash({ settings, mappings, undeclaredFields }), transform: hash(migrations) };
}
