// Reads the head of a client's request. Refuses anything that the gateway and the engine might read
// differently, so that no request can be smuggled past the gateway.
import { isAll, TARGET, TOKEN, trimValue, VALUE } from './characters.js';

export interface RequestHead {
  readonly method: string;
  /** Path and query as the client sent them. They begin with a slash. */
  readonly target: string;
  /** Whether the request is HTTP/1.0. */
  readonly old: boolean;
  readonly keepAlive: boolean;
  readonly host: string;
  /**
   * Lines that are forwarded unchanged, each with its CRLF. The headers for framing and for the connection
   * are left out.
   */
  readonly lines: string;
  readonly contentLength: number | undefined;
  readonly chunked: boolean;
  readonly expectsContinue: boolean;
  /** The value of `x-forwarded-for` from proxies in front of the gateway. */
  readonly forwardedFor: string;
  readonly hasForwardedHost: boolean;
  readonly hasForwardedProto: boolean;
}

/** A request that is refused. The connection is closed after the answer. */
export class Refusal {
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string) {
    this.status = status;
    this.reason = reason;
  }
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE']);

/** @param text latin1, from the request line to the last header line, each with its CRLF */
export function readRequestHead(text: string): RequestHead | Refusal {
  const lineEnd = text.indexOf('\r\n');
  const methodEnd = text.indexOf(' ');
  const targetEnd = text.lastIndexOf(' ', lineEnd);
  if (methodEnd < 0 || methodEnd >= targetEnd) return new Refusal(400, 'the request line is malformed');
  const version = text.slice(targetEnd + 1, lineEnd);
  if (version !== 'HTTP/1.1' && version !== 'HTTP/1.0') {
    return /^HTTP\/\d\.\d$/.test(version)
      ? new Refusal(505, `${version} is not supported`)
      : new Refusal(400, 'the request line is malformed');
  }
  const method = text.slice(0, methodEnd);
  if (!METHODS.has(method)) return new Refusal(400, 'the method is not known');
  if (text.charCodeAt(methodEnd + 1) !== SLASH) return new Refusal(400, 'the path must begin with a slash');
  if (!isAll(TARGET, text, methodEnd + 1, targetEnd)) {
    return new Refusal(400, 'the path contains a character that must be percent-encoded');
  }
  const headers = new HeaderReader(version === 'HTTP/1.0');
  const refusal = headers.read(text, lineEnd + 2);
  if (refusal) return refusal;
  return headers.headOf(method, text.slice(methodEnd + 1, targetEnd));
}

const SLASH = 0x2f;

/** Lengths of the header names in `#take`. A name of another length need not be compared with them. */
const LENGTHS = new Set([2, 4, 6, 7, 10, 14, 15, 16, 17, 18, 19]);

class HeaderReader {
  readonly #old: boolean;
  #lines = '';
  #keepAlive: boolean;
  #host: string | undefined;
  #contentLength: number | undefined;
  #chunked = false;
  #expectsContinue = false;
  #forwardedFor = '';
  #hasForwardedHost = false;
  #hasForwardedProto = false;
  /** Names of headers that the header `Connection` lists: they apply to this connection only. */
  #nominated: string[] | undefined;

  constructor(old: boolean) {
    this.#old = old;
    this.#keepAlive = !old;
  }

  read(text: string, from: number): Refusal | undefined {
    let keptFrom = from;
    for (let at = from; at < text.length; ) {
      const end = text.indexOf('\r\n', at);
      const colon = text.indexOf(':', at);
      // this also refuses a line that begins with white space (obs-fold) or has a space before the colon
      if (colon <= at || colon >= end || !isAll(TOKEN, text, at, colon)) {
        return new Refusal(400, 'a header line is malformed');
      }
      if (!isAll(VALUE, text, colon + 1, end)) {
        return new Refusal(400, 'a header contains a control character');
      }
      if (LENGTHS.has(colon - at)) {
        const name = text.slice(at, colon).toLowerCase();
        const taken = this.#take(name, text, colon + 1, end);
        if (taken instanceof Refusal) return taken;
        if (taken) {
          this.#lines += text.slice(keptFrom, at);
          keptFrom = end + 2;
        }
      }
      at = end + 2;
    }
    this.#lines += text.slice(keptFrom);
    return this.#complete();
  }

