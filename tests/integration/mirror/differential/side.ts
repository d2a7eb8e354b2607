// One of the two that are compared: the bare index, or the same through a gateway. It sends a command under its own names,
// and gives the answer back as both must give it.
import type { EngineName } from '../../../../src/cluster/cluster.js';
import {
  type ByQuery,
  type Command,
  type Document,
  DOCUMENTS,
  type IndexName,
  type Operation,
  type Query,
  type UpdateBody,
} from './commands.js';
import { readPages } from './pages.js';

export interface SideOptions {
  readonly engine: EngineName;
  readonly url: string;
  /** What all its names begin with. */
  readonly name: string;
  readonly indexes: Readonly<Record<IndexName, string>>;
  /** Documents are sent in the shape of version 2: `title` for `name`, and `price` a number. */
  readonly newShape: boolean;
  /** Clients send documents of the other shape: documents in answers may have either, and of errors only the type is compared. */
  readonly otherShape: boolean;
  /** Reads come from another index than that which writes went to first. */
  readonly readsSecond: boolean;
}

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly body: string | undefined;
  /** Documents of the request in their order; those without an id get one in the answer. */
  readonly documents: readonly (number | undefined)[];
}

interface Seen {
  readonly seqNo: number;
  readonly term: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

const HEADERS = ['content-type', 'location', 'warning', 'x-elastic-product'];

export class Client {
  readonly #side: SideOptions;
  readonly #prefix: string;
  /** By the document, and whether it is in the index that is not ours. */
  readonly #seen = new Map<string, Seen>();
  readonly #madeIds: string[] = [];
  /**
   * Documents that are not mirrored: written by query, or with an error of the engine's own, which OpenSearch may answer
   * when it has carried out the write (a script that deletes, and a filtered `_source`). Following and the ledger bring these.
   */
  readonly notMirrored = new Set<string>();

  /** @param prefix of the ids of its documents */
  constructor(side: SideOptions, prefix: string) {
    this.#side = side;
    this.#prefix = prefix;
  }

