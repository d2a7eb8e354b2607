// Keeps the points of the plots of one migration, since the journal has only the present values. In a long
// migration, the older points are further apart. Pure.
import type { MigrationRecord } from '../protocol/record.js';
import type { WriterDocument } from '../journal/writerDocuments.js';
import type { Sample } from './pageTypes.js';

/** Limit for the number of points. A plot has about as many pixels. */
const MOST = 1_200;

export interface NumberedSample {
  readonly version: number;
  readonly sample: Sample;
}

export class SampleSeries {
  /** The id of the migration, since the next migration of the same name gets plots of its own. */
  readonly migration: string;
  #samples: NumberedSample[] = [];

  constructor(migration: string) {
    this.migration = migration;
  }

  /** @param version of the dashboard's state. A page that has this version already has the point, see `after` */
  add(sample: Sample, version: number): void {
    const last = this.#samples.at(-1);
    if (last && last.sample.at >= sample.at) return;
    this.#samples.push({ version, sample });
    if (this.#samples.length > MOST) this.#thinOut();
  }

  after(version: number): Sample[] {
    return this.#samples.filter((one) => one.version > version).map(({ sample }) => sample);
  }

  /** Removes every other point of the older half. */
  #thinOut(): void {
    const half = this.#samples.length / 2;
    this.#samples = this.#samples.filter((_, n) => n >= half || n % 2 === 0);
  }
}

/** The time of a search on each index in ms: the average since the last poll, or the gateways' p95. Null: unknown. */
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

/** The highest rate of the copy, in documents/s. The journal has an automatic limit only as part of a text. */
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
