// Decides how the gateway handles each request (in `begin`), and keeps track of the requests in flight.
import type { Cluster, Engine, EngineName } from '../../cluster/cluster.js';
import type { ClusterSide } from '../../cluster/indexRef.js';
import type { Registry } from 'prom-client';
import { messageOf } from '../../errors.js';
import { type Exported, METRICS_TYPE, metricsText } from '../../metrics/registry.js';
import type { Decision, Headers } from '../mirror/request/decide.js';
import type { ClientReply, ClientRequest } from '../mirror/request/clientRequest.js';
import { NotSentError, UnansweredError, type Upstream } from '../mirror/request/upstream.js';
import type { WriteTrace } from '../mirror/trace/writeTrace.js';
import type { WriteTracer } from '../mirror/trace/writeTracer.js';
import { asProduct, jsonReply, printReplyHead, productLine, refusalReply } from './gatewayAnswer.js';
import { Answered } from './localExchange.js';
import { Allowance } from './allowance.js';
import { BulkGuard, isBulk } from './bulkGuard.js';
import type { ClientConnection, Service } from './clientConnection.js';
import type { Exchange } from './exchange.js';
import { headersOf, Refusal, type RequestHead } from './http/requestHead.js';
import { gatewayRegistry, type GatewayState, type Kind, RequestCounts } from './metrics.js';
import { Mirrored, type MirroredContext } from './dualWriteExchange.js';
import type { MirrorPort } from './mirrorPort.js';
import { MirrorUpstream } from './upstream/mirrorUpstream.js';
import type { NodesOf } from './upstream/clusterPools.js';
import type { Reads } from './reads/searchReads.js';
import { answerMsOf } from './requestKind.js';
import { PassThrough, type PassThroughContext } from './passThrough.js';
import type { Times } from './settings.js';

interface ServiceOptions {
  readonly cluster: Cluster;
  readonly nodes: NodesOf;
  readonly mirror: MirrorPort;
  readonly times: Times;
  readonly maxBody: number;
  readonly maxHeld: number;
  readonly onWarning: (text: string) => void;
  /** Called at the end of each request. */
  readonly onAccess: ((access: Access) => void) | undefined;
  readonly reads: Reads | undefined;
  /** Undefined if traces are off. */
  readonly tracer: WriteTracer | undefined;
  /** Further metrics to serve. */
  readonly registries: readonly Registry[];
  /** The metrics of all processes of this gateway; undefined if it is the only one. */
  readonly allMetrics: (() => Promise<string>) | undefined;
}

interface InHand {
  readonly kind: Kind;
  readonly began: number;
  readonly head: RequestHead;
  readonly trace: WriteTrace | undefined;
}

/** A line of the access log. It has neither headers nor the query, which may contain credentials. */
export interface Access {
  readonly method: string;
  readonly path: string;
  /** Undefined if the request was not answered. */
  readonly status: number | undefined;
  readonly ms: number;
  readonly kind: Kind;
}

const NO_HEADERS: Headers = Object.freeze({});
const OWN_PATHS = new Set(['/-/health', '/-/ready', '/-/metrics', '/metrics']);

export class GatewayService implements Service, MirroredContext {
  readonly times: Times;
  readonly #nodes: NodesOf;
  readonly maxBody: number;
  readonly allowance: Allowance;
  readonly #engines: Readonly<Record<ClusterSide, Engine>>;
  readonly #others: ClusterSide;
  readonly #mirror: MirrorPort;
  readonly #onWarning: (text: string) => void;
  readonly #onAccess: ((access: Access) => void) | undefined;
  readonly #reads: Reads | undefined;
  readonly #tracer: WriteTracer | undefined;
  readonly #allMetrics: (() => Promise<string>) | undefined;
  readonly #contexts = new Map<ClusterSide, PassThroughContext>();
  readonly #counts = new RequestCounts();
  readonly #registries: readonly Registry[];
  readonly #clients = new Set<ClientConnection>();
  readonly #inHand = new Map<Exchange, InHand>();
  stopping = false;

  constructor(options: ServiceOptions) {
    // the gateway's own answers look like those of the cluster `others`, the only one that clients may know
    const { engine, source } = options.cluster;
    this.#engines = { target: engine, source: source?.engine ?? engine };
    this.#others = options.mirror.others;
    this.#nodes = options.nodes;
    this.#mirror = options.mirror;
    this.times = options.times;
    this.maxBody = options.maxBody;
    this.allowance = new Allowance(options.maxHeld);
    this.#onWarning = options.onWarning;
    this.#onAccess = options.onAccess;
    this.#reads = options.reads;
    this.#tracer = options.tracer;
    this.#allMetrics = options.allMetrics;
    this.#registries = [gatewayRegistry(() => this.#state), ...options.registries];
  }

