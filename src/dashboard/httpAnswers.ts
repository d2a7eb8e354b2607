// Reads the bodies of requests, and sends answers with the headers that every answer has.
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { type ErrorCode, isTwindexError, partsOf } from '../errors.js';
import type { PageFile } from './pageFiles.js';
import type { Failure } from './pageTypes.js';

/** The page loads nothing from other sites, has no inline scripts or styles, and can't be shown in a frame. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const ALWAYS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'x-frame-options': 'DENY',
} as const;

/** Limit for a body. An action has only a few short fields. */
const MOST_BODY = 16 << 10;
const A_YEAR_S = 31_536_000;

export class HttpError extends Error {
  readonly status: number;
  readonly code: ErrorCode;

  constructor(status: number, code: ErrorCode, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** @throws HttpError 413 or 400 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BODY) throw new HttpError(413, 'too_large', `a body may have at most ${MOST_BODY} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString()) as unknown;
  } catch {
    throw new HttpError(400, 'usage', 'the body is no JSON');
  }
}

export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  send(response, status, { 'content-type': 'application/json; charset=utf-8' }, JSON.stringify(value));
}

export function sendText(response: ServerResponse, type: string, text: string): void {
  send(response, 200, { 'content-type': type }, text);
}

export function startEvents(response: ServerResponse): void {
  // a proxy must not buffer the events
  const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' };
  response.writeHead(200, { ...ALWAYS, 'cache-control': 'no-store, no-transform', ...headers });
  response.flushHeaders();
}

export function sendFile(request: IncomingMessage, response: ServerResponse, file: PageFile): void {
  const zips = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  const headers = {
    'content-type': file.type,
    'cache-control': file.isHashed ? `public, max-age=${A_YEAR_S}, immutable` : 'no-cache',
    vary: 'accept-encoding',
    ...(zips ? { 'content-encoding': 'gzip' } : {}),
  };
  send(response, 200, headers, zips ? file.zipped : file.content);
}

const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  usage: 400,
  not_found: 404,
  unsafe: 409,
  conflict: 409,
  unreachable: 502,
  unanswered: 504,
  overloaded: 503,
};

export function sendError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy();
  const { status, code, message } = error instanceof HttpError ? error : failureOf(error);
  // the rest of the request is not read, so no further request can come on this connection
  response.shouldKeepAlive = false;
  if (status === 401) response.setHeader('www-authenticate', 'Bearer');
  sendJson(response, { error: { code, message } } satisfies Failure, status);
}

function failureOf(error: unknown): Pick<HttpError, 'status' | 'code' | 'message'> {
  const { code, message, hint } = { hint: undefined, ...partsOf(error) };
  const text = hint === undefined ? message : `${message.replace(/(?<![.!?…])$/, '.')} ${hint}`;
  return { status: isTwindexError(error) ? (STATUS[code] ?? 500) : 500, code, message: text };
}

function send(
  response: ServerResponse,
  status: number,
  headers: OutgoingHttpHeaders,
  body: string | Buffer,
): void {
  const length = Buffer.byteLength(body);
  response.writeHead(status, {
    'cache-control': 'no-store',
    ...ALWAYS,
    ...headers,
    'content-length': length,
  });
  // Node sends no body in the answer to a HEAD request
  response.end(body);
}
