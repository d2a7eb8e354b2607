// Makes the request to the leader from a client's write, and decides where the copy's content comes from.
import { randomBytes } from 'node:crypto';
import type { WriteFacts } from '../../../cluster/indices/writeFacts.js';
import type { DocumentKey } from '../../../cluster/documents/multiGet.js';
import type { Shaped } from '../../../protocol/replication.js';
import { keepRicher } from '../../../protocol/keepRicher.js';
import { wantedSource } from './documentRequest.js';
import { type EngineError, notPrepared } from '../request/engineError.js';
import type { Away } from '../copies/followerBreaker.js';
import type { RoleContext } from '../lease/roleContext.js';
import type { Roles } from '../../../protocol/writerRoles.js';
import type { Write, WriteAction } from '../request/clientRequest.js';
import { readUpdateBody } from './updateBody.js';

/**
 * Where the content of the copy comes from:
 * - `own`: the client's document, in the shape of the follower
 * - `body`: the client's document, in the shape of the leader
 * - `answer`: the document in the leader's answer
 * - `stored`: read from the leader
 * - `nothing`: there is no copy, or it is a delete
 */
type Content = 'own' | 'body' | 'answer' | 'stored' | 'nothing';

export interface PreparedWrite {
  readonly context: RoleContext;
  readonly write: Write;
  readonly key: DocumentKey;
  readonly version: number | undefined;
  readonly sent: {
    readonly action: WriteAction;
    readonly id: string;
    readonly body: Buffer | undefined;
    readonly set: Readonly<Record<string, string | boolean | undefined>>;
  };
  /** The client's document, if it is in the follower's shape. */
  readonly own: Buffer | undefined;
  /** twindex has generated the id, so no other document can have it. */
  readonly freshId: boolean;
  /** The write may delete its document, so it is noted in the ledger before it is sent. */
  readonly intent: boolean;
  readonly content: Content;
  /** Only twindex has asked for `get`, so it is removed from the client's answer. */
  readonly withoutGet: boolean;
  /** Set if the change is merged into the follower's document, because that document may have more fields. */
  readonly kept: Kept | undefined;
  /** twindex has added a condition: the write is refused if the document has changed since it was read. */
  readonly isConditional: boolean;
}

interface Kept {
  /** The leader's document before the change. */
  readonly before: Buffer;
  /** The follower's document for `before`. It may have more fields. */
  readonly rich: Buffer;
}

/** A partial update in the follower's shape, which keeps the fields that only the leader has a place for. */
export interface OtherChange extends Kept {
  /** The document before the update, in the follower's shape (in `Kept` it has the leader's shape). */
  readonly before: Buffer;
  /** The leader's document. */
  readonly rich: Buffer;
  /** Called if fields that only the leader has a place for may be lost. */
  readonly onLost: () => void;
}

export type Preparation =
  | { readonly type: 'prepared'; readonly prepared: PreparedWrite }
  /** A partial update in the follower's shape, which `partialUpdate` carries out. */
  | { readonly type: 'partial'; readonly write: Write; readonly key: DocumentKey }
  | { readonly type: 'tooEarly'; readonly error: EngineError }
  | { readonly type: 'refused'; readonly error: EngineError };

