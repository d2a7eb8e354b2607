// Reads the head of a node's answer: the status, the length of the body, and the lines to forward, which are
// all but those about the connection to the node.

export interface ResponseHead {
  readonly status: number;
  readonly keepAlive: boolean;
  readonly contentLength: number | undefined;
  readonly chunked: boolean;
  /** Status line and header lines to forward, each with its CRLF. */
  readonly lines: string;
  /** Whether no line was left out, so that the bytes can be forwarded unchanged. */
  readonly asItCame: boolean;
}

/** Statuses that a node may send before it has read the whole request, which is too large or not valid. */
const UNREAD: ReadonlySet<number> = new Set([408, 413, 414, 417, 431, 501, 505]);
/** In bytes. Few request heads are longer. By default the engines read request lines up to 4 KiB. */
const LONG_HEAD = 2 << 10;

/** Whether the node may have left a part of the request unread. After too large a head, it answers 400. */
export function mayHaveLeft(status: number, requestHead: number): boolean {
  return UNREAD.has(status) || (status >= 400 && requestHead > LONG_HEAD);
}

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: |\r)/;

/** Lengths of the header names in the `switch` below. */
const LENGTHS = new Set([7, 10, 14, 16, 17, 18]);

/** @param text latin1, each line with its CRLF @throws Error for bytes that are no HTTP/1 answer */
export function readResponseHead(text: string): ResponseHead {
  const match = STATUS_LINE.exec(text);
  if (!match) throw new Error('the node did not answer in HTTP/1.1');
  let keepAlive = match[1] === '1';
  let contentLength: number | undefined;
  let chunked = false;
  let lines = '';
  let keptFrom = 0;
  for (let at = text.indexOf('\r\n') + 2; at < text.length; ) {
    const end = text.indexOf('\r\n', at);
    const colon = text.indexOf(':', at);
    if (colon < 0 || colon > end) throw new Error('the node sent a malformed header');
    let cut = false;
    if (LENGTHS.has(colon - at)) {
      const value = () => text.slice(colon + 1, end).trim();
      switch (text.slice(at, colon).toLowerCase()) {
        case 'content-length': {
          const length = /^\d{1,15}$/.test(value()) ? Number(value()) : undefined;
          if (length === undefined || (contentLength !== undefined && contentLength !== length))
            throw new Error('the node sent a malformed Content-Length');
          cut = contentLength !== undefined;
          contentLength = length;
          break;
        }
        case 'transfer-encoding':
          if (chunked || value().toLowerCase() !== 'chunked')
            throw new Error('the node sent a Transfer-Encoding other than chunked');
          chunked = true;
          break;
        case 'connection': {
          const tokens = value().toLowerCase();
          if (/\bclose\b/.test(tokens)) keepAlive = false;
          else if (/\bkeep-alive\b/.test(tokens)) keepAlive = true;
          cut = true;
          break;
        }
        case 'keep-alive':
        case 'proxy-connection':
        case 'proxy-authenticate':
        case 'trailer':
        case 'upgrade':
          cut = true;
          break;
        default:
          break;
      }
    }
    if (cut) {
      lines += text.slice(keptFrom, at);
      keptFrom = end + 2;
    }
    at = end + 2;
  }
  if (chunked && contentLength !== undefined)
    throw new Error('the node sent both a Content-Length and a Transfer-Encoding');
  const asItCame = keptFrom === 0;
  return {
    status: Number(match[2]),
    keepAlive,
    contentLength,
    chunked,
    lines: lines + text.slice(keptFrom),
    asItCame,
  };
}
