// Makes the gateway's own answers, in the format of the engine.
import { STATUS_CODES } from 'node:http';
import type { EngineName } from '../../cluster/cluster.js';
import { errorReply } from '../mirror/request/engineError.js';
import type { ClientReply } from '../mirror/request/clientRequest.js';

/** Elasticsearch's official clients refuse answers without this header. */
const PRODUCT: Readonly<Record<EngineName, Readonly<Record<string, string>>>> = {
  elasticsearch: { 'x-elastic-product': 'Elasticsearch' },
  opensearch: {},
};

const ERROR_TYPE_BY_STATUS: Readonly<Record<number, string>> = {
  400: 'illegal_argument_exception',
  405: 'method_not_allowed_exception',
  408: 'timeout_exception',
  413: 'content_too_long_exception',
  415: 'media_type_header_exception',
  417: 'illegal_argument_exception',
  429: 'es_rejected_execution_exception',
  431: 'too_long_http_header_exception',
  500: 'gateway_exception',
  502: 'bad_gateway_exception',
  503: 'unavailable_exception',
  504: 'timeout_exception',
  505: 'illegal_argument_exception',
};

export function refusalReply(
  { status, reason }: { readonly status: number; readonly reason: string },
  engine: EngineName,
): ClientReply {
  return errorReply(
    { status, type: ERROR_TYPE_BY_STATUS[status] ?? 'exception', reason: `twindex gateway: ${reason}` },
    PRODUCT[engine],
  );
}

export function jsonReply(status: number, body: object, engine: EngineName): ClientReply {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=UTF-8', ...PRODUCT[engine] },
    body: Buffer.from(`${JSON.stringify(body)}\n`),
  };
}

export function asProduct(reply: ClientReply, engine: EngineName): ClientReply {
  return { ...reply, headers: { ...PRODUCT[engine], ...reply.headers } };
}

export function productLine(engine: EngineName): string {
  return Object.entries(PRODUCT[engine])
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
}

/** HTTP/1.0 clients expect a closed connection, so they need a header to keep it open. */
export function connectionLine(head: { readonly old: boolean }, close: boolean): string {
  if (close) return 'connection: close\r\n';
  return head.old ? 'connection: keep-alive\r\n' : '';
}

/** @throws Error for a header with a line break */
export function printReplyHead(
  { status, headers, body }: ClientReply,
  { encoding, connection }: { readonly encoding?: 'gzip' | undefined; readonly connection: string },
): string {
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\n`;
  for (const [name, value] of Object.entries(headers)) {
    if (/[\r\n\0]/.test(name + value))
      throw new Error(`the header ${JSON.stringify(name)} contains a line break`);
    head += `${name}: ${value}\r\n`;
  }
  if (encoding) head += `content-encoding: ${encoding}\r\n`;
  return `${head}content-length: ${body.length}\r\n${connection}\r\n`;
}