  async run(command: Command): Promise<Answer> {
    await this.#refresh(searched(command));
    if (command.type === 'pages') {
      const pages = await readPages(this.#side, command, this.#ids(), (request) => this.#send(request));
      return this.#comparable(command, pages);
    }
    if (command.type === 'byQuery')
      for (const document of command.documents) this.notMirrored.add(this.#key(document));
    const request = this.#render(command);
    const answer = await this.#send(request);
    this.#look(request, answer);
    return this.#comparable(command, answer);
  }

  /** What is searched must be found. */
  async #refresh(name: IndexName | undefined): Promise<void> {
    if (!name) return;
    const path = `/${this.#side.indexes[name]}/_refresh`;
    await this.#send({ method: 'POST', path, body: undefined, documents: [] });
  }

  async #send({ method, path, body }: Request): Promise<Answer> {
    const { newShape, url } = this.#side;
    const type = /_bulk|_msearch/.test(path) ? 'application/x-ndjson' : 'application/json';
    const answer = await fetch(url + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': type }),
        ...(newShape ? { 'x-twindex-version': '2' } : {}),
      },
      body: body ?? null,
    });
    const headers = HEADERS.flatMap((name) => {
      const value = answer.headers.get(name);
      return value === null ? [] : [[name, value] as const];
    });
    return { status: answer.status, headers: Object.fromEntries(headers), text: await answer.text() };
  }

  #id(document: number): string {
    return `${this.#prefix}-${document}`;
  }

  /** As it stands in what the index holds. */
  #key(document: number): string {
    return `${this.#id(document)} ${isRouted(document) ? 'r' : ''}`;
  }

  #ids(documents: readonly number[] = Array.from({ length: DOCUMENTS }, (_, n) => n)): string[] {
    return documents.map((document) => this.#id(document));
  }

  #render(command: Exclude<Command, { type: 'pages' }>): Request {
    switch (command.type) {
      case 'single':
        return this.#single(command.operation, command.post);
      case 'bulk':
        return this.#bulk(command);
      case 'read':
        return this.#read(command);
      case 'byQuery':
        return this.#byQuery(command);
    }
  }

  #single(operation: Operation, post: boolean): Request {
    const { action, document, body, index = 'write' } = operation;
    const word = { index: '_doc', create: '_create', update: '_update', delete: '_doc' }[action];
    const id = document === undefined ? [] : [this.#id(document)];
    const query = { ...operation.query, ...this.#common(operation, index) };
    const methods = {
      index: post ? 'POST' : 'PUT',
      create: post ? 'POST' : 'PUT',
      update: 'POST',
      delete: 'DELETE',
    };
    return {
      method: document === undefined ? 'POST' : methods[action],
      path: `/${[this.#side.indexes[index], word, ...id].join('/')}${printed(query)}`,
      body: body === undefined ? undefined : JSON.stringify(this.#shaped(body, index)),
      documents: [document],
    };
  }

  #bulk({ index, query, operations, broken }: Extract<Command, { type: 'bulk' }>): Request {
    const lines = operations.map((operation) => {
      const { action, document, body, index: own } = operation;
      const meta = {
        ...(own === undefined ? {} : { _index: this.#side.indexes[own] }),
        ...(document === undefined ? {} : { _id: this.#id(document) }),
        ...Object.fromEntries(Object.entries(operation.query).map(([name, value]) => [name, asJson(value)])),
        ...Object.fromEntries(
          Object.entries(this.#common(operation, own ?? index ?? 'write')).map(([name, value]) => [
            name,
            asJson(value),
          ]),
        ),
      };
      const action_ = JSON.stringify({ [action]: meta });
      if (body === undefined) return `${action_}\n`;
      return `${action_}\n${JSON.stringify(this.#shaped(body, own ?? index ?? 'write'))}\n`;
    });
    if (broken) lines.splice(broken.at, 0, `${broken.line}\n`);
    return {
      method: 'POST',
      path: `${index === undefined ? '' : `/${this.#side.indexes[index]}`}/_bulk${printed(query)}`,
      body: lines.join(''),
      documents: operations.map(({ document }) => document),
    };
  }

  #read({ api, document, query }: Extract<Command, { type: 'read' }>): Request {
    const { read } = this.#side.indexes;
    const id = this.#id(document);
    const routing: Query = isRouted(document) ? { routing: 'r' } : {};
    const request = (method: string, path: string, body?: object): Request => ({
      method,
      path: `/${read}/${path}`,
      body: body && JSON.stringify(body),
      documents: [],
    });
    switch (api) {
      case 'get':
        return request('GET', `_doc/${id}${printed({ ...query, ...routing })}`);
      case 'source':
        return request('GET', `_source/${id}${printed({ ...query, ...routing })}`);
      case 'head':
        return request('HEAD', `_doc/${id}${printed(routing)}`);
      case 'mget':
        return request('POST', `_mget${printed(query)}`, { docs: [{ _id: id, ...routing }] });
      case 'search':
        return request('POST', `_search${printed(query)}`, { query: { ids: { values: [id] } } });
      case 'msearch':
        return {
          ...request('POST', `_msearch${printed(query)}`),
          body: `{}\n${JSON.stringify({ query: { ids: { values: this.#ids() } }, sort: ['_doc'], size: 0 })}\n{"index":"${this.#side.indexes.nowhere}"}\n{}\n`,
        };
      case 'count':
        return request('POST', `_count${printed(query)}`, { query: { ids: { values: [id] } } });
      case 'refresh':
        return request('POST', `_refresh${printed(query)}`);
    }
  }

  #byQuery({ api, documents, script, create, query }: ByQuery): Request {
    const { write, other } = this.#side.indexes;
    const ids = { ids: { values: this.#ids(documents) } };
    const isReindex = api === '_reindex';
    const { conflicts, scroll_size: size, ...rest } = query;
    const body = isReindex
      ? {
          ...(conflicts === undefined ? {} : { conflicts }),
          source: { index: other, query: ids, ...(size === undefined ? {} : { size: Number(size) }) },
          dest: { index: write, op_type: create ? 'create' : 'index' },
        }
      : { query: ids };
    return {
      method: 'POST',
      path: isReindex ? `/_reindex${printed(rest)}` : `/${write}/${api}${printed(query)}`,
      body: JSON.stringify({ ...body, ...(script && api !== '_delete_by_query' ? { script } : {}) }),
      documents: [],
    };
  }

  /** Routing and condition. */
  #common({ document, condition }: Operation, index: IndexName): Query {
    const routing: Query = document !== undefined && isRouted(document) ? { routing: 'r' } : {};
    if (condition === undefined || document === undefined) return routing;
    const seen = condition === 'seen' ? this.#seen.get(`${document} ${index === 'other'}`) : undefined;
    return {
      ...routing,
      if_seq_no: String(seen?.seqNo ?? 1_000_000),
      if_primary_term: String(seen?.term ?? 1),
    };
  }

  /** A concrete index stands for its own version. */
  #shaped(body: Document | UpdateBody, index: IndexName): object {
    if (!this.#side.newShape || index === 'concrete') return body;
    const { doc, upsert } = body as UpdateBody;
    if (doc === undefined && upsert === undefined) return inNewShape(body);
    return {
      ...body,
      ...(doc === undefined ? {} : { doc: inNewShape(doc) }),
      ...(upsert === undefined ? {} : { upsert: inNewShape(upsert) }),
    };
  }

  /** Remembers what the answer says of its documents. */
  #look({ documents }: Request, { text }: Answer): void {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      return;
    }
    const items = (json as { items?: Record<string, object>[] }).items;
    const results = items ? items.map((item) => Object.values(item)[0] as object) : [json as object];
    for (const [at, result] of results.entries()) {
      const {
        _id: id,
        _index: index,
        _seq_no: seqNo,
        _primary_term: term,
      } = result as Record<string, unknown>;
      const document = documents[at];
      if (document !== undefined && (result as { status?: number }).status === 500)
        this.notMirrored.add(this.#key(document));
      if (document === undefined) {
        if (typeof id === 'string' && !id.startsWith(this.#prefix)) this.#madeIds.push(id);
      } else if (typeof seqNo === 'number' && typeof term === 'number')
        this.#seen.set(`${document} ${index === this.#side.indexes.other}`, { seqNo, term });
    }
  }

  /**
   * What may differ, and nothing else: the names themselves; which version's index it was; how long it took;
   * numbers of operations, as clients share an index; ids that were made; and, where reads come from the follower,
   * its own versions and shards.
   */
  #comparable(command: Command, { status, headers, text }: Answer): Answer {
    const { name, readsSecond, otherShape: relaxed } = this.#side;
    const isRead = command.type === 'read' || command.type === 'pages';
    const masked = (whole: string): string => {
      let result = whole
        .replaceAll(name, 'NAME')
        .replaceAll(/NAME-v[12]/g, 'NAME-v')
        .replaceAll(/("(?:ingest_)?took"\s*:\s*)\d+/g, '$10')
        .replaceAll(/("_seq_no"\s*:\s*)\d+/g, '$10')
        .replaceAll(/("index_uuid"\s*:\s*)"[^"]*"/g, '$1"uuid"')
        .replaceAll(/("shard"\s*:\s*)"\d+"/g, '$1"0"')
        .replaceAll(/(seqNo \[)\d+/g, '$10');
      result = result.replaceAll(/(document with id ')(?!run\d)[\w-]+/g, '$1made');
      for (const id of this.#madeIds) result = result.replaceAll(id, 'made');
      if (isRead && readsSecond)
        result = result
          .replaceAll(/("_version"\s*:\s*)\d+/g, '$10')
          .replaceAll(/("_primary_term"\s*:\s*)\d+/g, '$10');
      if (isRead) result = result.replaceAll(/("(?:total|successful)"\s*:\s*)\d+(?=[^}]*"failed")/g, '$10');
      if (relaxed) result = inOldShape(result);
      // OpenSearch leaves a document in a pretty answer as it was stored
      if (isPretty(command)) result = result.replaceAll(/\s/g, '');
      return relaxed ? withPlainErrors(result) : result;
    };
    // of a body that is not JSON, the engine says where its parser stopped
    if (command.type === 'bulk' && command.broken && status === 400) return { status, headers: {}, text: '' };
    const prefix = this.#prefix;
    const shown = Object.entries(headers).map(([header, value]) => {
      const [, id] = header === 'location' ? (/_doc\/(.*)$/.exec(value) ?? []) : [];
      // the answer's body may not have it
      return [header, masked(id && !id.startsWith(prefix) ? value.replace(id, 'made') : value)] as const;
    });
    return { status, headers: Object.fromEntries(shown), text: masked(text) };
  }
}

/** The index that a command searches. */
function searched(command: Command): IndexName | undefined {
  if (command.type === 'byQuery') return command.api === '_reindex' ? 'other' : 'write';
  if (command.type === 'pages') return 'read';
  return command.type === 'read' && ['search', 'msearch', 'count'].includes(command.api) ? 'read' : undefined;
}

function isPretty(command: Command): boolean {
  if (command.type === 'pages') return false;
  const { pretty } = command.type === 'single' ? command.operation.query : command.query;
  return pretty === '' || pretty === 'true';
}

const isRouted = (document: number): boolean => document === 0;

function printed(query: Query): string {
  const pairs = Object.entries(query).map(([name, value]) =>
    value === '' ? name : `${name}=${encodeURIComponent(value)}`,
  );
  return pairs.length > 0 ? `?${pairs.join('&')}` : '';
}

function asJson(value: string): unknown {
  if (value === 'true' || value === 'false') return value === 'true';
  return /^\d+$/.test(value) ? Number(value) : value;
}

/** Of whole documents and of parts; in their order. */
export function inNewShape(document: object): object {
  return Object.fromEntries(
    Object.entries(document).map(([field, value]) => {
      if (field === 'name') return ['title', value];
      return field === 'price' && typeof value === 'string'
        ? [field, Number.parseFloat(value.replace(',', '.'))]
        : [field, value];
    }),
  );
}

export function backInOldShape(document: object): object {
  return Object.fromEntries(
    Object.entries(document).map(([field, value]) => {
      if (field === 'title') return ['name', value];
      return field === 'price' && typeof value === 'number'
        ? [field, `${Math.floor(value)},50 EUR`]
        : [field, value];
    }),
  );
}

/** A partial update in the other shape is several requests, so its errors are told in other words. */
function withPlainErrors(text: string): string {
  if (!text.startsWith('{')) return text;
  return JSON.stringify(JSON.parse(text), (_, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    if (!('error' in value)) return Array.isArray(value) ? value : sorted(value);
    const { type } = value.error as { type?: string };
    return { ...value, _index: undefined, error: { type } };
  });
}

/** Fields that are merged, or renamed, may come in another order. */
export function sorted(document: object): object {
  return Object.fromEntries(Object.entries(document).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function inOldShape(text: string): string {
  return text
    .replaceAll(/"title"(\s*:)/g, '"name"$1')
    .replaceAll(/("price"\s*:\s*)(\d+)\.5/g, '$1"$2,50 EUR"');
}
