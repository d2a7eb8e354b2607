// Runs a user's transform on the bytes of a document.
import type { DocumentKey } from '../cluster/documents/multiGet.js';
import type { Source } from '../json/jsonTypes.js';
import type { Reshape, Shaped } from './replication.js';
import { parseSource, printSource } from '../json/json.js';
import { within } from '../within.js';

export type Chain = (doc: Source, meta: DocumentKey) => Source | null | Promise<Source | null>;

export const asTheyAre: Reshape = (source) => ({ type: 'index', source });

export function reshapeWith(chain: Chain): Reshape {
  return (source, key) => {
    try {
      const result = chain(parseSource(source), key);
      return result instanceof Promise ? inTime(result).then(shaped, thrown) : shaped(result);
    } catch (error) {
      return thrown(error);
    }
  };
}

/** A document is refused if its transform takes longer than this, for example because it calls a service. */
const MAX_MS = 30_000;

async function inTime(result: Promise<Source | null>): Promise<Source | null> {
  const made = await within(result, MAX_MS);
  if (made === undefined) throw new Error(`it did not answer within ${MAX_MS / 1_000} s`);
  return made;
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
