// Sends one write to the leader as a bulk, so that the engine handles it like any item of the client's bulk.
import { type BulkHead, parseBulkReply, type ReplyItem } from './bulkReply.js';
import { parseDocumentReply } from '../document/documentReply.js';
import { type DocumentChanges, printQuery } from '../document/documentRequest.js';
import type { LeaderOutcome } from '../document/leaderOutcome.js';
import { whyNotDone } from '../copies/retryReason.js';
import { sendUpstream } from '../mirrorContext.js';
import type { Write } from '../request/clientRequest.js';
import type { Upstream, UpstreamRequest } from '../request/upstream.js';

interface Way {
  readonly upstream: Upstream;
  readonly headers: UpstreamRequest['headers'];
  /** Parameters of the client's bulk. */
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly onHead: (head: BulkHead, headers: Readonly<Record<string, string>>) => void;
}

export async function sendBulkOfOne(
  write: Write,
  changes: DocumentChanges,
  { upstream, headers, params, onHead }: Way,
): Promise<LeaderOutcome> {
  const path = `/${encodeURIComponent(changes.index)}/_bulk${printQuery(params)}`;
  const body = printBulkOfOne(write, changes);
  const sent = await sendUpstream(upstream, { method: 'POST', path, headers, body });
  if (sent.type !== 'answered') return { type: 'failed', error: sent.error };
  const { status } = sent.reply;
  if (status >= 300) {
    const { type = 'exception', reason = '' } = parseDocumentReply(status, sent.reply.body);
    return { type: 'failed', error: { status, type, reason } };
  }
  const { items, ...head } = parseBulkReply(sent.reply.body);
  onHead(head, sent.reply.headers);
  const reply = items[0] as ReplyItem;
  const answered = { type: 'answered', reply, headers: sent.reply.headers } as const;
  const why = whyNotDone(reply);
  return why ? { type: 'again', why, answered } : answered;
}

export function printBulkOfOne(write: Write, changes: DocumentChanges): Buffer {
  const { action = write.action, id = write.id, body = write.body, set } = changes;
  const params = Object.entries({ ...write.params, ...set }).map(([name, value]) => [name, valueOf(value)]);
  const meta = { _id: id, routing: write.routing, ...(Object.fromEntries(params) as object) };
  const lines = [Buffer.from(JSON.stringify({ [action]: meta })), ...(body ? [body] : [])];
  return Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
}

/** Parses a parameter that was a list, an object or a boolean. All other parameters are strings. */
function valueOf(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return value === 'true' || value === 'false' || /^[[{]/.test(value) ? JSON.parse(value) : value;
}