  headOf(method: string, target: string): RequestHead {
    return {
      method,
      target,
      old: this.#old,
      keepAlive: this.#keepAlive,
      host: this.#host ?? '',
      lines: this.#lines,
      contentLength: this.#contentLength,
      chunked: this.#chunked,
      expectsContinue: this.#expectsContinue,
      forwardedFor: this.#forwardedFor,
      hasForwardedHost: this.#hasForwardedHost,
      hasForwardedProto: this.#hasForwardedProto,
    };
  }

  /** @returns true if the line is left out, or printed anew; false if it is forwarded unchanged */
  #take(name: string, text: string, from: number, to: number): boolean | Refusal {
    switch (name) {
      case 'host':
        if (this.#host !== undefined) return new Refusal(400, 'there are several Host headers');
        this.#host = trimValue(text, from, to);
        return true;
      case 'content-length':
        return this.#takeLength(text.slice(from, to));
      case 'transfer-encoding':
        if (this.#chunked) return new Refusal(400, 'there are several Transfer-Encoding headers');
        // no tabs in framing headers: some HTTP parsers do not accept a tab as white space there
        if (!/^ *chunked *$/i.test(text.slice(from, to)))
          return new Refusal(400, 'a Transfer-Encoding other than chunked is not supported');
        this.#chunked = true;
        return true;
      case 'connection':
        this.#takeConnection(text.slice(from, to).toLowerCase());
        return true;
      case 'expect':
        if (trimValue(text, from, to).toLowerCase() !== '100-continue')
          return new Refusal(417, 'an Expect header other than 100-continue is not supported');
        this.#expectsContinue = !this.#old;
        return true;
      case 'x-forwarded-for':
        this.#forwardedFor += `${trimValue(text, from, to)}, `;
        return true;
      case 'x-forwarded-host':
        this.#hasForwardedHost = true;
        return false;
      case 'x-forwarded-proto':
        this.#hasForwardedProto = true;
        return false;
      case 'keep-alive':
      case 'proxy-connection':
      case 'proxy-authorization':
      case 'proxy-authenticate':
      case 'te':
      case 'trailer':
      case 'upgrade':
        return true;
      default:
        return false;
    }
  }

  #takeLength(value: string): true | Refusal {
    if (this.#contentLength !== undefined)
      return new Refusal(400, 'there are several Content-Length headers');
    const digits = /^ *(\d{1,15}) *$/.exec(value)?.[1];
    if (digits === undefined) return new Refusal(400, 'the Content-Length is not a number');
    this.#contentLength = Number(digits);
    return true;
  }

  #takeConnection(value: string): void {
    for (const part of value.split(',')) {
      const token = part.trim();
      if (token === 'close') this.#keepAlive = false;
      else if (token === 'keep-alive') this.#keepAlive = this.#keepAlive || this.#old;
      else if (token !== '') (this.#nominated ??= []).push(token);
    }
  }

  #complete(): Refusal | undefined {
    if (this.#chunked && this.#contentLength !== undefined)
      return new Refusal(400, 'there are both a Content-Length and a Transfer-Encoding');
    if (this.#chunked && this.#old) return new Refusal(400, 'HTTP/1.0 has no Transfer-Encoding');
    if (this.#host === undefined && !this.#old) return new Refusal(400, 'there is no Host header');
    if (this.#nominated) this.#lines = withoutLines(this.#lines, this.#nominated);
    return undefined;
  }
}

function withoutLines(lines: string, names: readonly string[]): string {
  return lines
    .split(/(?<=\r\n)/)
    .filter((line) => !names.includes(line.slice(0, line.indexOf(':')).toLowerCase()))
    .join('');
}

/** @returns headers with names in lower case, and the values of a repeated header joined */
export function headersOf(lines: string): Record<string, string> {
  const headers: Record<string, string> = Object.create(null) as Record<string, string>;
  for (let at = 0; at < lines.length; ) {
    const end = lines.indexOf('\r\n', at);
    const colon = lines.indexOf(':', at);
    const name = lines.slice(at, colon).toLowerCase();
    const value = trimValue(lines, colon + 1, end);
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
    at = end + 2;
  }
  return headers;
}
