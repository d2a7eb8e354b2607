// Shows the gateways, client libraries and workers of a migration as text.
import { formatAgo } from '../../duration.js';
import type { MigrationStatus } from '../../coordinator/migration/steering/getStatus.js';
import { other } from '../../protocol/record.js';
import { count, number } from '../../words.js';

/** One line for each gateway and client library: its state, the document versions that it sends, and its copies. */
export function writerLines(
  {
    name,
    record,
    writers,
    pastWriters,
  }: Pick<MigrationStatus, 'name' | 'record' | 'writers' | 'pastWriters'>,
  now: number,
): [string, string][] {
  const ago = (at: string): string => formatAgo(now - Date.parse(at));
  const lines = writers.map((writer): [string, string] => {
    const { type, host, pid, updatedAt } = writer;
    const seen = writer.migrations[name];
    const shapes = Object.keys(seen?.shapes ?? {}).map((version) => `v${version}`);
    const does = seen?.holds
      ? 'holds writes'
      : seen && seen.generation > 0
        ? `generation ${seen.generation}`
        : 'forwards writes unchanged';
    const copies = seen ? `, ${number(seen.mirrored)} copies` : '';
    const refused = seen && seen.refused > 0 ? `, ${number(seen.refused)} refused` : '';
    const away = seen?.away
      ? `, sends no copies to ${record[other(record.leader)].index} since ${ago(seen.away.since)} (${seen.away.reason}); the coordinator copies its writes instead`
      : '';
    const speaks = shapes.length > 0 ? `, writes ${shapes.join(' and ')}` : '';
    return [
      '',
      `${type} ${pid} on ${host}: ${does}${speaks}${copies}${refused}${away} (last sign ${ago(updatedAt)})`,
    ];
  });
  if (lines.length === 0) return [];
  const { mode, version } = record.writers;
  const past = pastWriters > 0 ? `; at least ${count(pastWriters, 'document')} bypassed the gateways` : '';
  return [['writer mode', `${mode}; writes that name no version count as v${version}${past}`], ...lines];
}

export function workerLines({ record, workers }: MigrationStatus, now: number): [string, string][] {
  return workers.map(({ pid, host, windows, comparisons, docsPerSecond, updatedAt }, n): [string, string] => {
    const ours = windows.filter(({ migration }) => migration === record.id).length;
    const differing = comparisons.find(
      ({ migration, result }) => migration === record.id && result === 'differs',
    );
    const does = differing?.reason ?? `${count(ours, 'window')}, ${number(docsPerSecond)} documents/s in all`;
    const sign = formatAgo(now - Date.parse(updatedAt));
    return [n === 0 ? 'workers' : '', `${pid} on ${host}: ${does} (last sign ${sign})`];
  });
}