  /** Read anew each time: the engine of a source cluster that was away at first is found out later. */
  get #engine(): EngineName {
    return this.#engines[this.#others].name;
  }

  get inFlight(): number {
    return this.#inHand.size;
  }

  add(client: ClientConnection): void {
    this.#clients.add(client);
  }

  closed(client: ClientConnection): void {
    this.#clients.delete(client);
  }

  begin(head: RequestHead, client: ClientConnection): Exchange {
    const { method, target } = head;
    if (isOwnPath(target)) return this.#answer('own', this.#ownReply(head), head, client);
    const reads = method === 'GET' || method === 'HEAD';
    const headers = reads ? NO_HEADERS : headersOf(head.lines);
    const decision = this.#decide(method, target, headers);
    if (decision instanceof Refusal)
      return this.#answer('refused', this.refusalReply(decision), head, client);
    switch (decision.type) {
      case 'pass':
        return this.#pass(head, client, decision.where ?? this.#mirror.others);
      case 'refuse':
      case 'malformed':
        return this.#answer('refused', asProduct(decision.reply, this.#engine), head, client);
      default: {
        const own = headersOf(head.lines);
        const trace = this.#tracer?.begin(decision, { method, headers: own });
        const mirrored = new Mirrored(head, { decision, headers: own, trace }, client, this);
        return this.#keep('mirrored', head, mirrored, trace);
      }
    }
  }

  refuse(refusal: Refusal, client: ClientConnection): void {
    this.#counts.malformed++;
    this.fail(refusal.status, refusal.reason, client);
  }

  fail(status: number, reason: string, client: ClientConnection): void {
    const reply = refusalReply({ status, reason }, this.#engine);
    client.write(printReplyHead(reply, { connection: 'connection: close\r\n' }));
    client.write(reply.body);
    client.linger();
  }

  refusalReply(refusal: Refusal): ClientReply {
    return refusalReply(refusal, this.#engine);
  }

  upstreamFor(head: RequestHead, client: ClientConnection): Upstream {
    const to = { clusters: this.#nodes, where: this.#mirror.others };
    return new MirrorUpstream(to, head, client.origin, { timeoutMs: this.answerMsOf(head) });
  }

  answerMsOf(head: RequestHead): number {
    return answerMsOf(head, this.times.answer);
  }

  async perform(decision: Decision, request: ClientRequest, upstream: Upstream): Promise<ClientReply> {
    try {
      return asProduct(await this.#mirror.perform(decision, request, upstream), this.#engine);
    } catch (error) {
      const refused = (status: number, reason: string) => this.refusalReply(new Refusal(status, reason));
      if (error instanceof NotSentError)
        return refused(502, `${error.message}; the request was not carried out`);
      if (error instanceof UnansweredError)
        return refused(504, `${error.message}; whether the request was carried out is not known`);
      this.#onWarning(`${request.method} of a client failed in the gateway: ${messageOf(error)}`);
      return refused(500, `${messageOf(error)}; whether the request was carried out is not known`);
    }
  }

  ended(exchange: Exchange, status: number | undefined): void {
    const inHand = this.#inHand.get(exchange);
    if (!inHand) return;
    this.#inHand.delete(exchange);
    const ms = performance.now() - inHand.began;
    this.#counts.countRequest(inHand.kind, ms, status);
    inHand.trace?.end(status);
    if (this.#onAccess) this.#onAccess(accessOf(inHand, ms, status));
  }

  trouble(error: unknown): void {
    this.#onWarning(`a request failed in the gateway: ${messageOf(error)}`);
  }

  sweep(now: number): void {
    for (const client of this.#clients) client.checkTime(now);
    this.#nodes.sweep(now);
  }

  drain(): void {
    this.stopping = true;
  }

  /** Called after `drain`. Closes idle connections. The others are closed after their present answer. */
  stop(): void {
    this.#reads?.stop();
    for (const client of this.#clients) if (client.isIdle) client.linger();
  }

  async disconnect(): Promise<void> {
    const end = performance.now() + this.times.lingerMs;
    while (this.#clients.size > 0 && performance.now() < end)
      await new Promise((next) => setTimeout(next, 10));
    for (const client of this.#clients) client.destroy();
  }

  #decide(method: string, target: string, headers: Headers): Decision | Refusal {
    try {
      return this.#mirror.decide(method, target, headers);
    } catch (error) {
      this.#onWarning(`a request could not be parsed: ${messageOf(error)}`);
      return new Refusal(400, 'the request could not be parsed');
    }
  }

  #keep(kind: Kind, head: RequestHead, exchange: Exchange, trace?: WriteTrace): Exchange {
    this.#inHand.set(exchange, { kind, head, began: performance.now(), trace });
    return exchange;
  }

  #pass(head: RequestHead, client: ClientConnection, where: ClusterSide): Exchange {
    const search = this.#reads?.of(head, client.origin);
    const context = this.#contextOf(search?.where ?? where);
    const guard = isBulk(head.target) ? new BulkGuard() : undefined;
    return this.#keep(
      'passed',
      head,
      new PassThrough(search?.head ?? head, client, context, { tap: search?.tap, guard }),
    );
  }

  #contextOf(where: ClusterSide): PassThroughContext {
    const known = this.#contexts.get(where);
    if (known) return known;
    const product = (): string =>
      this.#engines[where].name === this.#engine ? '' : productLine(this.#engine);
    const context: PassThroughContext = {
      answerMsOf: (head) => this.answerMsOf(head),
      nodes: this.#nodes.in(where),
      get product() {
        return product();
      },
      fail: (status, reason, client) => this.fail(status, reason, client),
      ended: (exchange, status) => this.ended(exchange, status),
    };
    this.#contexts.set(where, context);
    return context;
  }

  #answer(
    kind: Kind,
    reply: ClientReply | Promise<ClientReply>,
    head: RequestHead,
    client: ClientConnection,
  ): Exchange {
    const ended = (exchange: Exchange, status: number | undefined) => this.ended(exchange, status);
    return this.#keep(kind, head, new Answered(head, reply, client, ended));
  }

  #ownReply({ method, target }: RequestHead): ClientReply | Promise<ClientReply> {
    if (method !== 'GET' && method !== 'HEAD')
      return this.refusalReply(new Refusal(405, `${target} accepts only GET and HEAD`));
    switch (target) {
      case '/-/health':
        return jsonReply(200, { status: 'ok' }, this.#engine);
      case '/-/ready':
        return this.#isReady
          ? jsonReply(200, { status: 'ready' }, this.#engine)
          : jsonReply(503, { status: this.stopping ? 'stopping' : 'not ready' }, this.#engine);
      default:
        return this.#metricsReply();
    }
  }

  /** Exports the metrics of this process, for the process that serves the metrics of all. */
  exportMetrics(process: number): Promise<Exported[]> {
    const [own] = this.#registries;
    own?.setDefaultLabels({ process });
    return Promise.all(this.#registries.map((registry) => registry.getMetricsAsJSON()));
  }

  async #metricsReply(): Promise<ClientReply> {
    try {
      const text = await (this.#allMetrics?.() ?? metricsText(this.#registries));
      return { status: 200, headers: { 'content-type': METRICS_TYPE }, body: Buffer.from(text) };
    } catch (error) {
      this.#onWarning(`the metrics could not be read: ${messageOf(error)}`);
      return this.refusalReply(new Refusal(500, 'the metrics could not be read'));
    }
  }

  get #state(): GatewayState {
    return {
      counts: this.#counts,
      connections: this.#clients.size,
      inFlight: this.#inHand.size,
      nodes: this.#nodes.all,
      isReady: this.#isReady,
      mirror: this.#mirror.metrics(),
    };
  }

  get #isReady(): boolean {
    const now = performance.now();
    const { leaseIsValid } = this.#mirror.metrics();
    return !this.stopping && leaseIsValid && this.#nodes.isReady(this.#mirror.others, now);
  }
}

function accessOf({ kind, head }: InHand, ms: number, status: number | undefined): Access {
  const path = head.target.split('?', 1)[0] as string;
  return { method: head.method, path, status, ms: Math.round(ms * 10) / 10, kind };
}

function isOwnPath(target: string): boolean {
  // a cheap check comes first, since this runs for each request
  return (target.charCodeAt(1) === 0x2d || target === '/metrics') && OWN_PATHS.has(target);
}
