// The points of the plots of one migration. The journal has only the present figures, so the dashboard keeps those that
// it has seen. A long migration has coarser points in its older part. Pure.
import type { MigrationRecord } from '../protocol/record.js';
import type { WriterDocument } from '../journal/writerDocuments.js';
import type { Sample } from './pageTypes.js';

/** More points than pixels show nothing more. */
const MOST = 1_200;

export interface NumberedSample {
  readonly version: number;
  readonly sample: Sample;
}

export class SampleSeries {
  /** The id of the migration, since the next one of the same name has plots of its own. */
  readonly migration: string;
  #samples: NumberedSample[] = [];

  constructor(migration: string) {
    this.migration = migration;
  }

  /** @param version of the state of the dashboard, so that a page gets only points that it does not have */
  add(sample: Sample, version: number): void {
    const last = this.#samples.at(-1);
    if (last && last.sample.at >= sample.at) return;
    this.#samples.push({ version, sample });
    if (this.#samples.length > MOST) this.#thinOut();
  }

  after(version: number): Sample[] {
    return this.#samples.filter((one) => one.version > version).map(({ sample }) => sample);
  }

  /** Leaves out every other point of the older half. */
  #thinOut(): void {
    const half = this.#samples.length / 2;
    this.#samples = this.#samples.filter((_, n) => n >= half || n % 2 === 0);
  }
}

/** The average time of a search of each index since the last look, in ms; null without searches. */
export interface SearchTimes {
  readonly sourceMs: number | null;
  readonly targetMs: number | null;
}

export const NO_TIMES: SearchTimes = { sourceMs: null, targetMs: null };

export function sampleOf(record: MigrationRecord, times: SearchTimes): Sample {
  const { progress, lag, updatedAt } = record;
  const { task, done, total, rate } = progress;
  return {
    at: Date.parse(updatedAt) / 1_000,
    copyRate: task === 'copy' ? rate : null,
    verifyRate: task === 'verify' ? rate : null,
    percent: task === '' || !total ? null : Math.min(100, (100 * done) / total),
    limit: task === 'copy' ? limitOf(record) : null,
    lagMs: lag && record.state !== 'copying' ? lag.lagMs : null,
    ...times,
  };
}

const LIMIT = /^([\d,]+) documents\/s at most/;

/** The journal has the limit of the automatic throttle only in the text that people read. */
export function limitOf({
  throttle,
  throttled,
}: Pick<MigrationRecord, 'throttle' | 'throttled'>): number | null {
  if (throttle.paused) return 0;
  const [, automatic] = LIMIT.exec(throttled) ?? [];
  return automatic === undefined ? throttle.maxDocsPerSecond : Number(automatic.replaceAll(',', ''));
}

/** The times that gateways measure when they send searches to both indexes (`twindex reads --shadow`). */
export function shadowTimes(writers: readonly WriterDocument[], name: string): SearchTimes {
  const measured = writers.flatMap(({ migrations }) => migrations[name]?.shadow ?? []);
  if (measured.length === 0) return NO_TIMES;
  const worst = (of: (shadow: (typeof measured)[number]) => number): number => Math.max(...measured.map(of));
  return {
    sourceMs: worst(({ latency }) => latency.source.p95Ms),
    targetMs: worst(({ latency }) => latency.target.p95Ms),
  };
}
