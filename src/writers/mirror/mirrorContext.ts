// The services that a write to both indexes uses, and the functions that send its requests to a cluster.
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../errors.js';
import type { Copies } from './copies/copies.js';
import type { DocumentReader } from './document/documentReader.js';
import { type EngineError, errorReply } from './request/engineError.js';
import type { Ledger } from './copies/deleteLedger.js';
import type { ClientRights } from './document/clientRights.js';
import type { ManagedIndex, Ticket } from './lease/managedIndex.js';
import type { ManagedNames } from './request/managedNames.js';
import type { ClusterRouting } from './request/clusterRouting.js';
import type { ClientReply, ClientRequest } from './request/clientRequest.js';
import type { Rename } from './request/writeResult.js';
import type { WriteTrace } from './trace/writeTrace.js';
import {
  NotSentError,
  UnansweredError,
  type Upstream,
  type UpstreamReply,
  type UpstreamRequest,
} from './request/upstream.js';

export type Admission =
  | {
      readonly type: 'admitted';
      /** The ticket for each index. Without a ticket, `ManagedIndex.unmirrored` decides about the write. */
      readonly tickets: ReadonlyMap<string, Ticket | undefined>;
      /** A second call has no effect. */
      readonly release: () => void;
    }
  | { readonly type: 'refused'; readonly error: EngineError };

export interface MirrorContext {
  readonly ledger: Ledger;
  readonly rights: ClientRights;
  readonly copies: Copies;
  readonly reader: DocumentReader;
  readonly names: () => ManagedNames;
  readonly places: () => ClusterRouting;
  readonly indexOf: (name: string) => ManagedIndex;
  /** Waits while one of the indexes is held, at most until the deadline. */
  readonly admit: (names: readonly string[], deadline: number, trace?: WriteTrace) => Promise<Admission>;
  /** Polls the journal and waits a moment. For use after a refusal that a change of roles may have caused. */
  readonly refreshRoles: () => Promise<void>;
}

export type Sent =
  | { readonly type: 'answered'; readonly reply: UpstreamReply }
  | { readonly type: 'notSent'; readonly error: EngineError }
  | { readonly type: 'unknown'; readonly error: EngineError };

const NOT_SENT_MS = 5_000;

/** Retries for 5 s if no connection could be made, since a node may be restarting. */
export async function sendUpstream(upstream: Upstream, request: UpstreamRequest): Promise<Sent> {
  const deadline = performance.now() + NOT_SENT_MS;
  for (let waitMs = 50; ; waitMs *= 2) {
    try {
      return { type: 'answered', reply: await upstream.send(request) };
    } catch (error) {
      if (error instanceof UnansweredError) return { type: 'unknown', error: unanswered(error) };
      if (!(error instanceof NotSentError)) throw error;
      if (performance.now() + waitMs > deadline)
        return {
          type: 'notSent',
          error: {
            status: 503,
            type: 'twindex_unreachable',
            reason: `the request was not sent: ${messageOf(error)}`,
          },
        };
      await sleep(waitMs);
    }
  }
}

function unanswered(error: unknown): EngineError {
  return {
    status: 504,
    type: 'twindex_unanswered',
    reason: `the cluster has not answered, so it is not known whether this was done: ${messageOf(error)}`,
  };
}

export async function passThrough(request: ClientRequest, upstream: Upstream): Promise<ClientReply> {
  const { method, url, headers, body, trace } = request;
  const way = trace?.forwarding(upstream) ?? upstream;
  const sent = await sendUpstream(way, { method, path: url, headers, body });
  if (sent.type !== 'answered') return refusal(sent.error);
  return { ...sent.reply, headers: replyHeaders(sent.reply.headers, undefined) };
}

/** The reply to a refused request. After a 503 the client may retry soon, since nothing was done. */
export function refusal(error: EngineError): ClientReply {
  return errorReply(error, error.status === 503 ? { 'retry-after': '1' } : {});
}

/** Adds a `warning` header about a write that was done (RFC 7234, 5.5). */
export function withWarning(
  headers: Readonly<Record<string, string>>,
  text: string | undefined,
): Readonly<Record<string, string>> {
  if (text === undefined) return headers;
  const plain = text.replace(/[^\x20-\x7e]+/g, '?').replace(/["\\]/g, "'");
  const before = headers['warning'];
  return { ...headers, warning: `${before === undefined ? '' : `${before}, `}299 twindex "${plain}"` };
}

export function requestHeaders({ headers }: ClientRequest): UpstreamRequest['headers'] {
  const { 'x-twindex-version': _, ...rest } = headers;
  return rest;
}

const ABOUT_BYTES = new Set([
  'content-length',
  'content-encoding',
  'transfer-encoding',
  'connection',
  'keep-alive',
]);

export function replyHeaders(
  headers: Readonly<Record<string, string>>,
  rename: Rename | undefined,
): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => !ABOUT_BYTES.has(name));
  return Object.fromEntries(
    kept.map(([name, value]) => [name, rename ? value.replaceAll(rename.from, rename.to) : value]),
  );
}
