// Polls the journal for all open pages, and gives each change a version number. A page asks for everything
// that is newer than the version that it has. So a page that was disconnected, or is slow, gets all changes
// in one update.
import { setTimeout as sleep } from 'node:timers/promises';
import { readBoth } from '../api/readStatus.js';
import type { Cluster } from '../cluster/cluster.js';
import {
  getLost,
  getOverview,
  getStatus,
  type MigrationStatus,
} from '../coordinator/migration/steering/getStatus.js';
import { messageOf } from '../errors.js';
import { isOver, type MigrationRecord } from '../protocol/record.js';
import { isPattern } from '../schema/family.js';
import { detailOf } from './migrationDetail.js';
import { lostRow, rowOf } from './overviewRow.js';
import type { Detail, Request, Row, Update } from './pageTypes.js';
import { NO_TIMES, type SearchTimes, SampleSeries, sampleOf, shadowTimes } from './sampleSeries.js';
import { SearchClock } from './searchClock.js';
import { Versioned } from './versioned.js';

const READ_EVERY_MS = 1_000;
/** Poll interval while no page is open. These polls only record points for the plots. */
const IDLE_EVERY_MS = 5_000;
/** The shortest pause between two polls, even if pages are opened one after the other. */
const LEAST_REST_MS = 200;
/** Polling very many migrations takes long. The pause after a poll is this many times as long as the poll. */
const REST_FACTOR = 5;
/** After this time a part of the cluster counts as not answering. */
const TROUBLES_MS = 5_000;
const MOST_REQUESTS = 100;
/** How many plots are kept at most. The oldest are removed first. */
const MOST_SERIES = 1_000;
/** The id of a migration's document contains its name, and the engines refuse ids of more than 512 bytes. */
const MOST_NAME_BYTES = 500;

interface Found {
  readonly status?: MigrationStatus | undefined;
  readonly times?: SearchTimes;
  readonly trouble?: string;
}

