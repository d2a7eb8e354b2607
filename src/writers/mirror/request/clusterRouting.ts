// Chooses the cluster for each request during a migration between clusters. A request to an index with an
// index file goes to the cluster of its readers or writers, any other request to the cluster `others`. Pure.
import type { ClusterSide } from '../../../cluster/indexRef.js';
import { isObject } from '../../../json/plain.js';
import { type Expression, matchesWildcard, splitExpression } from '../../../cluster/indexExpression.js';
import { readParams, readSegments } from './url.js';

export interface RoutedIndex {
  readonly name: string;
  readonly readAlias: string;
  /** Clients write through these aliases. */
  readonly aliases: readonly string[];
  readonly indexes: readonly { readonly index: string; readonly where: ClusterSide }[];
  readonly readers: ClusterSide;
  readonly writers: ClusterSide;
  /** Set while readers or writers may be moved to the other cluster at any time. */
  readonly moving: boolean;
}

export type Place =
  | { readonly type: 'in'; readonly where: ClusterSide }
  /** The body names the indexes, so it has to be read. */
  | {
      readonly type: 'body';
      readonly api: BodyApi;
      readonly index: string | undefined;
      readonly reads: boolean;
    }
  /**
   * The request continues a scroll, point in time or async search, which only one cluster knows. A `_search`
   * without an index goes to `instead`, unless its body names a point in time.
   */
  | { readonly type: 'opened'; readonly instead: Place | undefined }
  /**
   * The lease has expired. If the write alias in the source's cluster shows that the source is still the
   * leader, the request goes to that cluster. Otherwise it is refused.
   */
  | { readonly type: 'checked'; readonly names: readonly string[] }
  | { readonly type: 'refused'; readonly reason: string };

type Found = Extract<Place, { type: 'in' | 'checked' | 'refused' }>;

type BodyApi = '_msearch' | '_mget';

const BODY_APIS: Readonly<Record<string, BodyApi>> = {
  _msearch: '_msearch',
  _mget: '_mget',
  _mtermvectors: '_mget',
};

/** If its indexes are in two clusters, a search is refused: it would find only a part of the documents. */
const SEARCHES: ReadonlySet<string> = new Set([
  '_search',
  '_count',
  '_async_search',
  '_pit',
  '_field_caps',
  '_eql',
  '_validate',
  '_knn_search',
  '_rank_eval',
  '_terms_enum',
]);
const READS: ReadonlySet<string> = new Set([
  ...SEARCHES,
  '_msearch',
  '_mget',
  '_mtermvectors',
  '_termvectors',
  '_explain',
  '_source',
  '_search_shards',
]);

export class ClusterRouting {
  readonly others: ClusterSide;
  /** If false, every index is in the cluster `others`, so no request has to be checked. */
  readonly active: boolean;
  readonly #leaseExpired: boolean;
  readonly #indexes: readonly RoutedIndex[];
  readonly #byName = new Map<string, RoutedIndex>();

  /** @param leaseExpired whether the known clusters of readers and writers may be out of date */
  constructor(
    placed: readonly RoutedIndex[],
    others: ClusterSide,
    { leaseExpired = false }: { readonly leaseExpired?: boolean } = {},
  ) {
    this.#leaseExpired = leaseExpired;
    this.others = others;
    this.#indexes = placed;
    for (const one of placed) {
      for (const name of [one.readAlias, ...one.aliases]) this.#byName.set(name, one);
      for (const { index } of one.indexes) this.#byName.set(index, one);
    }
    this.active = placed.some(
      ({ readers, writers, indexes, moving }) =>
        (leaseExpired && moving) ||
        readers !== others ||
        writers !== others ||
        indexes.some(({ where }) => where !== others),
    );
  }

  get all(): readonly ClusterSide[] {
    const ours = this.#indexes.flatMap(({ readers, writers }) => [readers, writers]);
    return [...new Set([this.others, ...ours])];
  }

  ofName(name: string | undefined, reads: boolean): ClusterSide {
    const placed = name === undefined ? undefined : this.#byName.get(name);
    if (!placed || name === undefined) return this.others;
    const index = placed.indexes.find((one) => one.index === name);
    if (index) return index.where;
    if (name !== placed.readAlias) return placed.writers;
    return reads || !placed.aliases.includes(name) ? placed.readers : placed.writers;
  }

