// Makes two hashes of an index file, which show whether two machines, or two runs, use the same file.
import { createHash } from 'node:crypto';
import type { MigrationRecord } from '../../protocol/record.js';
import { canonicalJson } from '../../plan/fingerprint.js';
import type { IndexDefinition } from '../../schema/types.js';

/** A function is hashed by its source text, without the functions that it calls and the file's imports. */
export function declaredOf({
  settings,
  mappings,
  undeclaredFields,
  migrations,
}: IndexDefinition): MigrationRecord['declared'] {
  const hash = (value: unknown): string => createHash('sha256').update(canonicalJson(value)).digest('hex');
  return { schema: hash({ settings, mappings, undeclaredFields }), transform: hash(migrations) };
}
