// Sends twindex's requests for one request of a client, with its headers, over the gateway's connections.
import type { ClusterSide } from '../../../cluster/indexRef.js';
import type { Upstream, UpstreamReply, UpstreamRequest } from '../../mirror/request/upstream.js';
import { NotSentError } from '../../mirror/request/upstream.js';
import { isAll, TARGET, TOKEN, VALUE } from '../http/characters.js';
import { headersOf, type RequestHead } from '../http/requestHead.js';
import type { Nodes } from './nodePool.js';
import type { NodesOf } from './clusterPools.js';
import { forwardedLines, type Origin } from './requestLines.js';
import { UpstreamCall } from './upstreamCall.js';
import { UpstreamSocket } from './upstreamSocket.js';

const NOT_COPIED_HEADERS = new Set([
  'accept-encoding',
  'content-encoding',
  'content-length',
  'transfer-encoding',
  'connection',
  'host',
  'x-forwarded-for',
  'x-twindex-version',
]);

/** `where` is the cluster of a request; `clusters` has the connections to all clusters. */
export interface Destination {
  readonly clusters: NodesOf;
  readonly where: ClusterSide;
}

interface Limits {
  readonly timeoutMs: number;
  readonly maxAnswer?: number;
}

export class MirrorUpstream implements Upstream {
  readonly #clusters: NodesOf;
  readonly #nodes: Nodes;
  readonly #origin: Origin;
  readonly #head: RequestHead;
  readonly #limits: Limits;
  #headers: Record<string, string> | undefined;

  constructor(to: Destination, head: RequestHead, origin: Origin, limits: Limits) {
    this.#clusters = to.clusters;
    this.#nodes = to.clusters.in(to.where);
    this.#head = head;
    this.#origin = origin;
    this.#limits = limits;
  }

  to(where: ClusterSide): MirrorUpstream {
    const to = { clusters: this.#clusters, where };
    return new MirrorUpstream(to, this.#head, this.#origin, this.#limits);
  }

  async send(request: UpstreamRequest): Promise<UpstreamReply> {
    const pieces = piecesOf(request.body);
    const lines = this.#lines(request, pieces);
    const upstream = await this.#lease();
    const { prefix, host } = upstream.node;
    const head = `${request.method} ${prefix}${request.path} HTTP/1.1\r\nhost: ${host}\r\n${lines}\r\n`;
    const call = new UpstreamCall(upstream, this.#nodes, request.method);
    return call.send(head, pieces ?? [], this.#limits);
  }

  #lines({ method, path, headers }: UpstreamRequest, pieces: readonly Buffer[] | undefined): string {
    if (!isAll(TOKEN, method, 0, method.length) || !isAll(TARGET, path, 0, path.length) || path[0] !== '/')
      throw new Error('the request was not sent, because its target is malformed');
    this.#headers ??= headersOf(this.#head.lines);
    let lines = forwardedLines(this.#head, this.#origin);
    for (const [name, value] of Object.entries({ ...this.#headers, ...headers })) {
      if (value === undefined || NOT_COPIED_HEADERS.has(name)) continue;
      if (!isAll(TOKEN, name, 0, name.length) || !isAll(VALUE, value, 0, value.length))
        throw new Error(`the request was not sent, because its header ${JSON.stringify(name)} is malformed`);
      lines += `${name}: ${value}\r\n`;
    }
    if (!pieces) return lines;
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    return `${lines}content-length: ${length}\r\n`;
  }

  #lease(): Promise<UpstreamSocket> {
    return new Promise((resolve, reject) => {
      this.#nodes.lease({ fresh: false }, (found) => {
        if (found instanceof UpstreamSocket) resolve(found);
        else reject(new NotSentError(found.message));
      });
    });
  }
}

function piecesOf(body: UpstreamRequest['body']): readonly Buffer[] | undefined {
  return Buffer.isBuffer(body) ? [body] : body;
}
