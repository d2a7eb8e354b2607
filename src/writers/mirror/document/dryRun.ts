// Finds out whether the engine would refuse a request as a whole, before twindex carries it out in several
// steps. The request is sent for an index that cannot exist, so the engine checks it but does not carry it
// out.
import { isFenced } from '../../../documents/bulkAnswer.js';
import type { BulkOperation } from '../bulk/bulkRequest.js';
import { parseDocumentReply } from './documentReply.js';
import { printDocument, printQuery } from './documentRequest.js';
import { printingBulk, type SentOperation } from '../bulk/printBulk.js';
import { inSlices, mapping } from '../../../timeSlice.js';
import type { BulkTarget } from '../request/target.js';
import { sendUpstream } from '../mirrorContext.js';
import type { Write } from '../request/clientRequest.js';
import type { Upstream, UpstreamReply, UpstreamRequest } from '../request/upstream.js';
import { putNameBack } from '../request/writeResult.js';

/** No index can have this name, since index names have no capital letters. */
const nowhere = (name: string): string => `twindex.${name}.Nowhere`;

interface Way {
  readonly upstream: Upstream;
  readonly headers: UpstreamRequest['headers'];
}

export async function dryRunUpdate(write: Write, way: Way): Promise<UpstreamReply | undefined> {
  const index = nowhere(write.name);
  const request = printDocument(write, { index, set: noCreation(write.params) });
  return await refusalOf(request, way, { from: index, to: write.clientIndex });
}

export async function dryRunBulk(
  { name, operations, target }: { name: string; operations: readonly BulkOperation[]; target: BulkTarget },
  way: Way,
): Promise<UpstreamReply | undefined> {
  const index = nowhere(name);
  const params = { ...target.params, filter_path: undefined, pretty: undefined, pipeline: undefined };
  const path = `${target.index === undefined ? '' : `/${index}`}/_bulk${printQuery(params)}`;
  const sent = await inSlices(mapping(operations, (operation) => dryRunResult(operation, index)));
  const body = await inSlices(printingBulk(sent));
  return await refusalOf({ method: 'POST', path, body }, way, { from: index, to: target.index ?? '' });
}

/** Replaces documents by `{}`. Switches pipelines off, since one might send a document to another index. */
function dryRunResult(operation: BulkOperation, nowhereIndex: string): SentOperation {
  const index = operation.index === undefined ? undefined : nowhereIndex;
  if (operation.action === 'delete') return { operation, index };
  const hasDocument = operation.action !== 'update' && operation.source?.length !== 0;
  return {
    operation,
    index,
    source: hasDocument ? Buffer.from('{}') : undefined,
    set: { pipeline: '_none', ...noCreation(operation.params) },
  };
}

/** Adds `require_alias`, so that the engine does not try to create the missing index. */
function noCreation({ require_alias: asked = '' }: Write['params']): { readonly require_alias?: boolean } {
  return /^(?:true|false)?$/.test(asked) ? { require_alias: true } : {};
}

/** @returns the engine's refusal; undefined if there is none, or if the engine could not be asked */
async function refusalOf(
  request: Pick<UpstreamRequest, 'method' | 'path' | 'body'>,
  { upstream, headers }: Way,
  rename: Parameters<typeof putNameBack>[1],
): Promise<UpstreamReply | undefined> {
  const sent = await sendUpstream(upstream, { ...request, headers });
  if (sent.type !== 'answered' || sent.reply.status !== 400) return undefined;
  if (isFenced(parseDocumentReply(400, sent.reply.body))) return undefined;
  return { ...sent.reply, body: putNameBack(sent.reply.body, rename) };
}
