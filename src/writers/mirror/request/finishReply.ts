// Makes twindex's answers look like the engine's: with the client's `x-opaque-id`, and formatted for
// `pretty`.
import { prettyJson, wantsPretty } from './prettyJson.js';
import type { ClientReply, ClientRequest } from './clientRequest.js';
import { readParams } from './url.js';

export function finishReply(reply: ClientReply, request: ClientRequest): ClientReply {
  return withOpaqueId(asPretty(reply, request), request);
}

function withOpaqueId(reply: ClientReply, { headers }: ClientRequest): ClientReply {
  const id = headers['x-opaque-id'];
  if (id === undefined || reply.headers['x-opaque-id'] !== undefined) return reply;
  return { ...reply, headers: { ...reply.headers, 'x-opaque-id': id } };
}

/** Formats an error that twindex has made, or that the engine has sent without `pretty`. */
function asPretty(reply: ClientReply, { url }: ClientRequest): ClientReply {
  const { status, body, headers } = reply;
  const query = url.indexOf('?');
  if (status < 400 || query < 0 || !url.includes('pretty', query)) return reply;
  const params = readParams(url.slice(query + 1));
  if ('reason' in params || !wantsPretty(params.values)) return reply;
  // pretty-printed bodies end with a newline
  const isPlain = headers['content-type']?.startsWith('application/json') && body.at(-1) === 0x7d;
  return isPlain ? { ...reply, body: prettyJson(body) } : reply;
}
