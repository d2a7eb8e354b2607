// Builds the request to the leader for a write of a single document.
import type { Write, WriteAction } from '../request/clientRequest.js';
import { readUpdateBody, type WantedSource } from './updateBody.js';

export interface SentDocument {
  readonly method: 'PUT' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body: Buffer | undefined;
}

/** The changes to a write. A property that is undefined stays as the client wrote it. */
export interface DocumentChanges {
  /** The alias or index that the write is sent to. */
  readonly index: string;
  readonly action?: WriteAction | undefined;
  readonly id?: string | undefined;
  readonly body?: Buffer | undefined;
  /** Query parameters to set (or, with undefined, to remove). */
  readonly set?: Readonly<Record<string, string | number | bigint | boolean | undefined>> | undefined;
}

/** Leaves out `filter_path` and `pretty`. `printDocumentReply` applies them to the answer instead. */
export function printDocument(write: Write, changes: DocumentChanges): SentDocument {
  const action = changes.action ?? write.action;
  const id = changes.id ?? write.id;
  const word = action === 'create' && id !== undefined ? '_create' : action === 'update' ? '_update' : '_doc';
  const params: Record<string, string | number | bigint | boolean | undefined> = { ...write.params };
  if (write.routing !== undefined) params['routing'] = write.routing;
  if (action === 'create' && id === undefined) params['op_type'] = 'create';
  Object.assign(params, changes.set, { filter_path: undefined, pretty: undefined });
  const path = ['', changes.index, word, ...(id === undefined ? [] : [id])].map(encodeURIComponent).join('/');
  return {
    method: action === 'delete' ? 'DELETE' : action === 'update' || id === undefined ? 'POST' : 'PUT',
    path: path + printQuery(params),
    body: changes.body ?? write.body,
  };
}

/** @returns `?a=1&b`, or an empty string */
export function printQuery(
  params: Readonly<Record<string, string | number | bigint | boolean | undefined>>,
): string {
  const pairs = Object.entries(params).flatMap(([name, value]) =>
    value === undefined
      ? []
      : [`${encodeURIComponent(name)}${value === '' ? '' : `=${encodeURIComponent(String(value))}`}`],
  );
  return pairs.length > 0 ? `?${pairs.join('&')}` : '';
}

/**
 * The part of the document that the client wants to get. In a bulk, `_source` in the URL or the metadata
 * counts more than in the body; in a single update, the body counts more.
 */
export function wantedSource(
  { params, body }: Pick<Write, 'params' | 'body'>,
  inBulk: boolean,
): WantedSource {
  const outside = wantedOutside(params);
  if (inBulk && outside !== undefined) return outside;
  return readUpdateBody(body)?.source ?? outside ?? 'none';
}

function wantedOutside(params: Readonly<Record<string, string>>): WantedSource | undefined {
  if ('_source_includes' in params || '_source_excludes' in params) return 'filtered';
  const source = params['_source'];
  if (source === undefined) return undefined;
  if (source === 'false') return 'none';
  return source === 'true' || source === '' ? 'whole' : 'filtered';
}
