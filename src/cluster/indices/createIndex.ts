// PUT /INDEX
import { isTwindexError } from '../../errors.js';
import type { Cluster } from '../cluster.js';
import type { AliasProperties } from './updateAliases.js';

export interface IndexBody {
  readonly settings?: object;
  readonly mappings?: object;
  readonly aliases?: Readonly<Record<string, AliasProperties>>;
}

/** Creates an index, and waits for its primaries. */
export async function createIndex(
  cluster: Cluster,
  index: string,
  body: IndexBody,
): Promise<{ readonly type: 'created' } | { readonly type: 'exists' }> {
  try {
    await cluster.connection.json({
      method: 'PUT',
      path: `/${encodeURIComponent(index)}`,
      body,
      repeat: 'never',
    });
    return { type: 'created' };
  } catch (error) {
    if (
      isTwindexError(error, 'conflict') ||
      (isTwindexError(error) &&
        error.engineType === 'invalid_index_name_exception' &&
        /already exists/.test(error.message))
    )
      return { type: 'exists' };
    throw error;
  }
}
