// Prints the head of a client's request for a node: adds `x-forwarded-*`, leaves out connection headers.
import type { RequestHead } from '../http/requestHead.js';
import type { Node } from './upstreamSocket.js';

/** Address and protocol of the client, for the `x-forwarded-*` headers. */
export interface Origin {
  readonly address: string;
  readonly proto: 'http' | 'https';
}

export function printRequestHead(head: RequestHead, origin: Origin, node: Node): string {
  return (
    `${head.method} ${node.prefix}${head.target} HTTP/1.1\r\nhost: ${node.host}\r\n` +
    head.lines +
    forwardedLines(head, origin) +
    framingLine(head) +
    (head.expectsContinue ? 'expect: 100-continue\r\n\r\n' : '\r\n')
  );
}

/** The value of `x-forwarded-for`: the addresses that proxies have noted, and then the client's. */
export const forwardedForOf = ({ forwardedFor }: RequestHead, address: string): string =>
  `${forwardedFor}${address}`;

export function forwardedLines(head: RequestHead, { address, proto }: Origin): string {
  let lines = `x-forwarded-for: ${forwardedForOf(head, address)}\r\n`;
  if (!head.hasForwardedHost && head.host !== '') lines += `x-forwarded-host: ${head.host}\r\n`;
  if (!head.hasForwardedProto) lines += `x-forwarded-proto: ${proto}\r\n`;
  return lines;
}

function framingLine({ chunked, contentLength }: RequestHead): string {
  if (chunked) return 'transfer-encoding: chunked\r\n';
  return contentLength === undefined ? '' : `content-length: ${contentLength}\r\n`;
}
