// What a client may send, generated: all document APIs with the parameters that they take, right ones and wrong ones.
import * as fc from 'fast-check';

/** One of the names that a client may write to: a write alias, a concrete index, an index that is not ours, the readers' alias. */
export type IndexName = 'write' | 'concrete' | 'other' | 'read' | 'nowhere';

export interface Document {
  readonly n?: number;
  readonly price?: string;
  readonly name?: string | null;
  readonly tags?: readonly string[];
  readonly deep?: { readonly a?: number; readonly b?: { readonly c?: string } };
}

export type Query = Readonly<Record<string, string>>;

export interface UpdateBody {
  readonly doc?: Document;
  readonly upsert?: Document;
  readonly doc_as_upsert?: boolean;
  readonly detect_noop?: boolean;
  readonly scripted_upsert?: boolean;
  readonly script?: { readonly source: string; readonly params?: { readonly by: number } };
  readonly _source?: boolean | string | readonly string[] | undefined;
}

type Action = 'index' | 'create' | 'update' | 'delete';

export interface Operation {
  readonly action: Action;
  /** Of the client's few documents; undefined: the engine makes the id. */
  readonly document: number | undefined;
  readonly index: IndexName | undefined;
  /** The condition of a write: what the client saw last, or something else. */
  readonly condition: 'seen' | 'wrong' | undefined;
  readonly query: Query;
  readonly body: Document | UpdateBody | undefined;
}

export type Command =
  | { readonly type: 'single'; readonly operation: Operation; readonly post: boolean }
  | {
      readonly type: 'bulk';
      readonly index: IndexName | undefined;
      readonly query: Query;
      readonly operations: readonly Operation[];
      /** Put into the body as it is, after so many operations. */
      readonly broken: { readonly at: number; readonly line: string } | undefined;
    }
  | {
      readonly type: 'read';
      readonly api: 'get' | 'source' | 'head' | 'mget' | 'search' | 'msearch' | 'count' | 'refresh';
      readonly document: number;
      readonly query: Query;
    }
  /** All documents of the client, in pages. */
  | { readonly type: 'pages'; readonly api: 'scroll' | 'pit'; readonly size: number }
  | ByQuery;

/** A write of all documents that a query finds. */
export interface ByQuery {
  readonly type: 'byQuery';
  readonly api: '_update_by_query' | '_delete_by_query' | '_reindex';
  readonly documents: readonly number[];
  readonly script: UpdateBody['script'] | undefined;
  /** Of `_reindex`, whose source is the index that is not ours. */
  readonly create: boolean;
  readonly query: Query;
}

/** So few that a client meets its own documents again. */
export const DOCUMENTS = 4;

