// Gives each request that is sent to the engine with the client's credentials a span.
import type { ClusterSide } from '../../../cluster/indexRef.js';
import {
  NotSentError,
  UnansweredError,
  type Upstream,
  type UpstreamReply,
  type UpstreamRequest,
} from '../request/upstream.js';
import type { RequestSpan } from './writeTrace.js';

type Begin = (request: { readonly operation: string; readonly method: string }) => RequestSpan;

export class TracedUpstream implements Upstream {
  readonly #upstream: Upstream;
  readonly #begin: Begin;

  constructor(upstream: Upstream, begin: Begin) {
    this.#upstream = upstream;
    this.#begin = begin;
  }

  to(where: ClusterSide): Upstream {
    return new TracedUpstream(this.#upstream.to(where), this.#begin);
  }

  async send(request: UpstreamRequest): Promise<UpstreamReply> {
    const { method, path } = request;
    const span = this.#begin({ operation: operationOf(method, path), method });
    const headers = { ...request.headers, ...span.headers() };
    try {
      const reply = await span.within(() => this.#upstream.send({ ...request, headers }));
      span.set({ 'db.response.status_code': String(reply.status) });
      if (reply.status >= 400) span.fail(String(reply.status));
      return reply;
    } catch (error) {
      span.fail(errorTypeOf(error));
      throw error;
    } finally {
      span.end();
    }
  }
}

/** Ids are encoded in a path, so they contain no slash. */
const API = /^\/(?:[^/?]+\/)?_(doc|create|update|bulk)(?=[/?]|$)/;

/** @returns the name that the official clients have for the API */
function operationOf(method: string, path: string): string {
  const api = API.exec(path)?.[1] ?? 'doc';
  if (api !== 'doc') return api;
  return method === 'DELETE' ? 'delete' : 'index';
}

function errorTypeOf(error: unknown): string {
  if (error instanceof NotSentError) return 'not_sent';
  return error instanceof UnansweredError ? 'unanswered' : '_OTHER';
}
