// Prometheus metrics of searches.
import type { MirrorMetrics } from '../../mirror/mirrorOptions.js';

type Metric = (name: string, type: string, help: string, values: [labels: string, value: number][]) => void;

const OUTCOMES = ['compared', 'errors', 'skipped'] as const;
const SIDES = ['source', 'target'] as const;

export function readsMetrics(indexes: MirrorMetrics['indexes'], metric: Metric): void {
  const all = Object.entries(indexes);
  const shadows = all.flatMap(([index, { shadow }]) => (shadow ? [{ index, shadow }] : []));
  metric(
    'twindex_gateway_searches_recorded_total',
    'counter',
    'Searches kept for a replay.',
    all.map(([index, { recorded }]) => [`{index="${index}"}`, recorded]),
  );
  metric(
    'twindex_gateway_searches_canary_total',
    'counter',
    'Searches answered by the new index before the cut-over.',
    all.map(([index, { canary }]) => [`{index="${index}"}`, canary]),
  );
  metric(
    'twindex_gateway_shadow_searches_total',
    'counter',
    'Searches sent to the new index as well, by what became of them.',
    shadows.flatMap(({ index, shadow }) =>
      OUTCOMES.map((outcome): [string, number] => [
        `{index="${index}",outcome="${outcome}"}`,
        shadow[outcome],
      ]),
    ),
  );
  metric(
    'twindex_gateway_shadow_overlap_sum',
    'counter',
    'Of the shares of the first ten hits that both indexes have; to be divided by those compared.',
    shadows.map(({ index, shadow }) => [`{index="${index}"}`, shadow.overlapSum]),
  );
  metric(
    'twindex_gateway_shadow_seconds',
    'gauge',
    'Percentiles of the searches compared, by index.',
    shadows.flatMap(({ index, shadow }) =>
      SIDES.flatMap((side): [string, number][] => {
        const { p50Ms, p95Ms } = shadow.latency[side];
        const labels = (quantile: number): string =>
          `{index="${index}",side="${side}",quantile="${quantile}"}`;
        return [
          [labels(0.5), p50Ms / 1_000],
          [labels(0.95), p95Ms / 1_000],
        ];
      }),
    ),
  );
}
