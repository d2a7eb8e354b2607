// Finds the API of a request from its method and target, as the engine does. A target that the engine might
// read differently counts as malformed, for example one with an encoded API name.
import { type Params, readParams, readSegments } from './url.js';

export type { Params } from './url.js';

export interface DocumentTarget {
  readonly type: 'document';
  /** `op_type=create` counts as create. */
  readonly action: 'index' | 'create' | 'update' | 'delete';
  /** The decoded index expression. */
  readonly index: string;
  readonly id: string | undefined;
  readonly params: Params;
}

export interface BulkTarget {
  readonly type: 'bulk';
  readonly index: string | undefined;
  readonly params: Params;
}

export type AdminAction =
  | 'mapping'
  | 'createIndex'
  | 'deleteIndex'
  | 'closeIndex'
  | 'openIndex'
  | 'alias'
  | 'aliases'
  | 'block'
  | 'rollover'
  | 'resize'
  | 'settings'
  | 'streamedBulk';

export interface AdminTarget {
  readonly type: 'admin';
  readonly action: AdminAction;
  /** Undefined if all indexes are meant, or the body names an index. */
  readonly index: string | undefined;
  /** The alias of an alias request, or the new index of a resize or a rollover. */
  readonly name: string | undefined;
}

export type Target =
  | DocumentTarget
  | BulkTarget
  | { readonly type: 'byQuery'; readonly index: string }
  | { readonly type: 'reindex' }
  /** Possibly a write: a path with a mapping type (`/index/type/...`, Elasticsearch 7). */
  | { readonly type: 'typed'; readonly index: string }
  | AdminTarget
  | { readonly type: 'read' }
  | { readonly type: 'other' }
  | { readonly type: 'malformed'; readonly reason: string };

const READ: Target = { type: 'read' };
const OTHER: Target = { type: 'other' };

/** APIs that change no documents, aliases or settings, with any method. */
const READING = new Set([
  '_search',
  '_msearch',
  '_mget',
  '_count',
  '_explain',
  '_field_caps',
  '_validate',
  '_search_shards',
  '_termvectors',
  '_mtermvectors',
  '_rank_eval',
  '_knn_search',
  '_async_search',
  '_terms_enum',
  '_graph',
  '_eql',
  '_sql',
  '_query',
  '_mvt',
  '_pit',
  '_source',
  '_stats',
  '_segments',
  '_recovery',
  '_analyze',
  '_refresh',
  '_flush',
  '_forcemerge',
  '_cache',
  '_reload_search_analyzers',
  '_cat',
  '_render',
  '_scripts',
]);

/** Matches the path of most reads. It has nothing that may be decoded or normalised (`%2f`, `..`, `//`). */
const PLAIN_PATH = /^(?:\/[A-Za-z0-9_][\w.-]*)+$/;

export function readTarget(method: string, url: string): Target {
  if (method === 'GET' && PLAIN_PATH.test(url)) return READ;
  const question = url.indexOf('?');
  const segments = readSegments(question < 0 ? url : url.slice(0, question));
  if ('reason' in segments) return { type: 'malformed', reason: segments.reason };
  const params = readParams(question < 0 ? '' : url.slice(question + 1));
  if ('reason' in params) return { type: 'malformed', reason: params.reason };
  const verb = method.toUpperCase();
  if (verb === 'GET' || verb === 'HEAD' || verb === 'OPTIONS') return READ;
  const { raw, decoded } = segments;
  const first = raw[0];
  if (first === undefined) return verb === 'DELETE' ? admin('deleteIndex', params.values['index']) : OTHER;
  if (first.startsWith('_') && first !== '_all') return rootTarget(verb, raw, decoded, params.values);
  return indexTarget(verb, raw, decoded, params.values);
}

function admin(action: AdminAction, index: string | undefined, name?: string): AdminTarget {
  return { type: 'admin', action, index, name };
}

