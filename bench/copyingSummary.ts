// Formats the table for one combination of documents and shards.
import { copiedBy, type Figures, type Measurements } from './copying.js';
import { median, table } from './results.js';
import type { Way } from './way.js';

const HEAD = [
  'way',
  'documents/s',
  'to slices=1',
  'to the best _reindex',
  'copier CPU s',
  'engine CPU s',
  'copier peak MiB',
];

export function summary(
  ways: readonly Way[],
  { figures, failures }: Measurements,
  documents: number,
): string {
  const measured = ways.filter(({ name }) => (figures.get(name) ?? []).length > 0);
  const speedsOf = (name: string): number[] => (figures.get(name) ?? []).map(({ perSecond }) => perSecond);
  const one = median(speedsOf('_reindex slices=1'));
  const reindexes = measured.map(({ name }) => name).filter((name) => name.startsWith('_reindex'));
  const best = Math.max(...reindexes.map((name) => median(speedsOf(name))));
  const rows = measured.map((way) => {
    const speeds = speedsOf(way.name);
    const middle = (pick: (one: Figures) => number | undefined, digits: number): string => {
      const values = (figures.get(way.name) ?? []).map(pick).filter((value) => value !== undefined);
      return values.length === 0 ? '-' : median(values).toFixed(digits);
    };
    const copied = copiedBy(way, documents);
    return [
      copied === documents ? way.name : `${way.name}, ${whole(copied)} documents`,
      `${whole(median(speeds))} (${whole(Math.min(...speeds))} to ${whole(Math.max(...speeds))})`,
      ratio(median(speeds), one),
      ratio(median(speeds), best),
      middle(({ copierCpu }) => copierCpu, 1),
      middle(({ engineCpu }) => engineCpu, 1),
      middle(({ copierPeakMb }) => copierPeakMb, 0),
    ];
  });
  return [...failures.map((failure) => `- ${failure}`), '', table(HEAD, rows)].join('\n').trim();
}

function ratio(speed: number, base: number): string {
  return Number.isFinite(base) ? (speed / base).toFixed(2) : '-';
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}
