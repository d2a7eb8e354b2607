// Counts what happens to the documents of a sample (`twindex plan --sample`), and keeps examples. Pure.
import type { DocumentKey } from '../cluster/documents/multiGet.js';
import type { Shaped } from '../protocol/replication.js';
import { differingPaths } from '../json/json.js';
import { type RejectedFor, ReasonTally } from '../commonReason.js';

/** A field that differs. `before` and `after` are JSON cut at 200 characters; undefined without a value. */
export interface ChangedField {
  /** For example `a.b[2]`. */
  readonly path: string;
  readonly before?: string | undefined;
  readonly after?: string | undefined;
}

export interface ChangedDocument {
  readonly id: string;
  readonly fields: readonly ChangedField[];
}

export interface RejectedSample {
  readonly id: string;
  readonly routing?: string;
  readonly by: 'transform' | 'mapping';
  readonly reason: string;
}

/** The result of a sample, as plain JSON. */
export interface Sample {
  readonly documents: number;
  readonly asked: number;
  /** The number of documents that an index like the target accepted. */
  readonly indexed: number;
  readonly dropped: number;
  readonly rejected: {
    readonly count: number;
    readonly first: readonly RejectedSample[];
    /**
     * The most frequent reasons first, without ids and values. `ids` has the first three documents of each
     * reason.
     */
    readonly byReason: readonly RejectedFor[];
  };
  /**
   * Documents for which a second run of the transform returned another result. `before` is the first result.
   */
  readonly nondeterministic: { readonly count: number; readonly first: readonly ChangedDocument[] };
  readonly changed: number;
  readonly examples: readonly ChangedDocument[];
  readonly tookMs: number;
}

const REJECTED_SHOWN = 20;
const NONDETERMINISTIC_SHOWN = 5;
const DIFFERENCES_SHOWN = 5;
const EXAMPLES_SHOWN = 3;
const EXAMPLE_FIELDS = 20;
const MAX_REASON = 2_000;

export class SampleTally {
  readonly #first: RejectedSample[] = [];
  readonly #reasons = new ReasonTally();
  readonly #nondeterministic: ChangedDocument[] = [];
  readonly #examples = new Examples();
  #documents = 0;
  #dropped = 0;
  #rejected = 0;
  #differing = 0;
  #changed = 0;

  /** Adds the result of the transform for a document. */
  shaped({ id, routing }: DocumentKey, source: Buffer, shaped: Shaped): void {
    this.#documents++;
    if (shaped.type === 'drop') this.#dropped++;
    else if (shaped.type === 'refused') this.rejected({ id, routing }, 'transform', shaped.reason);
    else {
      const fields = differingPaths(source, shaped.source as Buffer, EXAMPLE_FIELDS);
      if (fields.length === 0) return;
      this.#changed++;
      this.#examples.add({ id, fields });
    }
  }

  /** Compares the results of both runs of the transform for a document. */
  shapedAgain({ id }: DocumentKey, before: Shaped, after: Shaped): void {
    const fields = differencesOf(before, after);
    if (fields.length === 0) return;
    this.#differing++;
    if (this.#nondeterministic.length < NONDETERMINISTIC_SHOWN) this.#nondeterministic.push({ id, fields });
  }

  rejected({ id, routing }: DocumentKey, by: RejectedSample['by'], reason: string): void {
    this.#rejected++;
    if (this.#first.length < REJECTED_SHOWN)
      this.#first.push({
        id,
        ...(routing === undefined ? {} : { routing }),
        by,
        reason: reason.slice(0, MAX_REASON),
      });
    this.#reasons.add(reason, id);
  }

  result(): Omit<Sample, 'asked' | 'tookMs'> {
    return {
      documents: this.#documents,
      indexed: this.#documents - this.#dropped - this.#rejected,
      dropped: this.#dropped,
      rejected: {
        count: this.#rejected,
        first: this.#first,
        byReason: this.#reasons.most,
      },
      nondeterministic: { count: this.#differing, first: this.#nondeterministic },
      changed: this.#changed,
      examples: this.#examples.most(EXAMPLES_SHOWN),
    };
  }
}

const OUTCOMES = { index: 'taken', drop: 'dropped', refused: 'refused' } as const;

function differencesOf(before: Shaped, after: Shaped): ChangedField[] {
  if (before.type === 'index' && after.type === 'index')
    return differingPaths(before.source as Buffer, after.source as Buffer, DIFFERENCES_SHOWN);
  if (before.type === after.type) return [];
  return [{ path: '', before: OUTCOMES[before.type], after: OUTCOMES[after.type] }];
}

/** The largest number of combinations of changed fields for which examples are kept, a few for each. */
const MAX_WAYS = 100;

/** Chooses a few changed documents that together show as many different changed fields as possible. */
class Examples {
  readonly #byWay = new Map<
    string,
    { readonly places: ReadonlySet<string>; readonly documents: ChangedDocument[] }
  >();

  add(document: ChangedDocument): void {
    const places = new Set(document.fields.map(({ path }) => path.replace(/\[\d+\]/g, '[]')));
    const way = JSON.stringify([...places].sort());
    const known = this.#byWay.get(way);
    if (!known && this.#byWay.size < MAX_WAYS) this.#byWay.set(way, { places, documents: [document] });
    else if (known && known.documents.length < EXAMPLES_SHOWN) known.documents.push(document);
  }

  most(count: number): ChangedDocument[] {
    const left = [...this.#byWay.values()].flatMap(({ places, documents }) =>
      documents.map((document) => ({ places, document })),
    );
    const covered = new Set<string>();
    const chosen: ChangedDocument[] = [];
    while (chosen.length < count && left.length > 0) {
      const gains = left.map(({ places }) => [...places].filter((place) => !covered.has(place)).length);
      const [best] = left.splice(gains.indexOf(Math.max(...gains)), 1);
      if (!best) break;
      for (const place of best.places) covered.add(place);
      chosen.push(best.document);
    }
    return chosen;
  }
}
