// Makes the document that results from a partial update in the follower's shape: reads it from both indexes,
// translates the leader's document if the follower's is not current, and merges the update into it.
import type { DocumentKey } from '../../../cluster/documents/multiGet.js';
import { messageOf } from '../../../errors.js';
import type { Doc } from '../../../documents/hits.js';
import { parseSource, printSource } from '../../../json/json.js';
import type { Source } from '../../../json/jsonTypes.js';
import type { EngineError } from '../request/engineError.js';
import type { RoleContext } from '../lease/roleContext.js';
import { mergeDocument } from './mergeDocument.js';
import { readCopy } from './readCopy.js';
import type { MirrorContext } from '../mirrorContext.js';
import type { UpdateBody } from './updateBody.js';

export type Next =
  | { readonly type: 'document'; readonly document: Buffer }
  | { readonly type: 'noop' }
  | { readonly type: 'failed'; readonly error: EngineError };

export interface Found {
  readonly doc: Doc | undefined;
  /** The follower's document if it is a copy of the same operation as `doc`, else a translation of `doc`. */
  readonly own: Buffer | undefined;
}

export async function readBoth(
  mirror: MirrorContext,
  key: DocumentKey,
  context: RoleContext,
): Promise<Found | { readonly error: EngineError }> {
  const { roles, shapes, leader } = context;
  try {
    const doc = await mirror.reader.read(leader, key);
    if (!doc.found || !doc.source) return { doc: undefined, own: undefined };
    const copy = await readCopy(mirror, doc, key, context, true);
    if (copy.type === 'there') return { doc, own: copy.source };
    const shaped = await shapes.toFollower(doc.source, key);
    if (shaped.type === 'index') {
      if (copy.type === 'behind' && roles.mirrorAlias !== undefined)
        mirror.indexOf(roles.name).count('unmerged');
      return { doc, own: shaped.source as Buffer };
    }
    const why = shaped.type === 'drop' ? 'the transform drops this document' : shaped.reason;
    return {
      error: illegal(
        `document ${key.id} can't be converted to version ${roles.followerVersion}, so it can't be updated: ${why}`,
      ),
    };
  } catch (error) {
    return { error: { status: 503, type: 'twindex_unread', reason: `not updated: ${messageOf(error)}` } };
  }
}

export function merged({ own }: Found, body: UpdateBody, key: DocumentKey): Next {
  if (!body.doc) return { type: 'failed', error: validation() };
  try {
    const { merged: document, changed } = mergeDocument(parseSource(own as Buffer), parsePartial(body.doc));
    if (!changed && body.detectNoop) return { type: 'noop' };
    return { type: 'document', document: printSource(document) };
  } catch (error) {
    return { type: 'failed', error: illegal(`document ${key.id} can't be merged: ${messageOf(error)}`) };
  }
}

function parsePartial(bytes: Buffer): Source {
  const value = parseSource(bytes);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new SyntaxError('`doc` is not an object');
  return value;
}

export function created(body: UpdateBody): Next {
  const document = body.docAsUpsert ? body.doc : body.upsert;
  return document ? { type: 'document', document } : { type: 'failed', error: validation() };
}

function validation(): EngineError {
  const reason = 'Validation Failed: 1: script or doc is missing;';
  return { status: 400, type: 'action_request_validation_exception', reason };
}

export const illegal = (reason: string): EngineError => ({
  status: 400,
  type: 'illegal_argument_exception',
  reason,
});
