// To which cluster a request goes, where indexes come from another cluster than the one that they are brought to: what
// names an index of ours goes to where its readers or its writers are, and everything else to where all was before. Pure.
import type { ClusterSide } from '../../../cluster/indexRef.js';
import { isObject } from '../../../json/plain.js';
import { type Expression, matchesWildcard, splitExpression } from '../../../cluster/indexExpression.js';
import { readParams, readSegments } from './url.js';

/** A managed index, and where its parts are. */
export interface RoutedIndex {
  /** As in its index file. */
  readonly name: string;
  readonly readAlias: string;
  /** What clients write through. */
  readonly aliases: readonly string[];
  readonly indexes: readonly { readonly index: string; readonly where: ClusterSide }[];
  readonly readers: ClusterSide;
  readonly writers: ClusterSide;
  /** Its readers may be moved to the other cluster at any time. */
  readonly moving: boolean;
}

export type Place =
  | { readonly type: 'in'; readonly where: ClusterSide }
  /** Its body names indexes. */
  | {
      readonly type: 'body';
      readonly api: BodyApi;
      readonly index: string | undefined;
      readonly reads: boolean;
    }
  /**
   * It goes on with what another request has opened: a scroll, a point in time, an asynchronous search. `instead`: where it
   * goes when its body names no point in time.
   */
  | { readonly type: 'opened'; readonly instead: Place | undefined }
  /** In the source, if that is still their leader: nothing is known any more. */
  | { readonly type: 'checked'; readonly names: readonly string[] }
  | { readonly type: 'refused'; readonly reason: string };

type Found = Extract<Place, { type: 'in' | 'checked' | 'refused' }>;

type BodyApi = '_msearch' | '_mget';

const BODY_APIS: Readonly<Record<string, BodyApi>> = {
  _msearch: '_msearch',
  _mget: '_mget',
  _mtermvectors: '_mget',
};

/** Words that read documents: of what is in two clusters they would find a part. */
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
/** Words that read, besides those. */
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
  /** Where everything is that is not ours. */
  readonly others: ClusterSide;
  /** Something is elsewhere: else no request need be looked at. */
  readonly active: boolean;
  readonly #leaseExpired: boolean;
  readonly #indexes: readonly RoutedIndex[];
  readonly #byName = new Map<string, RoutedIndex>();

  /** @param leaseExpired what is known may be over */
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

  /** All clusters that something of ours is in, and the others'. */
  get all(): readonly ClusterSide[] {
    const ours = this.#indexes.flatMap(({ readers, writers }) => [readers, writers]);
    return [...new Set([this.others, ...ours])];
  }

  /** Of one index or alias. */
  ofName(name: string | undefined, reads: boolean): ClusterSide {
    const placed = name === undefined ? undefined : this.#byName.get(name);
    if (!placed || name === undefined) return this.others;
    const index = placed.indexes.find((one) => one.index === name);
    if (index) return index.where;
    if (name !== placed.readAlias) return placed.writers;
    return reads || !placed.aliases.includes(name) ? placed.readers : placed.writers;
  }

  /** @param url as it was sent, with its query */
  ofRequest(method: string, url: string): Place {
    if (!this.active) return this.#in(this.others);
    const question = url.indexOf('?');
    const segments = readSegments(question < 0 ? url : url.slice(0, question));
    // refused before it comes here
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

  /** Of a request that names its indexes in its body. What can't be read the engine refuses. */
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
      reason: `this ${api} is about indexes that are in different clusters now: send one for each of them`,
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
    // administration of several is of what is not ours
    if (!searches) return this.#in(this.others);
    return {
      type: 'refused',
      reason: `[${expression}] means indexes that are in different clusters now: ask for each of them by its name`,
    };
  }

  /** By a wildcard, or by date math. */
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

/** `/_search/scroll/...`, `/_pit`, `/_async_search/ID`, ... */
function isStatefulRead([first, second]: readonly string[]): boolean {
  if (first === '_pit') return true;
  if (first === '_search') return second === 'scroll' || second === 'point_in_time';
  return (first === '_async_search' || first === '_eql' || first === '_sql') && second !== undefined;
}

type NamedInBody = readonly (string | undefined)[];

/** Of a `_msearch`, whose first line and every second one after it names what is searched. */
function namesInLines(body: Buffer | undefined): NamedInBody {
  const lines = (body ?? Buffer.alloc(0)).toString().split('\n');
  return lines.flatMap((line, n): NamedInBody => {
    if (n % 2 === 1 || n === lines.length - 1) return [];
    const { index } = objectIn(line);
    if (Array.isArray(index)) return [index.join(',')];
    return [typeof index === 'string' ? index : undefined];
  });
}

/** Of a `_mget` or `_mtermvectors`. */
function namesInDocs(body: Buffer | undefined): NamedInBody {
  const { docs } = objectIn(body?.toString() ?? '');
  if (!Array.isArray(docs)) return [undefined];
  return docs.map((doc): string | undefined => {
    const index: unknown = isObject(doc) ? doc['_index'] : undefined;
    return typeof index === 'string' ? index : undefined;
  });
}

/** Empty where it is none. */
function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = text.trim() === '' ? {} : JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