export async function prepareWrite(
  given: Write,
  context: RoleContext,
  inBulk: boolean,
  change?: OtherChange,
): Promise<Preparation> {
  const { roles, shapes } = context;
  const routing = routingOf(given, context.facts);
  if (routing.type === 'refused') return routing;
  const write: Write = { ...given, routing: routing.routing };
  const set: Record<string, string | boolean | undefined> = {};
  if (routing.routing !== given.routing) set['routing'] = routing.routing;
  const freshId = write.id === undefined || write.id === '';
  const id = write.id || newId();
  const key = { id, routing: write.routing };
  const base = {
    context,
    write,
    key,
    freshId,
    withoutGet: false,
    own: undefined,
    kept: undefined,
    isConditional: false,
  };
  const mirrored = roles.mirrorAlias !== undefined;

  if (write.action === 'delete') {
    const sent = { action: write.action, id, body: undefined, set };
    return prepared({ ...base, version: undefined, sent, intent: true, content: 'nothing' });
  }
  const form = shapes.versionOf(write.version);
  if (form.type === 'unknown') return refused(form.reason);
  const own = form.type === 'follower';
  // if only the follower can store the whole document, the write must not be done without a copy
  const version = write.version ?? roles.unnamedVersion;
  if (own && !mirrored && followerIsRicher(roles))
    return { type: 'tooEarly', error: notPrepared(roles.name, version) };
  if (own && followerIsRicher(roles) && context.breaker?.away)
    return { type: 'refused', error: followerAway(roles, version, context.breaker.away) };
  set['require_alias'] = true;

  if (write.action === 'update') {
    const body = readUpdateBody(write.body);
    // if the body can't be read (the engine will refuse it), assume a script, which may delete the document
    const script = body?.script ?? true;
    if (own && script)
      return refused(
        `while ${roles.name} is being migrated, a script can only work on documents of version ${roles.leaderVersion}; ` +
          `this one is of version ${version}. Send the document, or a part of it, instead`,
      );
    if (own) return { type: 'partial', write, key };
    const wanted = wantedSource(write, inBulk);
    // the engine's answer to a single update contains the document before pipelines have changed it
    const piped = !inBulk && runsPipeline(write, context.facts);
    // in a single update, `_source` in the body wins over a parameter
    const ask = mirrored && !piped && wanted === 'none' && (inBulk || body?.source === undefined);
    if (ask) set['_source'] = true;
    const isAnswered = !piped && (ask || wanted === 'whole');
    const content = !mirrored ? 'nothing' : isAnswered ? 'answer' : 'stored';
    const sent = { action: write.action, id, body: write.body, set };
    return prepared({ ...base, version, sent, intent: script, content, withoutGet: ask });
  }

  const action = freshId ? 'create' : write.action;
  const piped = runsPipeline(write, context.facts);
  const body = own ? await toLeader(write.body, key, context, change) : write.body;
  if (body !== undefined && !Buffer.isBuffer(body)) return refused(body.reason);
  const content = !mirrored ? 'nothing' : piped ? 'stored' : own ? 'own' : 'body';
  const sent = { action, id, body, set };
  // merge the changes of the leader's pipeline into the document as the client sent it
  const kept = own && piped && body && write.body ? { before: body, rich: write.body } : undefined;
  return prepared({
    ...base,
    version,
    sent,
    intent: false,
    content,
    own: own ? write.body : undefined,
    kept,
  });
}

/** The follower has the newer version, so it can store fields that the leader has no place for. */
export const followerIsRicher = ({ leaderVersion, followerVersion }: Roles): boolean =>
  followerVersion > leaderVersion;

function followerAway({ name, leader, follower }: Roles, version: number, away: Away): EngineError {
  return {
    status: 503,
    type: 'twindex_follower_away',
    reason:
      `a document of version ${version} of ${name} can be stored completely only in ${follower}, which has accepted no writes since ${away.since} ` +
      `(${away.reason}); ${leader} cannot store all of its fields. The write was not done: send it again when ${follower} is back`,
  };
}

function prepared(value: PreparedWrite): Preparation {
  return { type: 'prepared', prepared: value };
}

function refused(reason: string): { readonly type: 'refused'; readonly error: EngineError } {
  return { type: 'refused', error: { status: 400, type: 'illegal_argument_exception', reason } };
}

async function toLeader(
  body: Buffer | undefined,
  key: DocumentKey,
  { shapes, roles }: RoleContext,
  change: OtherChange | undefined,
): Promise<Buffer | { readonly reason: string } | undefined> {
  if (!body) return undefined;
  const shaped = change ? await mergedInto(body, change, key, shapes) : await shapes.toLeader(body, key);
  if (shaped.type === 'index') return shaped.source as Buffer;
  const why = shaped.type === 'drop' ? 'the transform drops this document' : shaped.reason;
  return {
    reason: `document ${key.id} of version ${roles.followerVersion} can't be converted to version ${roles.leaderVersion}: ${why}`,
  };
}

async function mergedInto(
  after: Buffer,
  { before, rich, onLost }: OtherChange,
  key: DocumentKey,
  { toLeader: there, toFollower: back }: RoleContext['shapes'],
): Promise<Shaped> {
  const kept = await keepRicher(rich, { before, after }, key, { there, back });
  if (kept.type === 'merged') return { type: 'index', source: kept.source };
  if (kept.lost) onLost();
  return kept.shaped;
}

/** Adds the routing of the client's alias: the write is sent through another alias, without a routing. */
function routingOf(
  { clientIndex, routing }: Write,
  facts: WriteFacts,
): { readonly type: 'routing'; readonly routing: string | undefined } | ReturnType<typeof refused> {
  const ofAlias = facts.routing.get(clientIndex);
  if (ofAlias === undefined || routing === ofAlias) return { type: 'routing', routing };
  if (routing === undefined) return { type: 'routing', routing: ofAlias };
  return refused(
    `Alias [${clientIndex}] has index routing associated with it [${ofAlias}], and was provided with routing value [${routing}], rejecting operation`,
  );
}

function runsPipeline({ params }: Write, facts: WriteFacts): boolean {
  const asked = params['pipeline'];
  const first = asked === undefined ? facts.defaultPipeline : asked !== '_none';
  return first || facts.finalPipeline;
}

/** Makes an id like the engines' own: 20 characters of base64url. */
const newId = (): string => randomBytes(15).toString('base64url');
