// Keeps the gateway's counters, and defines the Prometheus metrics that show them. The counters are plain
// numbers, which prom-client reads at each scrape: calling its `inc` for each request would take several
// times as long.
import type { Registry } from 'prom-client';
import { DurationCounts } from '../../metrics/durationCounts.js';
import { counter, gauge, histogram, processRegistry } from '../../metrics/registry.js';
import type { MirrorMetrics } from '../mirror/mirrorOptions.js';
import { addIndexMetrics } from './indexMetrics.js';
import type { Node } from './upstream/upstreamSocket.js';

export type Kind = 'passed' | 'mirrored' | 'refused' | 'own';

const KINDS: readonly Kind[] = ['passed', 'mirrored', 'refused', 'own'];

export class RequestCounts {
  readonly durations: ReadonlyMap<Kind, DurationCounts> = new Map(
    KINDS.map((kind) => [kind, new DurationCounts()]),
  );
  readonly statuses = new Map<number, number>();
  unanswered = 0;
  malformed = 0;

  countRequest(kind: Kind, ms: number, status: number | undefined): void {
    (this.durations.get(kind) as DurationCounts).add(ms);
    if (status === undefined) this.unanswered++;
    else this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
  }
}

export interface GatewayState {
  readonly counts: RequestCounts;
  readonly connections: number;
  readonly inFlight: number;
  readonly nodes: readonly Node[];
  readonly isReady: boolean;
  readonly mirror: MirrorMetrics;
}

export function gatewayRegistry(readState: () => GatewayState): Registry {
  const registry = processRegistry();
  const state = oncePerTurn(readState);
  for (const [name, help, value] of GAUGES)
    gauge(registry, { name, help, read: () => [[{}, Number(value(state()))]] });
  for (const [name, help, value] of COUNTERS)
    counter(registry, { name, help, read: () => [[{}, value(state())]] });
  addRequestMetrics(registry, state);
  addNodeMetrics(registry, state);
  addIndexMetrics(registry, () => state().mirror.indexes);
  return registry;
}

/** Reads the counters once per turn of the event loop, so that the metrics of a scrape agree. */
function oncePerTurn<T>(read: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => {
    if (!known) {
      known = { value: read() };
      setImmediate(() => (known = undefined));
    }
    return known.value;
  };
}

type Plain<V> = readonly [name: string, help: string, value: (state: GatewayState) => V];

const GAUGES: readonly Plain<number | boolean>[] = [
  ['twindex_gateway_ready', '1 if writes are admitted and a node can be reached.', ({ isReady }) => isReady],
  [
    'twindex_gateway_lease_valid',
    'Whether this gateway could confirm its lease in the journal. If it is 0, writes wait.',
    ({ mirror }) => mirror.leaseIsValid,
  ],
  ['twindex_gateway_client_connections', 'Open connections of clients.', ({ connections }) => connections],
  ['twindex_gateway_requests_in_flight', 'Requests that are not answered yet.', ({ inFlight }) => inFlight],
  [
    'twindex_gateway_copies_pending',
    'Copies that the follower has not answered yet.',
    ({ mirror }) => mirror.copiesPending,
  ],
];

const COUNTERS: readonly Plain<number>[] = [
  [
    'twindex_gateway_unanswered_total',
    'Requests that ended without an answer, for example because the client was gone.',
    ({ counts }) => counts.unanswered,
  ],
  [
    'twindex_gateway_malformed_total',
    'Requests that were refused because they are not valid HTTP/1.1.',
    ({ counts }) => counts.malformed,
  ],
];

function addRequestMetrics(registry: Registry, state: () => GatewayState): void {
  counter(registry, {
    name: 'twindex_gateway_responses_total',
    help: 'Answers to clients, by HTTP status.',
    labels: ['status'],
    read: () => [...state().counts.statuses].map(([status, count]) => [{ status }, count]),
  });
  histogram(registry, {
    name: 'twindex_gateway_request_duration_seconds',
    help: 'Time from the head of a request to the end of its answer. Writes to both indexes are of the kind `mirrored`.',
    labels: ['kind'],
    read: () => [...state().counts.durations].map(([kind, durations]) => [{ kind }, durations]),
  });
}

function addNodeMetrics(registry: Registry, state: () => GatewayState): void {
  const perNode = (name: string, help: string, value: (node: Node) => number): void =>
    gauge(registry, {
      name,
      help,
      labels: ['node'],
      read: () => state().nodes.map((node) => [{ node: node.url }, value(node)]),
    });
  perNode('twindex_gateway_node_connections', 'Open connections to the node.', ({ open }) => open);
  perNode(
    'twindex_gateway_node_idle_connections',
    'Connections to the node that carry no request.',
    ({ idle }) => idle.length,
  );
  perNode(
    'twindex_gateway_node_left_out',
    '1 if the node gets no requests for the moment, because no connection to it could be made.',
    ({ notBefore }) => Number(notBefore > performance.now()),
  );
}
