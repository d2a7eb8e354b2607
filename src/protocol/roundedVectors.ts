// An engine that stores vectors outside of `_source` adds them again when a document is read, as lists of
// rounded numbers. So two vectors count as equal if they differ only by this rounding.
import type { Cluster } from '../cluster/cluster.js';
import type { IndexRef } from '../cluster/indexRef.js';
import { getIndexes } from '../cluster/indices/getIndex.js';
import { leavesVectorsOut } from '../cluster/indices/searchAlterations.js';
import { isObject } from '../json/plain.js';
import type { JsonObject } from '../json/jsonTypes.js';
import { comparableNumber, ExactDecimal } from '../json/numbers.js';
import { parseDocument } from '../json/parseDocument.js';
import { sameValue } from '../json/sameContent.js';

/** Tolerances, relative to the larger number. A weight in a sparse vector has nine significant bits. */
const SPARSE = 2 ** -7;
const COARSE = 2 ** -7;
const FLOAT = 1e-5;

/** The tolerance for the numbers of a field, by the path of the field. */
export type VectorFields = ReadonlyMap<string, number>;

const FRESH_MS = 10_000;
const MAY_HOLD_VECTOR = /[[{]|null/;

/** The vector fields that either index returns rounded. Mappings may grow, so they are read again. */
export class RoundedVectors {
  readonly #indexes: readonly IndexRef[];
  #known: { readonly at: number; readonly fields: Promise<VectorFields> } | undefined;

  constructor(indexes: readonly IndexRef[]) {
    this.#indexes = indexes;
  }

  /** Whether the two documents differ only in the rounding of vectors. */
  async explain(a: Buffer, b: Buffer): Promise<boolean> {
    // Restored vectors are lists or objects, and null stands for no vector. Without any of these in a
    // document, it has no vectors that could be rounded.
    if (![a, b].some((document) => MAY_HOLD_VECTOR.test(document.toString('latin1', 1)))) return false;
    const fields = await this.#fields();
    return fields.size > 0 && equalButVectors(a, b, fields);
  }

  async #fields(): Promise<VectorFields> {
    const now = performance.now();
    const isFresh = this.#known && now - this.#known.at <= FRESH_MS;
    const known = isFresh ? this.#known : { at: now, fields: this.#load() };
    this.#known = known;
    try {
      return await (known as NonNullable<typeof known>).fields;
    } catch (error) {
      // oxlint-disable-next-line twindex/atomic-updates -- only a failed load is forgotten
      if (this.#known === known) this.#known = undefined;
      throw error;
    }
  }

  async #load(): Promise<VectorFields> {
    const found = await Promise.all(this.#indexes.map(({ cluster, index }) => roundedIn(cluster, index)));
    const fields = new Map<string, number>();
    for (const [path, tolerance] of found.flat())
      fields.set(path, Math.max(tolerance, fields.get(path) ?? 0));
    return fields;
  }
}

async function roundedIn(cluster: Cluster, index: string): Promise<[string, number][]> {
  const isOpenSearch = cluster.engine.name === 'opensearch';
  if (!isOpenSearch && !(await leavesVectorsOut(cluster, index))) return [];
  const [live] = await getIndexes(cluster, index);
  const fields = vectorFields(live?.mappings ?? {});
  // In OpenSearch only the k-NN plugin restores vectors when a document is read.
  return isOpenSearch ? fields.filter(([, , type]) => type === 'knn_vector').map(pair) : fields.map(pair);
}

const pair = ([path, tolerance]: readonly [string, number, string]): [string, number] => [path, tolerance];

function vectorFields(mapping: JsonObject, prefix = ''): [path: string, tolerance: number, type: string][] {
  const { properties } = mapping;
  if (!isObject(properties)) return [];
  return Object.entries(properties).flatMap(([name, field]) => {
    if (!isObject(field)) return [];
    const path = `${prefix}${name}`;
    const { type, element_type: element } = field;
    if (type === 'sparse_vector') return [[path, SPARSE, type]];
    if (type === 'dense_vector' || type === 'rank_vectors' || type === 'knn_vector')
      return [[path, element === 'bfloat16' ? COARSE : FLOAT, type]];
    return vectorFields(field, `${path}.`);
  });
}

export function equalButVectors(a: Buffer, b: Buffer, fields: VectorFields): boolean {
  const [ofA, ofB] = [takeVectors(a, fields), takeVectors(b, fields)];
  if (!sameValue(ofA.rest, ofB.rest)) return false;
  return [...fields].every(([path, tolerance]) =>
    sameVectors(ofA.vectors.get(path) ?? [], ofB.vectors.get(path) ?? [], tolerance),
  );
}

interface Taken {
  /** The document without its vectors, and without objects that contain only vectors. */
  readonly rest: unknown;
  readonly vectors: ReadonlyMap<string, unknown[]>;
}

function takeVectors(document: Buffer, fields: VectorFields): Taken {
  const vectors = new Map<string, unknown[]>();
  const without = (value: unknown, path: string): unknown => {
    if (Array.isArray(value)) return value.map((element) => without(element, path));
    if (!isObject(value)) return value;
    const kept: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    for (const [key, member] of Object.entries(value)) {
      const inner = path === '' ? key : `${path}.${key}`;
      if (fields.has(inner)) {
        if (member !== null) vectors.set(inner, [...(vectors.get(inner) ?? []), member]);
        continue;
      }
      const left = without(member, inner);
      const isAround = isEmpty(left) && [...fields.keys()].some((field) => field.startsWith(`${inner}.`));
      if (!isAround) kept[key] = left;
    }
    return kept;
  };
  const rest = without(parseDocument(document, comparableNumber), '');
  return { rest, vectors };
}

const isEmpty = (value: unknown): boolean => isObject(value) && Object.keys(value).length === 0;

function sameVectors(a: readonly unknown[], b: readonly unknown[], tolerance: number): boolean {
  if (a.length === b.length) return a.every((vector, n) => sameVector(vector, b[n], tolerance));
  // If a document has several sparse vectors, the engine keeps the largest weight of each token.
  const [ofA, ofB] = [weights(a), weights(b)];
  return ofA !== undefined && ofB !== undefined && sameVector(ofA, ofB, tolerance);
}

function sameVector(a: unknown, b: unknown, tolerance: number): boolean {
  const [ofA, ofB] = [listOf(a), listOf(b)];
  if (ofA && ofB)
    return (
      ofA.length === ofB.length &&
      ofA.every((value, n) =>
        typeof value === 'number' || value instanceof ExactDecimal
          ? near(value, ofB[n], tolerance)
          : sameVector(value, ofB[n], tolerance),
      )
    );
  const [tokensOfA, tokensOfB] = [weights([a]), weights([b])];
  if (!tokensOfA || !tokensOfB) return sameValue(a, b);
  const names = Object.keys(tokensOfA);
  return (
    names.length === Object.keys(tokensOfB).length &&
    names.every((name) => near(tokensOfA[name], tokensOfB[name], tolerance))
  );
}

/** A user may write a vector of bytes as a hexadecimal string. */
function listOf(vector: unknown): readonly unknown[] | undefined {
  if (Array.isArray(vector)) return vector;
  if (typeof vector !== 'string' || !/^(?:[0-9a-f]{2})+$/i.test(vector)) return undefined;
  return [...new Int8Array(Buffer.from(vector, 'hex'))];
}

/** @returns the largest weight of each token; undefined if a value is not a sparse vector */
function weights(vectors: readonly unknown[]): Record<string, number> | undefined {
  const largest: Record<string, number> = Object.create(null) as Record<string, number>;
  for (const vector of vectors.flat()) {
    if (!isObject(vector)) return undefined;
    for (const [token, weight] of Object.entries(vector)) {
      const value = Number(weight);
      if (!Number.isFinite(value)) return undefined;
      largest[token] = Math.max(value, largest[token] ?? Number.NEGATIVE_INFINITY);
    }
  }
  return largest;
}

function near(a: unknown, b: unknown, tolerance: number): boolean {
  const [x, y] = [Number(a), Number(b)];
  return Math.abs(x - y) <= tolerance * Math.max(Math.abs(x), Math.abs(y));
}
