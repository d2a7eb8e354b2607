// Between the bytes of a document and a user's transform.
import type { DocumentKey } from '../cluster/operations/multiGet.js';
import type { Source } from '../schema/types.js';
import type { Reshape, Shaped } from './direction.js';
import { parseSource, printSource } from './json.js';

/** A chain of transforms, as `transformChain` gives it. */
export type Chain = (doc: Source, meta: DocumentKey) => Source | null | Promise<Source | null>;

/** Without a transform the bytes are handed on untouched. */
export const asTheyAre: Reshape = (source) => ({ type: 'index', source });

/** Runs the transform; what it throws makes the document a refused one, with the first line of the error. */
export function reshapeWith(chain: Chain): Reshape {
  return (source, key) => {
    try {
      const result = chain(parseSource(source), key);
      return result instanceof Promise ? result.then(shaped, thrown) : shaped(result);
    } catch (error) {
      return thrown(error);
    }
  };
}

function shaped(result: Source | null): Shaped {
  if (result === null) return { type: 'drop' };
  try {
    return { type: 'index', source: printSource(result) };
  } catch (error) {
    return thrown(error);
  }
}

function thrown(error: unknown): Shaped {
  const [line] = String(error instanceof Error ? `${error.name}: ${error.message}` : error).split('\n');
  return { type: 'refused', reason: `the transform failed: ${line}` };
}
