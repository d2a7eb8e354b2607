// The gateway's counters in Prometheus text (https://prometheus.io/docs/instrumenting/exposition_formats/).
import type { MirrorMetrics } from '../mirror/mirrorOptions.js';
import type { Node } from './upstream/upstreamSocket.js';
import { readsMetrics } from './reads/readsMetrics.js';

export type Kind = 'passed' | 'mirrored' | 'refused' | 'own';

const KINDS: readonly Kind[] = ['passed', 'mirrored', 'refused', 'own'];
const BOUNDS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const OUTCOMES = ['mirrored', 'conflicts', 'refused', 'unanswered', 'bypassed'] as const;

interface Durations {
  readonly buckets: Float64Array;
  sumMs: number;
  count: number;
}

interface Gauges {
  readonly connections: number;
  readonly inFlight: number;
  readonly nodes: readonly Node[];
  readonly ready: boolean;
  readonly mirror: MirrorMetrics;
}

export class Metrics {
  readonly #durations = new Map<Kind, Durations>(
    KINDS.map((kind) => [kind, { buckets: new Float64Array(BOUNDS_S.length), sumMs: 0, count: 0 }]),
  );
  readonly #statuses = new Map<number, number>();
  #unanswered = 0;
  #malformed = 0;

  countRequest(kind: Kind, ms: number, status: number | undefined): void {
    const durations = this.#durations.get(kind) as Durations;
    durations.count++;
    durations.sumMs += ms;
    let at = 0;
    while (at < BOUNDS_S.length && ms > (BOUNDS_S[at] as number) * 1_000) at++;
    if (at < BOUNDS_S.length) durations.buckets[at] = (durations.buckets[at] ?? 0) + 1;
    if (status === undefined) this.#unanswered++;
    else this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
  }

  countMalformed(): void {
    this.#malformed++;
  }

  text({ connections, inFlight, nodes, ready, mirror }: Gauges): string {
    const lines: string[] = [];
    const metric = (name: string, type: string, help: string, values: [labels: string, value: number][]) => {
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
      for (const [labels, value] of values) lines.push(`${name}${labels} ${value}`);
    };
    metric('twindex_gateway_ready', 'gauge', '1 when writes are admitted.', [['', Number(ready)]]);
    metric('twindex_gateway_client_connections', 'gauge', 'Open connections of clients.', [
      ['', connections],
    ]);
    metric('twindex_gateway_requests_in_flight', 'gauge', 'Requests in hand.', [['', inFlight]]);
    metric(
      'twindex_gateway_responses_total',
      'counter',
      'Answers, by status.',
      [...this.#statuses].map(([status, count]) => [`{status="${status}"}`, count]),
    );
    metric('twindex_gateway_unanswered_total', 'counter', 'Requests that ended without an answer.', [
      ['', this.#unanswered],
    ]);
    metric('twindex_gateway_malformed_total', 'counter', 'What was refused as no proper HTTP/1.1.', [
      ['', this.#malformed],
    ]);
    lines.push(
      '# HELP twindex_gateway_request_seconds From the head of a request to the end of its answer.',
      '# TYPE twindex_gateway_request_seconds histogram',
      ...[...this.#durations].flatMap(([kind, durations]) => histogramLines(kind, durations)),
    );
    const perNode = (value: (node: Node) => number): [string, number][] =>
      nodes.map((node) => [`{node="${node.url}"}`, value(node)]);
    const nodeConnections = 'twindex_gateway_node_connections';
    metric(
      nodeConnections,
      'gauge',
      'Open connections to a node.',
      perNode(({ open }) => open),
    );
    metric(
      'twindex_gateway_node_idle_connections',
      'gauge',
      'Those that carry no request.',
      perNode(({ idle }) => idle.length),
    );
    metric(
      'twindex_gateway_node_left_out',
      'gauge',
      '1 while a node that could not be connected to is left out.',
      perNode(({ notBefore }) => Number(notBefore > performance.now())),
    );
    metric('twindex_gateway_copies_pending', 'gauge', 'Copies that the follower has not taken yet.', [
      ['', mirror.copiesPending],
    ]);
    metric(
      'twindex_gateway_copies_total',
      'counter',
      'Copies to the follower, by what became of them.',
      Object.entries(mirror.indexes).flatMap(([index, counts]) =>
        OUTCOMES.map((outcome): [string, number] => [
          `{index="${index}",outcome="${outcome}"}`,
          counts[outcome],
        ]),
      ),
    );
    metric(
      'twindex_gateway_follower_away',
      'gauge',
      '1 while the index that follows takes no copies, so that none is sent to it.',
      Object.entries(mirror.indexes).map(([index, { away }]) => [`{index="${index}"}`, away ? 1 : 0]),
    );
    metric(
      'twindex_gateway_updates_unmerged_total',
      'counter',
      'Partial updates that could not be merged: fields that only the other index has room for may be lost.',
      Object.entries(mirror.indexes).map(([index, { unmerged }]) => [`{index="${index}"}`, unmerged]),
    );
    metric(
      'twindex_gateway_generation',
      'gauge',
      'The generation whose phase is acted on.',
      Object.entries(mirror.indexes).map(([index, { generation, phase }]) => [
        `{index="${index}",phase="${phase}"}`,
        generation,
      ]),
    );
    readsMetrics(mirror.indexes, metric);
    metric('process_resident_memory_bytes', 'gauge', 'Resident memory.', [['', process.memoryUsage.rss()]]);
    const { user, system } = process.cpuUsage();
    metric('process_cpu_seconds_total', 'counter', 'CPU time.', [['', (user + system) / 1e6]]);
    return `${lines.join('\n')}\n`;
  }
}

function histogramLines(kind: Kind, { buckets, sumMs, count }: Durations): string[] {
  const name = 'twindex_gateway_request_seconds';
  let below = 0;
  const lines = BOUNDS_S.map((bound, n) => {
    below += buckets[n] ?? 0;
    return `${name}_bucket{kind="${kind}",le="${bound}"} ${below}`;
  });
  return [
    ...lines,
    `${name}_bucket{kind="${kind}",le="+Inf"} ${count}`,
    `${name}_sum{kind="${kind}"} ${sumMs / 1_000}`,
    `${name}_count{kind="${kind}"} ${count}`,
  ];
}
