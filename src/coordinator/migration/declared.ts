// Makes two hashes of an index file, which show whether two machines, or two runs, use the same file.
import { createHash } from 'node:crypto';
import type { MigrationRecord } from '../../protocol/record.js';
import { canonicalJson } from '../../plan/fingerprint.js';
import type { IndexDefinition } from '../../schema/types.js';

/**
 * A function is hashed by its source text. The hash covers neither the functions that it calls nor the
 * imports of its file.
 */
export function declaredOf({
  settings,
  mappings,
  undeclaredFields,
  migrations,
}: IndexDefinition): MigrationRecord['declared'] {
  const hash = (value: unknown): string => createHash('sha256').update(canonicalJson(value)).digest('hex');
  return { schema: hash({ settings, mappings, undeclaredFields }), transform: hash(migrations) };
}
