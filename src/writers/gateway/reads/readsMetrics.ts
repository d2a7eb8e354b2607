// Defines the Prometheus metrics of searches.
import type { Registry } from 'prom-client';
import { counter, gauge, type Sample } from '../../../metrics/registry.js';
import type { MirrorMetrics } from '../../mirror/mirrorOptions.js';

type Indexes = MirrorMetrics['indexes'];

const OUTCOMES = ['compared', 'errors', 'skipped'] as const;
const SIDES = ['source', 'target'] as const;

export function addReadsMetrics(registry: Registry, indexes: () => Indexes): void {
  const perIndex = (name: string, help: string, value: (seen: Indexes[string]) => number): void =>
    counter(registry, {
      name,
      help,
      labels: ['name'],
      read: () => Object.entries(indexes()).map(([index, seen]) => [{ name: index }, value(seen)]),
    });
  perIndex(
    'twindex_gateway_searches_recorded_total',
    'Searches that were recorded for a replay.',
    ({ recorded }) => recorded,
  );
  perIndex(
    'twindex_gateway_searches_canary_total',
    'Searches that the new index has answered before the cut-over.',
    ({ canary }) => canary,
  );
  addShadowMetrics(registry, indexes);
}

type Shadow = NonNullable<Indexes[string]['shadow']>;

function addShadowMetrics(registry: Registry, indexes: () => Indexes): void {
  const perShadow = (samples: (shadow: Shadow) => readonly Sample[]) => (): readonly Sample[] =>
    Object.entries(indexes()).flatMap(([name, { shadow }]) =>
      shadow ? samples(shadow).map(([labels, value]): Sample => [{ name, ...labels }, value]) : [],
    );
  counter(registry, {
    name: 'twindex_gateway_shadow_searches_total',
    help: 'Searches that were also sent to the new index, by the outcome of the comparison.',
    labels: ['name', 'outcome'],
    read: perShadow((shadow) => OUTCOMES.map((outcome) => [{ outcome }, shadow[outcome]])),
  });
  counter(registry, {
    name: 'twindex_gateway_shadow_overlap_total',
    help: 'For each compared search, the share of the first ten hits that both indexes returned; this is the sum. Divide it by the number of compared searches.',
    labels: ['name'],
    read: perShadow(({ overlapSum }) => [[{}, overlapSum]]),
  });
  gauge(registry, {
    name: 'twindex_gateway_shadow_search_seconds',
    help: 'Response time of the compared searches in each index: the 50th and the 95th percentile.',
    labels: ['name', 'side', 'percentile'],
    read: perShadow(({ latency }) =>
      SIDES.flatMap((side): Sample[] => [
        [{ side, percentile: '50' }, latency[side].p50Ms / 1_000],
        [{ side, percentile: '95' }, latency[side].p95Ms / 1_000],
      ]),
    ),
  });
}
