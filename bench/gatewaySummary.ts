// Formats the table of the gateway's bench, and sentences with the measured values for its goals.
import { DOCUMENTS_PER_BULK, type Load, type Operation } from './gatewayJob.js';
import type { Way } from './gatewayWays.js';
import type { Ratios } from './ratios.js';
import { median, table } from './results.js';

export const PHASES = ['idle', 'mirror', 'switched'] as const;
export type Phase = (typeof PHASES)[number];

export interface Figures {
  readonly phase: Phase;
  readonly operation: Operation;
  readonly way: Way['name'];
  /** Requests per second. */
  readonly rates: number[];
  /** CPU time of the proxy and of the engine per request, in microseconds. */
  readonly proxyUs: number[];
  readonly engineUs: number[];
  /** Latencies at half the rate of the slower proxy. */
  readonly paced: Load[];
  readonly pacedEngineUs: number[];
}

const HEAD = [
  'phase',
  'operation',
  'way',
  'per second',
  'to direct',
  'to nginx',
  'proxy CPU µs',
  'engine CPU µs',
  'p50 ms',
  'added',
  'p99 ms',
];

export function summary(all: readonly Figures[]): string {
  return [
    ...aims(all).map((line) => `- ${line}`),
    '',
    table(
      HEAD,
      all.map((one) => row(one, all)),
    ),
  ].join('\n');
}

/**
 * Compares the gateway with nginx without a migration, and with direct requests to one index while it writes
 * to both.
 */
export function costs(all: readonly Figures[]): Ratios {
  const ratios = all.flatMap((one) => {
    if (one.way !== 'gateway') return [];
    const peer = one.phase === 'idle' ? 'nginx' : 'direct';
    const ratio = rateOf(sameOf(one, peer, all)) / median(one.rates);
    return Number.isFinite(ratio)
      ? [[`gateway / ${peer}, ${one.phase}: ${one.operation}`, ratio] as const]
      : [];
  });
  return Object.fromEntries(ratios);
}

function row(one: Figures, all: readonly Figures[]): string[] {
  const { phase, operation, way, rates, proxyUs, engineUs, paced } = one;
  const other = (name: Way['name']): Figures | undefined => sameOf(one, name, all);
  const unit = unitOf(operation);
  const p50 = p50Of(one);
  return [
    phase,
    operation === 'bulk' ? 'documents in 5 MB bulks' : operation,
    way,
    `${whole(median(rates) * unit)} (${whole(Math.min(...rates) * unit)} to ${whole(Math.max(...rates) * unit)})`,
    shown(median(rates) / rateOf(other('direct')), 2),
    shown(median(rates) / rateOf(other('nginx')), 2),
    shown(median(proxyUs) / unit, unit === 1 ? 0 : 1),
    shown(median(engineUs) / unit, unit === 1 ? 0 : 1),
    shown(p50, 2),
    way === 'direct' ? '-' : shown(p50 - p50Of(other('direct')), 2),
    shown(median(paced.map(({ p99Ms }) => p99Ms)), 2),
  ];
}

function aims(all: readonly Figures[]): string[] {
  const find = (phase: Phase, operation: Operation): Figures | undefined =>
    all.find((one) => one.phase === phase && one.operation === operation && one.way === 'gateway');
  const each = (of: (one: Figures) => string, operations: readonly Operation[], phase: Phase): string =>
    operations
      .flatMap((operation) => {
        const one = find(phase, operation);
        return one ? [`${operation} ${of(one)}`] : [];
      })
      .join(', ');
  const toNginx = (one: Figures): string => shown(median(one.rates) / rateOf(sameOf(one, 'nginx', all)), 2);
  const added = (one: Figures): string => `${shown(p50Of(one) - p50Of(sameOf(one, 'direct', all)), 2)} ms`;
  // both ways write at the same rate, because with more writes at once more of them share an fsync
  const workOf = (one: Figures): number =>
    median(one.pacedEngineUs.length > 0 ? one.pacedEngineUs : one.engineUs);
  const engineWork = (one: Figures): string => {
    const direct = sameOf(one, 'direct', all);
    return shown(workOf(one) / (direct ? workOf(direct) : Number.NaN), 2);
  };
  return [
    `gateway to nginx, idle: ${each(toNginx, ['get', 'search', 'write', 'bulk'], 'idle')}`,
    `added p50 at half load, idle: ${each(added, ['get', 'search', 'write'], 'idle')}`,
    `added p50 at half load of a write while mirrored: ${each(added, ['write'], 'mirror')}`,
    `engine work of a mirrored write to that of one index: ${each(engineWork, ['write', 'bulk'], 'mirror')}` +
      `; after the switch: ${each(engineWork, ['write', 'bulk'], 'switched')}`,
  ];
}

/** The figures of the same operation in the same phase by another way. */
function sameOf(one: Figures, name: Way['name'], all: readonly Figures[]): Figures | undefined {
  return all.find(
    ({ phase, operation, way }) => phase === one.phase && operation === one.operation && way === name,
  );
}

const unitOf = (operation: Operation): number => (operation === 'bulk' ? DOCUMENTS_PER_BULK : 1);
const rateOf = (one: Figures | undefined): number => median(one?.rates ?? []);
const p50Of = (one: Figures | undefined): number => median((one?.paced ?? []).map(({ p50Ms }) => p50Ms));

function shown(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits) : '-';
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}
