// Finds out whether the engine would let a client do a write, before a gateway acts for the client with its
// own credentials. It sends, with the client's credentials, a request of the same kind that changes nothing.
// Clients that passed are remembered.
import { createHash } from 'node:crypto';
import type { EngineError } from '../request/engineError.js';
import type { Write } from '../request/clientRequest.js';
import type { UpstreamRequest } from '../request/upstream.js';
import type { DocumentChanges } from './documentRequest.js';
import type { LeaderOutcome } from './leaderOutcome.js';

/** After this time the client has to prove its rights again, since it may have lost them. */
const REMEMBERED_MS = 60_000;
const MAX_REMEMBERED = 10_000;

/** No operation has this sequence number: the engine checks the client's rights, then refuses the request. */
const NEVER_MET = { if_seq_no: String(Number.MAX_SAFE_INTEGER), if_primary_term: '1' };

/** Headers by which no security plugin identifies a client. All others are part of its identity. */
const WITHOUT_IDENTITY = new Set([
  'accept',
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'transfer-encoding',
  'user-agent',
  'x-elastic-client-meta',
  'x-opaque-id',
  'traceparent',
  'tracestate',
]);

/**
 * Parameters that differ from write to write. All others are part of the client's identity, since a security
 * plugin may find a token in the URL (`jwt_url_parameter` of OpenSearch).
 */
const OF_ONE_WRITE = new Set([
  'if_seq_no',
  'if_primary_term',
  'refresh',
  'timeout',
  'version',
  'version_type',
]);

type Outcome = LeaderOutcome | { readonly type: 'unknown'; readonly error: EngineError };

interface Claim {
  readonly headers: UpstreamRequest['headers'];
  /** The alias through which writers send operations to the leader in this generation. */
  readonly alias: string;
  readonly write: Write;
}

export class ClientRights {
  /** Whether clients have to be checked. False in the client library: there the application is the client. */
  readonly needsProof: boolean;
  readonly #provenUntil = new Map<string, number>();

  constructor(needsProof: boolean) {
    this.needsProof = needsProof;
  }

  /**
   * @param send sends a write with the client's credentials
   * @returns the engine's answer if it does not let the client write; undefined if it does
   */
  async refusal(
    claim: Claim,
    send: (write: Write, changes: DocumentChanges) => Promise<Outcome>,
  ): Promise<Exclude<Outcome, { type: 'again' }> | undefined> {
    if (!this.needsProof) return undefined;
    const key = keyOf(claim);
    if ((this.#provenUntil.get(key) ?? 0) > performance.now()) return undefined;
    const outcome = await send(...probeOf(claim));
    // a closed alias or a write block shows that the client may write: the engines check its rights first
    if (outcome.type === 'again') return undefined;
    if (!isProof(outcome)) return outcome;
    if (this.#provenUntil.size >= MAX_REMEMBERED) this.#provenUntil.clear();
    this.#provenUntil.set(key, performance.now() + REMEMBERED_MS);
    return undefined;
  }
}

function probeOf({ write, alias }: Claim): [Write, DocumentChanges] {
  const changes = { index: alias, set: NEVER_MET };
  if (write.action === 'delete') return [{ ...write, params: paramsOfIdentity(write) }, changes];
  return [{ ...write, action: 'update', params: {}, body: Buffer.from('{"doc":{}}') }, changes];
}

const isProof = (outcome: Outcome): boolean =>
  outcome.type === 'answered' && (outcome.reply.status === 409 || outcome.reply.status === 404);

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

/** Leaves out the write's own condition: together with `NEVER_MET` it would make the request invalid. */
const paramsOfIdentity = ({ params }: Write): Write['params'] =>
  Object.fromEntries(Object.entries(params).filter(([name]) => !OF_ONE_WRITE.has(name)));

function keyOf({ headers, alias, write }: Claim): string {
  const identity = Object.entries(headers).filter(([name]) => !WITHOUT_IDENTITY.has(name));
  const params = Object.entries(paramsOfIdentity(write));
  return createHash('sha256')
    .update(JSON.stringify([alias, write.action, identity.sort(byName), params.sort(byName)]))
    .digest('base64');
}
