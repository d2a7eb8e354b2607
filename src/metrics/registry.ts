// Registries of metrics. Values are kept elsewhere (in counters of the gateway, in the journal) and read when
// a scrape asks for them, so that counting costs no more than a plain counter.
import { Counter, Gauge, Histogram, type MetricConfiguration, Registry } from 'prom-client';
import { packageVersion } from '../packageVersion.js';
import { DURATION_BOUNDS, type DurationCounts } from './durationCounts.js';

type Labels = Readonly<Record<string, string | number>>;
export type Sample<V = number> = readonly [labels: Labels, value: V];

export interface Definition<V = number> {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  /** Reads all samples. Must not throw: one failure would fail the whole scrape. */
  readonly read: () => readonly Sample<V>[] | Promise<readonly Sample<V>[]>;
}

export function gauge(registry: Registry, definition: Definition): void {
  const metric = new Gauge({
    ...configOf(definition),
    async collect() {
      const samples = await definition.read();
      this.reset();
      for (const [labels, value] of samples) this.set(labels, value);
    },
  });
  registry.registerMetric(metric);
}

export function counter(registry: Registry, definition: Definition): void {
  const metric = new Counter({
    ...configOf(definition),
    async collect() {
      const samples = await definition.read();
      this.reset();
      for (const [labels, value] of samples) this.inc(labels, value);
    },
  });
  registry.registerMetric(metric);
}

export function histogram(registry: Registry, definition: Definition<DurationCounts>): void {
  registry.registerMetric(new CountedHistogram(definition));
}

const configOf = ({
  name,
  help,
  labels = [],
}: Pick<Definition, 'name' | 'help' | 'labels'>): MetricConfiguration<string> => ({
  name,
  help,
  labelNames: labels,
  // keep the metric out of the global registry of prom-client, which all libraries of a process share
  registers: [],
});

type Collected = Awaited<ReturnType<Histogram['get']>>;

/** A histogram whose values were counted by `DurationCounts`. */
class CountedHistogram extends Histogram {
  readonly #definition: Definition<DurationCounts>;

  constructor(definition: Definition<DurationCounts>) {
    super({ ...configOf(definition), buckets: [...DURATION_BOUNDS] });
    this.#definition = definition;
  }

  /** Called by `Registry.getMetricsAsJSON`. */
  override async get(): Promise<Collected> {
    const { name, help, read } = this.#definition;
    const values = (await read()).flatMap(([labels, counts]) => histogramValues(name, labels, counts));
    // prom-client declares `type` as a number, but uses names
    return { name, help, type: 'histogram', aggregator: 'sum', values } as unknown as Collected;
  }

  /** `Registry.metrics` calls this method of a histogram instead of `get`. */
  async getForPromString(): Promise<Collected> {
    return await this.get();
  }
}

function histogramValues(name: string, labels: Labels, counts: DurationCounts): Collected['values'] {
  const bucket = (le: string | number, value: number) => ({
    metricName: `${name}_bucket`,
    labels: { ...labels, le },
    value,
  });
  const { cumulative } = counts;
  return [
    ...DURATION_BOUNDS.map((bound, n) => bucket(bound, cumulative[n] as number)),
    bucket('+Inf', counts.count),
    { metricName: `${name}_sum`, labels, value: counts.sumSeconds },
    { metricName: `${name}_count`, labels, value: counts.count },
  ];
}

/** A registry with the metrics that every process of twindex has. */
export function processRegistry(): Registry {
  const registry = new Registry();
  gauge(registry, {
    name: 'twindex_build_info',
    help: 'Always 1. The labels say which versions of twindex and of Node run here.',
    labels: ['version', 'node'],
    read: () => [[{ version: packageVersion(), node: process.versions.node }, 1]],
  });
  gauge(registry, {
    name: 'process_start_time_seconds',
    help: 'When this process was started, in seconds since 1970.',
    read: () => [[{}, Math.round(performance.timeOrigin / 1_000)]],
  });
  gauge(registry, {
    name: 'process_resident_memory_bytes',
    help: 'Memory that this process uses.',
    read: () => [[{}, process.memoryUsage.rss()]],
  });
  counter(registry, {
    name: 'process_cpu_seconds_total',
    help: 'CPU time that this process has used.',
    read: () => {
      const { user, system } = process.cpuUsage();
      return [[{}, (user + system) / 1e6]];
    },
  });
  return registry;
}

/** The metrics of several registries as Prometheus text. No metric may be in two of them. */
export const metricsText = (registries: readonly Registry[]): Promise<string> =>
  Registry.merge([...registries]).metrics();

export const METRICS_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/** The metrics of a registry in the form in which processes pass them to each other. */
export type Exported = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;