  ofRequest(method: string, url: string): Place {
    if (!this.active) return this.#in(this.others);
    const question = url.indexOf('?');
    const segments = readSegments(question < 0 ? url : url.slice(0, question));
    // malformed requests were refused earlier
    if ('reason' in segments) return this.#in(this.others);
    const { raw, decoded } = segments;
    const [first] = raw;
    const atRoot = first === undefined || (first.startsWith('_') && first !== '_all');
    const word = (atRoot ? first : raw[1]) ?? '';
    const params = readParams(question < 0 ? '' : url.slice(question + 1));
    const inQuery = 'values' in params ? params.values['index'] : undefined;
    const index = atRoot ? inQuery : decoded[0];
    const verb = method.toUpperCase();
    const reads = verb === 'GET' || verb === 'HEAD' || READS.has(word);
    if (atRoot && isStatefulRead(raw)) return { type: 'opened', instead: undefined };
    const api = BODY_APIS[word];
    if (api) return { type: 'body', api, index, reads };
    if (index === undefined) {
      if (!SEARCHES.has(word)) return this.#in(this.others);
      const instead = this.#ofExpression('_all', { reads: true, searches: true });
      return word === '_search' ? { type: 'opened', instead } : instead;
    }
    return this.#ofExpression(index, { reads, searches: SEARCHES.has(word) });
  }

  ofBody({ api, index, reads }: Extract<Place, { type: 'body' }>, body: Buffer | undefined): Found {
    const found = (api === '_mget' ? namesInDocs(body) : namesInLines(body)).map((name) =>
      this.#ofExpression(name ?? index ?? '', { reads, searches: true }),
    );
    const refused = found.find((place) => place.type === 'refused');
    if (refused) return refused;
    const checked = found.flatMap((place) => (place.type === 'checked' ? place.names : []));
    if (checked.length > 0) return { type: 'checked', names: checked };
    const clusters = new Set(found.flatMap((place) => (place.type === 'in' ? [place.where] : [])));
    if (clusters.size <= 1) return this.#in([...clusters][0] ?? this.ofName(index, reads));
    return {
      type: 'refused',
      reason: `this ${api} names indexes that are in different clusters now: send one request for each of them`,
    };
  }

  #ofExpression(
    expression: string,
    { reads, searches }: { readonly reads: boolean; readonly searches: boolean },
  ): Found {
    const clusters = new Set<ClusterSide>();
    const moving = new Set<string>();
    for (const part of splitExpression(expression)) {
      if (part.excludes) continue;
      if (!part.wildcard && !part.pattern) {
        clusters.add(this.ofName(part.text, reads));
        const named = this.#byName.get(part.text);
        if (named?.moving) moving.add(named.name);
        continue;
      }
      const matching = this.#matching(part);
      for (const one of matching) {
        clusters.add(one.readers);
        if (one.moving) moving.add(one.name);
      }
      if (matching.length === 0 || part.text === '*') clusters.add(this.others);
    }
    if (this.#leaseExpired && moving.size > 0) return { type: 'checked', names: [...moving] };
    const [one = this.others] = clusters;
    if (clusters.size <= 1) return this.#in(one);
    if (!searches) return this.#in(this.others);
    return {
      type: 'refused',
      reason: `[${expression}] matches indexes that are in different clusters now: send one request for each of them, by its name`,
    };
  }

  #matching({ text, pattern }: Expression): readonly RoutedIndex[] {
    const matches = pattern ?? ((name: string): boolean => matchesWildcard(text, name));
    return this.#indexes.filter(({ readAlias, aliases, indexes }) =>
      [readAlias, ...aliases, ...indexes.map(({ index }) => index)].some(matches),
    );
  }

  #in(where: ClusterSide): Extract<Place, { type: 'in' }> {
    return { type: 'in', where };
  }
}

/** Matches `/_search/scroll/...`, `/_pit`, `/_async_search/ID`, ... */
function isStatefulRead([first, second]: readonly string[]): boolean {
  if (first === '_pit') return true;
  if (first === '_search') return second === 'scroll' || second === 'point_in_time';
  return (first === '_async_search' || first === '_eql' || first === '_sql') && second !== undefined;
}

type NamedInBody = readonly (string | undefined)[];

/** The indexes that the header lines of a `_msearch` name: the first line, and every second line after it. */
function namesInLines(body: Buffer | undefined): NamedInBody {
  const lines = (body ?? Buffer.alloc(0)).toString().split('\n');
  return lines.flatMap((line, n): NamedInBody => {
    if (n % 2 === 1 || n === lines.length - 1) return [];
    const { index } = objectIn(line);
    if (Array.isArray(index)) return [index.join(',')];
    return [typeof index === 'string' ? index : undefined];
  });
}

function namesInDocs(body: Buffer | undefined): NamedInBody {
  const { docs } = objectIn(body?.toString() ?? '');
  if (!Array.isArray(docs)) return [undefined];
  return docs.map((doc): string | undefined => {
    const index: unknown = isObject(doc) ? doc['_index'] : undefined;
    return typeof index === 'string' ? index : undefined;
  });
}

/** @returns the parsed object, or an empty one if the string is not the JSON of an object */
function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = text.trim() === '' ? {} : JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