function rootTarget(
  verb: string,
  raw: readonly string[],
  decoded: readonly string[],
  params: Params,
): Target {
  const [word = '', second] = raw;
  const index = params['index'];
  const last = raw.length === 1;
  if (READING.has(word)) return READ;
  switch (word) {
    case '_bulk':
      if (last) return isPutOrPost(verb) ? bulk(index, params) : OTHER;
      return second === 'stream' ? admin('streamedBulk', undefined) : OTHER;
    case '_reindex':
      return last ? { type: 'reindex' } : OTHER;
    case '_aliases':
    case '_alias':
      if (last) return admin(word === '_aliases' ? 'aliases' : 'alias', index);
      return admin('alias', index, decoded[1]);
    case '_mapping':
    case '_mappings':
      return admin('mapping', index);
    case '_settings':
      return admin('settings', index);
    case '_close':
      return admin('closeIndex', index);
    case '_open':
      return admin('openIndex', index);
    default:
      return OTHER;
  }
}

function indexTarget(
  verb: string,
  raw: readonly string[],
  decoded: readonly string[],
  params: Params,
): Target {
  const [index = '', , third] = decoded;
  const word = raw[1];
  if (word === undefined) {
    if (verb === 'DELETE') return admin('deleteIndex', index);
    return verb === 'PUT' ? admin('createIndex', index) : OTHER;
  }
  if (READING.has(word)) return READ;
  switch (word) {
    case '_doc':
    case '_create':
    case '_update':
      return documentTarget(verb, raw, decoded, params);
    case '_bulk':
      if (raw[2] === 'stream') return admin('streamedBulk', index);
      return raw.length === 2 && isPutOrPost(verb) ? bulk(index, params) : OTHER;
    case '_update_by_query':
    case '_delete_by_query':
      return { type: 'byQuery', index };
    case '_alias':
    case '_aliases':
      return admin('alias', index, third);
    default:
      return INDEX_ACTIONS.has(word)
        ? admin(INDEX_ACTIONS.get(word) as AdminAction, index, MAKES_INDEX.has(word) ? third : undefined)
        : typed(raw, decoded);
  }
}

const MAKES_INDEX = new Set(['_rollover', '_shrink', '_split', '_clone']);

const INDEX_ACTIONS: ReadonlyMap<string, AdminAction> = new Map([
  ['_mapping', 'mapping'],
  ['_mappings', 'mapping'],
  ['_settings', 'settings'],
  ['_close', 'closeIndex'],
  ['_open', 'openIndex'],
  ['_block', 'block'],
  ['_freeze', 'block'],
  ['_unfreeze', 'block'],
  ['_scale', 'block'],
  ['_rollover', 'rollover'],
  ['_shrink', 'resize'],
  ['_split', 'resize'],
  ['_clone', 'resize'],
]);

function documentTarget(
  verb: string,
  raw: readonly string[],
  decoded: readonly string[],
  params: Params,
): Target {
  const [index = '', word = '', id] = decoded;
  if (raw.length > 3 || raw[2] === '_bulk') return typed(raw, decoded);
  const document = (action: DocumentTarget['action'], documentId: string | undefined): Target => ({
    type: 'document',
    action,
    index,
    id: documentId,
    params: withoutUrlNames(params),
  });
  if (word === '_update') return verb === 'POST' && id !== undefined ? document('update', id) : OTHER;
  if (word === '_create') return isPutOrPost(verb) && id !== undefined ? document('create', id) : OTHER;
  if (verb === 'DELETE') return id === undefined ? OTHER : document('delete', id);
  if (!isPutOrPost(verb) || (verb === 'PUT' && id === undefined)) return OTHER;
  const create = params['op_type']?.toLowerCase() === 'create';
  return document(create ? 'create' : 'index', id ?? params['id']);
}

const bulk = (index: string | undefined, { index: _read, ...params }: Params): BulkTarget => ({
  type: 'bulk',
  index,
  params,
});

/** Removes parameters that were already read. An invalid `op_type` stays, so that the engine refuses it. */
function withoutUrlNames({ index: _index, id: _id, ...params }: Params): Params {
  const type = params['op_type']?.toLowerCase();
  if (type !== 'create' && type !== 'index') return params;
  const { op_type: _type, ...rest } = params;
  return rest;
}

/** Reads `/index/type`, `/index/type/id`, `/index/_doc/id/_update`, ... */
function typed(raw: readonly string[], [index = '', type = '']: readonly string[]): Target {
  if (raw.slice(1).some((word) => READING.has(word))) return READ;
  if (type.startsWith('_') && type !== '_doc' && type !== '_create' && type !== '_update') return OTHER;
  return { type: 'typed', index };
}

const isPutOrPost = (verb: string): boolean => verb === 'PUT' || verb === 'POST';
