// Finds misfits: documents that lack the shape of their index, such as a v2 document that was written to v1
// untranslated. If such a document is translated to the other shape and back, a field changes its JSON type.
import type { DocumentKey } from '../../cluster/documents/multiGet.js';
import type { Replication, Shaped } from '../../protocol/replication.js';
import type { Hit } from '../../documents/hits.js';
import { parseSource } from '../../json/json.js';
import { pathText } from '../../json/jsonPath.js';
import { asTheyAre } from '../../protocol/reshape.js';
import { isObject } from '../../json/plain.js';
import type { Source } from '../../json/jsonTypes.js';

export interface Misfit {
  readonly id: string;
  readonly routing: string | null;
  /** For example `path: number, where most have string` */
  readonly fields: readonly string[];
}

interface Candidate {
  readonly key: DocumentKey;
  readonly fields: ReadonlyMap<string, string>;
}

/** Further candidates are counted by field, but not kept. */
const MAX_CANDIDATES = 10_000;
/** If more than this share of the documents have a type in a field, the type is allowed there. */
const MAX_SHARE = 0.2;

export class Misfits {
  readonly #replication: Pick<Replication, 'reshape' | 'reshapeBack'>;
  /** By path of a field: the number of documents. */
  readonly #fitting = new Map<string, number>();
  readonly #differing = new Map<string, number>();
  readonly #candidates: Candidate[] = [];

  constructor(replication: Pick<Replication, 'reshape' | 'reshapeBack'>) {
    this.#replication = replication;
  }

  async check(hit: Hit, shaped: Shaped): Promise<void> {
    const { reshape, reshapeBack } = this.#replication;
    if (reshape === asTheyAre || reshapeBack === asTheyAre || shaped.type !== 'index') return;
    const key = { id: hit.id, routing: hit.routing };
    const returned = await reshapeBack(shaped.source as Buffer, key);
    if (returned.type !== 'index') return;
    const fields = new Map<string, string>();
    const given = parseSource(returned.source as Buffer);
    this.#compare(parseSource(hit.source as Buffer), given, [], fields);
    if (fields.size > 0 && this.#candidates.length < MAX_CANDIDATES) this.#candidates.push({ key, fields });
  }

  /** Called after `check` has seen all documents. @returns those with a rare type in a field */
  found(): readonly Misfit[] {
    return this.#candidates.flatMap(({ key, fields }) => {
      const rare = [...fields].filter(([path]) => this.#isRare(path)).map(([, text]) => text);
      return rare.length > 0 ? [{ id: key.id, routing: key.routing ?? null, fields: rare }] : [];
    });
  }

  #isRare(path: string): boolean {
    const [differing, fitting] = [this.#differing.get(path) ?? 0, this.#fitting.get(path) ?? 0];
    return differing <= (differing + fitting) * MAX_SHARE;
  }

  /** Fields that only one of the two has do not count: the other shape may have no place for them. */
  #compare(document: Source, returned: Source, path: readonly string[], into: Map<string, string>): void {
    for (const [name, value] of Object.entries(document)) {
      if (!Object.hasOwn(returned, name)) continue;
      const inner = [...path, name];
      const other = returned[name];
      const [type, usual] = [typeOf(value), typeOf(other)];
      if (isObject(value) && isObject(other)) this.#compare(value, other, inner, into);
      // Lists and null are left out, since the engines accept them for any type.
      else if (type !== undefined && usual !== undefined) {
        const text = pathText(inner);
        if (type === usual) addTo(this.#fitting, text);
        else {
          addTo(this.#differing, text);
          into.set(text, `${text}: ${type}, where most have ${usual}`);
        }
      }
    }
  }
}

function typeOf(value: unknown): 'string' | 'number' | 'boolean' | 'object' | undefined {
  if (value === null || Array.isArray(value)) return undefined;
  if (isObject(value)) return 'object';
  return typeof value === 'string' || typeof value === 'boolean'
    ? (typeof value as 'string' | 'boolean')
    : 'number';
}

function addTo(counts: Map<string, number>, path: string): void {
  counts.set(path, (counts.get(path) ?? 0) + 1);
}