export class JournalWatch {
  readonly #cluster: Cluster;
  readonly #rows = new Versioned<Row>();
  readonly #details = new Versioned<Detail | null>();
  readonly #requests = new Versioned<Request>();
  readonly #series = new Map<string, SampleSeries>();
  /** Why the details of a migration could not be read. Other migrations are shown all the same. */
  readonly #troubles = new Map<string, string>();
  readonly #clocks = new Map<string, SearchClock>();
  /** How many pages show a migration. */
  readonly #watched = new Map<string, number>();
  readonly #listeners = new Set<() => void>();
  readonly #stopping = new AbortController();
  #nudge = new AbortController();
  #version = 1;
  #trouble = '';
  #readAt: string | null = null;
  #running: Promise<void> | undefined;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  get version(): number {
    return this.#version;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#nudge.abort();
    await this.#running;
  }

  /** @param name the migration that the page shows @param listener called after each poll of the journal */
  watch(name: string | undefined, listener: () => void): () => void {
    this.#listeners.add(listener);
    if (name !== undefined) this.#watched.set(name, (this.#watched.get(name) ?? 0) + 1);
    this.pollNow();
    return () => {
      this.#listeners.delete(listener);
      if (name !== undefined) this.#forget(name);
    };
  }

  #forget(name: string): void {
    const left = (this.#watched.get(name) ?? 1) - 1;
    if (left > 0) return void this.#watched.set(name, left);
    this.#watched.delete(name);
    this.#clocks.delete(name);
    this.#details.forget(name);
    this.#troubles.delete(name);
  }

  /** Polls at once, without waiting for the next turn. */
  pollNow(): void {
    this.#nudge.abort();
  }

  /** Records a request to this dashboard, or its outcome. */
  note(request: Request): void {
    this.#requests.set(String(request.id), request, ++this.#version);
    this.#requests.keepLatest(MOST_REQUESTS);
    this.#tell();
  }

  /** All changes that are newer than a version. @param version 0 for everything */
  updateSince(version: number, name?: string): Update {
    const detail = name === undefined ? undefined : this.#details.get(name);
    const isNew = detail !== undefined && detail.version > version;
    return {
      whole: version === 0,
      now: new Date().toISOString(),
      rows: this.#rows.after(version),
      gone: this.#rows.goneAfter(version),
      trouble: this.#trouble || this.#troubleOf(name),
      readAt: this.#readAt,
      requests: this.#requests.after(version),
      ...(isNew ? { detail: detail.value } : {}),
      ...(name === undefined ? {} : { samples: this.#series.get(name)?.after(version) ?? [] }),
      ...(name === undefined ? {} : { timesFrom: this.#clocks.get(name)?.from ?? 'engine' }),
    };
  }

  #troubleOf(name: string | undefined): string {
    return name === undefined ? '' : (this.#troubles.get(name) ?? '');
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      this.#nudge = new AbortController();
      const began = performance.now();
      try {
        await this.#poll();
        this.#trouble = '';
        this.#readAt = new Date().toISOString();
      } catch (error) {
        this.#trouble = messageOf(error);
      }
      this.#tell();
      await this.#rest(performance.now() - began);
    }
  }

  async #rest(tookMs: number): Promise<void> {
    const wanted = this.#listeners.size > 0 ? READ_EVERY_MS : IDLE_EVERY_MS;
    const stopped = this.#stopping.signal;
    const rest = async () => {
      await sleep(LEAST_REST_MS, undefined, { signal: stopped });
      const signal = AbortSignal.any([this.#nudge.signal, stopped]);
      await sleep(Math.max(wanted, REST_FACTOR * tookMs) - LEAST_REST_MS, undefined, { signal });
    };
    await rest().catch(() => undefined);
  }

  async #poll(): Promise<void> {
    const cluster = this.#cluster;
    const names = [...this.#watched.keys()];
    const overviews = readBoth(getOverview(cluster, undefined, TROUBLES_MS), getLost(cluster));
    const [{ read, lost }, statuses] = await Promise.all([
      overviews,
      Promise.all(names.map((name) => this.#tryStatusOf(name))),
    ]);
    const now = Date.now();
    const version = ++this.#version;
    const rows = [...read.map((one) => rowOf(one, now)), ...lost.map(lostRow)];
    this.#rows.replace(new Map(rows.map((row) => [row.name, row])), version);
    for (const [n, name] of names.entries()) {
      const { status, times, trouble } = statuses[n] ?? {};
      // a page may have been closed meanwhile
      if (!this.#watched.has(name)) continue;
      if (trouble === undefined) {
        this.#troubles.delete(name);
        this.#details.set(name, status ? detailOf(status, now) : null, version);
      } else this.#troubles.set(name, trouble);
      if (status) this.#addSample(status.record, times ?? NO_TIMES, version);
    }
    for (const { record } of read)
      if (!this.#watched.has(record.name)) this.#addSample(record, NO_TIMES, version);
  }

  async #tryStatusOf(name: string): Promise<Found> {
    try {
      return await this.#statusOf(name);
    } catch (error) {
      return { trouble: messageOf(error) };
    }
  }

  async #statusOf(name: string): Promise<Found> {
    // a pattern would read the whole status of every migration that it matches
    if (isPattern(name) || Buffer.byteLength(name) > MOST_NAME_BYTES) return {};
    const [status] = await getStatus(this.#cluster, name, TROUBLES_MS);
    if (!status || isOver(status.record)) return { status };
    const clock = this.#clocks.get(name) ?? new SearchClock(this.#cluster);
    this.#clocks.set(name, clock);
    return { status, times: await clock.read(status.record, shadowTimes(status.writers, name)) };
  }

  #addSample(record: MigrationRecord, times: SearchTimes, version: number): void {
    if (isOver(record)) return;
    const known = this.#series.get(record.name);
    const series = known?.migration === record.id ? known : new SampleSeries(record.id);
    this.#series.set(record.name, series);
    series.add(sampleOf(record, times), version);
    if (this.#series.size > MOST_SERIES) this.#series.delete([...this.#series.keys()][0] as string);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
