// Shows how gateways route searches, and the results of their shadow reads.
import type { ReadsView, ShadowView } from '../../journal/writerDocuments.js';
import type { MigrationStatus } from '../../coordinator/migration/steering/getStatus.js';
import { worstOf } from '../../writers/mirror/lease/readTally.js';
import { shareText } from './share.js';
import { number } from '../../words.js';

type Seen = Pick<MigrationStatus, 'name' | 'record' | 'writers'>;

/** The numbers of all gateways, added up. */
export function readsSeen({ name, writers }: Pick<Seen, 'name' | 'writers'>): ReadsView {
  const views = writers.flatMap(({ migrations }) => migrations[name] ?? []);
  const shadows = views.flatMap(({ shadow }) => shadow ?? []);
  const sum = (of: (view: ReadsView) => number): number => views.reduce((all, view) => all + of(view), 0);
  return {
    recorded: sum(({ recorded }) => recorded),
    canary: sum(({ canary }) => canary),
    shadow: shadows.length > 0 ? together(shadows) : null,
  };
}

/** Empty if gateways forward searches unchanged, and have done so during the whole migration. */
export function readsLines(status: Seen): [string, string][] {
  const { record, shadow, canary, sticky } = status.record.reads;
  const seen = readsSeen(status);
  const isAsked = record > 0 || shadow > 0 || canary > 0;
  if (!isAsked && seen.recorded === 0 && seen.canary === 0 && !seen.shadow) return [];
  const { source, target } = status.record;
  const by = sticky === null ? '' : `, by ${sticky}`;
  const asked = `${shareText(record)} recorded, ${shareText(shadow)} sent to ${target.index} as well, ${shareText(canary)} answered by it${by}`;
  const facts = [
    ...(seen.recorded > 0 ? [`${number(seen.recorded)} recorded`] : []),
    ...(seen.canary > 0 ? [`${number(seen.canary)} answered by ${target.index}`] : []),
  ];
  const hasGateway = status.writers.some(({ type }) => type === 'gateway');
  const lines = [
    asked,
    ...(hasGateway ? [] : ['no gateway is registered, so these shares have no effect']),
    ...(facts.length > 0 ? [facts.join(', ')] : []),
  ];
  if (seen.shadow) lines.push(...shadowLines(seen.shadow, source.index, target.index));
  return lines.map((text, n) => [n === 0 ? 'reads' : '', text]);
}

function shadowLines(shadow: ShadowView, source: string, target: string): string[] {
  const { compared, errors, skipped, overlapSum, totalsDiffer, aggregationsDiffer, worst, latency } = shadow;
  const alike =
    compared > 0 ? `: ${shareText(overlapSum / compared)} of the first ten hits are in both indexes` : '';
  const more = [
    [totalsDiffer, 'with another total of hits'],
    [aggregationsDiffer, 'with other aggregations'],
    [errors, 'failed'],
    [skipped, 'skipped'],
  ] as const;
  const counts = more.filter(([count]) => count > 0).map(([count, what]) => `, ${number(count)} ${what}`);
  const times = ([index, { p50Ms, p95Ms }]: readonly [string, typeof latency.source]): string =>
    `${index} p50 ${p50Ms} ms, p95 ${p95Ms} ms`;
  return [
    `${number(compared)} compared${alike}${counts.join('')}`,
    ...(compared > 0
      ? [[[source, latency.source] as const, [target, latency.target] as const].map(times).join('; ')]
      : []),
    ...worst.map(({ path, body, overlapAt10, error }) =>
      `${error ?? shareText(overlapAt10)}: ${path} ${oneLine(body)}`.trim(),
    ),
  ];
}

function together(all: readonly ShadowView[]): ShadowView {
  const sum = (of: (shadow: ShadowView) => number): number => all.reduce((sums, one) => sums + of(one), 0);
  // the value of the slowest gateway, since percentiles cannot be added
  const most = (of: (shadow: ShadowView) => number): number => Math.max(...all.map(of));
  return {
    compared: sum(({ compared }) => compared),
    errors: sum(({ errors }) => errors),
    skipped: sum(({ skipped }) => skipped),
    overlapSum: sum(({ overlapSum }) => overlapSum),
    totalsDiffer: sum(({ totalsDiffer }) => totalsDiffer),
    aggregationsDiffer: sum(({ aggregationsDiffer }) => aggregationsDiffer),
    worst: worstOf(all.flatMap(({ worst }) => worst)),
    latency: {
      source: {
        p50Ms: most(({ latency }) => latency.source.p50Ms),
        p95Ms: most(({ latency }) => latency.source.p95Ms),
      },
      target: {
        p50Ms: most(({ latency }) => latency.target.p50Ms),
        p95Ms: most(({ latency }) => latency.target.p95Ms),
      },
    },
  };
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