const document: fc.Arbitrary<Document> = fc.record(
  {
    n: fc.integer({ min: -3, max: 1_000 }),
    price: fc.integer({ min: 0, max: 99 }).map((euros) => `${euros},50 EUR`),
    name: fc.oneof(fc.constantFrom('', 'a', 'Ä"\\ ', 'twindex.Write.1'), fc.constant(null)),
    tags: fc.array(fc.constantFrom('x', 'y'), { maxLength: 2 }),
    deep: fc.record(
      {
        a: fc.integer({ min: 0, max: 3 }),
        b: fc.record({ c: fc.constantFrom('p', 'q') }, { requiredKeys: [] }),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);

const badDocument = fc.constantFrom(
  { n: 'no number' } as unknown as Document,
  { deep: 3 } as unknown as Document,
);

const anyDocument = fc.oneof({ weight: 15, arbitrary: document }, { weight: 1, arbitrary: badDocument });

const wantedSource = fc.constantFrom<UpdateBody['_source']>(true, false, 'n', ['price', 'deep.a'], 'no*');

const script = fc.constantFrom(
  { source: 'ctx._source.n = (ctx._source.n == null ? 0 : ctx._source.n) + params.by', params: { by: 2 } },
  { source: "ctx.op = 'delete'" },
  { source: "ctx.op = 'none'" },
  { source: 'ctx._source.remove("price")' },
  { source: 'broken(' },
);

/** What is asked for besides the write itself: of a partial update in the other shape only what it can do. */
export interface Range {
  readonly otherShape: boolean;
  /** What is written by query is followed: it is not at once on an index that is second and read. */
  readonly byQuery: boolean;
  readonly length: number;
}

function updateBody(otherShape: boolean): fc.Arbitrary<UpdateBody> {
  const withDoc = fc.record(
    {
      doc: anyDocument,
      upsert: document,
      doc_as_upsert: fc.boolean(),
      detect_noop: fc.boolean(),
      _source: otherShape ? fc.boolean() : wantedSource,
    },
    { requiredKeys: ['doc'] },
  );
  if (otherShape) return withDoc;
  const withScript = fc.record(
    { script, upsert: document, scripted_upsert: fc.boolean(), _source: wantedSource },
    { requiredKeys: ['script'] },
  );
  const odd = fc.constantFrom<UpdateBody>({}, { upsert: { n: 1 } }, { doc: {}, doc_as_upsert: true });
  return fc.oneof(
    { weight: 8, arbitrary: withDoc },
    { weight: 3, arbitrary: withScript },
    { weight: 1, arbitrary: odd },
  );
}

/** Of a request's URL or of a bulk's metadata: seldom many together. */
function params(common: Readonly<Record<string, fc.Arbitrary<string>>>): fc.Arbitrary<Query> {
  const names = Object.keys(common);
  if (names.length === 0) return fc.constant({});
  return fc
    .oneof(
      { weight: 3, arbitrary: fc.constant<string[]>([]) },
      { weight: 4, arbitrary: fc.subarray(names, { minLength: 1, maxLength: 1 }) },
      {
        weight: 1,
        arbitrary: fc.subarray(names, {
          minLength: Math.min(2, names.length),
          maxLength: Math.min(3, names.length),
        }),
      },
    )
    .chain((chosen) =>
      fc.record(Object.fromEntries(chosen.map((name) => [name, common[name] as fc.Arbitrary<string>]))),
    ) as fc.Arbitrary<Query>;
}

const OF_ANSWERS = {
  filter_path: fc.constantFrom(
    'result',
    '_id,_version',
    '-_shards',
    'items.*.result',
    '-items.*._shards',
    'error*',
    'nothing',
  ),
  pretty: fc.constantFrom('', 'true', 'false'),
};

const OF_WRITES = {
  refresh: fc.constantFrom('', 'true', 'false', 'wait_for', 'perhaps'),
  timeout: fc.constantFrom('5s', '10000ms'),
  wait_for_active_shards: fc.constantFrom('1', 'all', '0'),
  require_alias: fc.constantFrom('true', 'false'),
};

const OF_INDEXING = { pipeline: fc.constantFrom('_none', 'marks', 'missing-pipeline') };
/** OpenSearch 3.8 changes the order of items whose pipeline is missing, and they have no id yet. */
const OF_BULK_INDEXING = { pipeline: fc.constantFrom('_none', 'marks') };
const OF_VERSIONS = {
  version: fc.constantFrom('1', '3', '7'),
  version_type: fc.constant('internal'),
};
const OF_BULK_UPDATES = {
  retry_on_conflict: fc.constantFrom('0', '2'),
  _source: fc.constantFrom('true', 'false', 'n', 'price,deep'),
};
const OF_OTHER_UPDATES = { retry_on_conflict: OF_BULK_UPDATES.retry_on_conflict };
const OF_UPDATES = {
  ...OF_BULK_UPDATES,
  _source_includes: fc.constantFrom('n', 'de*'),
  _source_excludes: fc.constantFrom('price'),
};

const known = fc.integer({ min: 0, max: DOCUMENTS - 1 });

function indexName(weights: Partial<Record<IndexName, number>>): fc.Arbitrary<IndexName> {
  return fc.oneof(
    ...Object.entries(weights).map(([name, weight]) => ({
      weight,
      arbitrary: fc.constant(name as IndexName),
    })),
  );
}

const condition = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  { weight: 2, arbitrary: fc.constant('seen' as const) },
  { weight: 1, arbitrary: fc.constant('wrong' as const) },
);

/** A version with its type. Those that clients make themselves are refused by twindex: see ownVersions.test.ts. */
const versioned = fc.oneof(
  { weight: 9, arbitrary: fc.constant<Query>({}) },
  {
    weight: 1,
    arbitrary: fc.record({ version: OF_VERSIONS.version, version_type: OF_VERSIONS.version_type }),
  },
);

function operation(
  inBulk: boolean,
  otherShape: boolean,
  index: fc.Arbitrary<IndexName | undefined>,
): fc.Arbitrary<Operation> {
  const alone = inBulk ? {} : { ...OF_WRITES, ...OF_ANSWERS };
  const requireAlias = { require_alias: OF_WRITES.require_alias };
  const indexing = inBulk ? OF_BULK_INDEXING : OF_INDEXING;
  const writing = params({ ...alone, ...requireAlias, ...indexing });
  const updating = otherShape ? OF_OTHER_UPDATES : inBulk ? OF_BULK_UPDATES : OF_UPDATES;
  const id = fc.oneof({ weight: 9, arbitrary: known }, { weight: 1, arbitrary: fc.constant(undefined) });
  const of = (
    action: Action,
    parts: { query: fc.Arbitrary<Query>; body: fc.Arbitrary<Operation['body']>; document?: typeof id },
  ): fc.Arbitrary<Operation> =>
    fc
      .record({
        action: fc.constant(action),
        document: parts.document ?? known,
        index,
        condition: action === 'create' ? fc.constant(undefined) : condition,
        query: parts.query,
        version: action === 'update' || (inBulk && otherShape) ? fc.constant<Query>({}) : versioned,
        body: parts.body,
      })
      .map(({ version, query, ...rest }) => ({
        ...rest,
        condition: otherShape && mayCreate(rest.body) ? undefined : rest.condition,
        // a write without an id is a creation under one that the gateway makes: the engine's words would be others
        query: rest.document === undefined ? query : { ...query, ...version },
      }));
  return fc.oneof(
    { weight: 5, arbitrary: of('index', { query: writing, body: anyDocument, document: id }) },
    {
      weight: 3,
      arbitrary: of('create', { query: writing, body: anyDocument, document: inBulk ? id : known }),
    },
    {
      weight: 5,
      arbitrary: of('update', {
        query: params({ ...alone, ...requireAlias, ...updating }),
        body: updateBody(otherShape),
      }),
    },
    { weight: 4, arbitrary: of('delete', { query: params(alone), body: fc.constant(undefined) }) },
  );
}

function mayCreate(body: Operation['body']): boolean {
  const { upsert, doc_as_upsert: docAsUpsert } = (body ?? {}) as UpdateBody;
  return upsert !== undefined || docAsUpsert !== undefined;
}

const broken = fc.oneof(
  { weight: 12, arbitrary: fc.constant(undefined) },
  {
    weight: 1,
    arbitrary: fc.record({
      at: fc.integer({ min: 0, max: 3 }),
      line: fc.constantFrom(
        '',
        '  ',
        '{"index":{"_id":"b"}}',
        '{"remove":{"_id":"b"}}\n',
        '{"index":',
        'null',
        '{}',
      ),
    }),
  },
);

function bulk(otherShape: boolean): fc.Arbitrary<Command> {
  // a partial update in the other shape is carried out alone: before the engine could refuse the whole, and the items
  // before it and after it are two bulks, so that a delete on an index that can't be does not meet its creation
  const ours = indexName({ write: 6, concrete: 1, other: 2, ...(otherShape ? {} : { nowhere: 1 }) });
  const ofUpdates = otherShape
    ? { refresh: fc.constantFrom('true', 'wait_for') }
    : { ...OF_BULK_INDEXING, _source: OF_UPDATES._source };
  const inPath = fc.option(indexName({ write: 6, concrete: 1, other: 1 }), { nil: undefined, freq: 3 });
  return inPath.chain((index) => {
    const items = index === undefined ? ours : fc.option(ours, { nil: undefined, freq: 2 });
    return fc.record({
      type: fc.constant('bulk' as const),
      index: fc.constant(index),
      query: params({ ...OF_WRITES, ...OF_ANSWERS, ...ofUpdates }),
      operations: fc.array(operation(true, otherShape, items), { minLength: 1, maxLength: 5 }),
      broken: otherShape ? fc.constant(undefined) : broken,
    });
  });
}

const read: fc.Arbitrary<Command> = fc.record({
  type: fc.constant('read' as const),
  api: fc.constantFrom('get', 'source', 'head', 'mget', 'search', 'msearch', 'count', 'refresh'),
  document: known,
  query: params({
    pretty: OF_ANSWERS.pretty,
    filter_path: fc.constantFrom('_source', 'docs', 'hits.hits._id'),
  }),
});

const pages: fc.Arbitrary<Command> = fc.record({
  type: fc.constant('pages' as const),
  api: fc.constantFrom('scroll', 'pit'),
  size: fc.integer({ min: 1, max: DOCUMENTS }),
});

/** A script, and documents from elsewhere, are of the leader's own shape. */
function byQuery(otherShape: boolean): fc.Arbitrary<Command> {
  return fc.record({
    type: fc.constant('byQuery' as const),
    api: otherShape
      ? fc.constantFrom('_update_by_query', '_delete_by_query')
      : fc.constantFrom('_update_by_query', '_delete_by_query', '_reindex'),
    documents: fc.uniqueArray(known, { minLength: 1 }),
    script: otherShape ? fc.constant(undefined) : fc.option(script, { nil: undefined }),
    create: fc.boolean(),
    query: params({
      conflicts: fc.constantFrom('proceed', 'abort'),
      refresh: fc.constantFrom('true', 'false'),
      scroll_size: fc.constantFrom('1', '100'),
      ...OF_ANSWERS,
    }),
  });
}

/** What a client sends, one after the other. */
export function commands({ otherShape, byQuery: hasQueries, length }: Range): fc.Arbitrary<Command[]> {
  const single: fc.Arbitrary<Command> = fc.record({
    type: fc.constant('single' as const),
    operation: operation(false, otherShape, indexName({ write: 20, concrete: 3, other: 1, nowhere: 1 })),
    post: fc.boolean(),
  });
  return fc.array(
    fc.oneof(
      { weight: 6, arbitrary: single },
      { weight: 4, arbitrary: bulk(otherShape) },
      { weight: 2, arbitrary: read },
      { weight: 1, arbitrary: pages },
      ...(hasQueries ? [{ weight: 1, arbitrary: byQuery(otherShape) }] : []),
    ),
    { minLength: 1, maxLength: length },
  );
}
