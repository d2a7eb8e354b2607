// Carries out `twindex verify`: compares every document of the leader with the follower, and every id of the
// follower with the leader, under live writes. It writes nothing.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../../cluster/cluster.js';
import { countDocuments } from '../../cluster/documents/countDocuments.js';
import { refresh } from '../../cluster/indices/refresh.js';
import type { PageFields } from '../../cluster/documents/searchPage.js';
import { shardStats } from '../../cluster/indices/shardStats.js';
import { type Replication, keepsShards } from '../../protocol/replication.js';
import type { Hit } from '../../documents/hits.js';
import type { MigrationRecord } from '../../protocol/record.js';
import { RejectedDocuments } from '../../journal/rejectedDocuments.js';
import { spreadDocuments } from '../../documents/sampleDocuments.js';
import { PendingDifferences } from './pendingDifferences.js';
import { type VerifyFinding, Findings, type Uncompared } from './findings.js';
import type { Circumstances } from './compareDocument.js';
import { Join } from './join.js';
import { type Misfit, Misfits } from './misfits.js';
import { type Level, PageComparison } from './pageComparison.js';
import { rangesAt, rangesOf, tailsOf, walk, wholeShards } from './ranges.js';
import { SecondCheck } from './secondCheck.js';
import { compareStamps } from './stampComparison.js';
import { CoordinatorProgress } from './coordinatorProgress.js';

export interface CheckRequest {
  readonly cluster: Cluster;
  readonly record: MigrationRecord;
  readonly replication: Replication;
  readonly level: Level;
  readonly mappings?: (() => Promise<readonly string[]>) | undefined;
  /** Compares about this many documents of each index, spread over the whole index. Default: all documents. */
  readonly sample?: number | undefined;
  readonly signal: AbortSignal;
  readonly patienceMs?: number | undefined;
  readonly onFinding?: ((finding: VerifyFinding) => void) | undefined;
  /** Called once, before documents are read. @param documents the sum of both indexes */
  readonly onBegin?: ((documents: number) => void) | undefined;
  readonly onRead?: ((documents: number) => void) | undefined;
}

export interface CheckResult extends Readonly<Record<Uncompared, number>> {
  readonly compared: number;
  readonly equal: number;
  readonly different: number;
  readonly missing: number;
  readonly extra: number;
  /** The first ten findings. */
  readonly first: readonly VerifyFinding[];
  /** Documents of the leader that do not have its shape. They are not repaired. */
  readonly misfits: readonly Misfit[];
  /** One line for each difference between the mappings that the plan has not shown. */
  readonly mappings: readonly string[];
  /** False if too many differences were pending, so that reading was stopped. */
  readonly complete: boolean;
  readonly nonDeterministicId: string | undefined;
  readonly tookMs: number;
  /** The result of the second check: a sample that was read in another way, and the document counts. */
  readonly second: { readonly sampled: number; readonly counts: string; readonly wrong: readonly string[] };
}

const PATIENCE_MS = 60_000;
const LOOK_MS = 500;
/** Without a coordinator, polling ends after this many polls. Copies in flight have arrived by then. */
const IDLE_LOOKS = 4;
const MAX_PENDING = 50_000;

/** @throws TwindexError `failed` when the roles are exchanged during the check */
export async function checkIndexes(request: CheckRequest): Promise<CheckResult> {
  const began = performance.now();
  const check = new Check(request);
  await check.begin();
  if (request.sample === undefined) await check.readAll();
  else await check.readSample(request.sample);
  await check.settle(performance.now() - began);
  await check.readAgain();
  const mappings = await settledMappings(request);
  return { ...check.result(), mappings, tookMs: Math.round(performance.now() - began) };
}

const MAPPING_LOOKS = 5;

/** Polls several times, since a document that adds a field may not have arrived in the other index yet. */
async function settledMappings({ mappings, signal }: CheckRequest): Promise<readonly string[]> {
  for (let looks = 1; ; looks++) {
    const found = (await mappings?.()) ?? [];
    if (found.length === 0 || looks === MAPPING_LOOKS) return found;
    await sleep(LOOK_MS, undefined, { signal });
  }
}

/** Whether both indexes are read as streams. This is done to compare the contents of all documents. */
const isJoined = ({ level, sample }: CheckRequest): boolean => level === 'content' && sample === undefined;

class Check {
  readonly #request: CheckRequest;
  readonly #findings: Findings;
  readonly #progress: CoordinatorProgress;
  readonly #pending: PendingDifferences;
  readonly #pages: PageComparison;
  readonly #misfits: Misfits;
  readonly #circumstances: Circumstances;
  readonly #second: SecondCheck;
  #rejected: RejectedDocuments | undefined;
  #nonDeterministicId: string | undefined;
  #complete = true;

  constructor(request: CheckRequest) {
    const { cluster, record, replication, level, onFinding } = request;
    this.#request = request;
    this.#findings = new Findings(onFinding ?? (() => undefined));
    this.#progress = new CoordinatorProgress(cluster, record);
    this.#pending = new PendingDifferences({
      replication,
      progress: this.#progress,
      findings: this.#findings,
      dropsBack: record.drops && record.leader === 'target',
    });
    this.#circumstances = {
      isRejected: (key) => this.#rejected?.has(key) ?? false,
      onNonDeterministic: (id) => {
        this.#nonDeterministicId ??= id;
      },
    };
    this.#second = new SecondCheck({
      replication,
      progress: this.#progress,
      record: () => record,
      rejected: () => Promise.resolve(this.#rejected as RejectedDocuments),
    });
    this.#misfits = new Misfits(replication);
    this.#pages = new PageComparison({
      replication,
      level,
      pending: this.#pending,
      findings: this.#findings,
      circumstances: this.#circumstances,
      // A join passes every document to `Misfits` itself.
      misfits: isJoined(request) ? undefined : this.#misfits,
    });
  }

  async begin(): Promise<void> {
    const { cluster, replication, record, onBegin, sample } = this.#request;
    this.#rejected = await RejectedDocuments.load(cluster, record.id);
    const both = [replication.leader, replication.follower];
    await Promise.all(both.map((one) => refresh(one.cluster, one.index)));
    const counts = await Promise.all(both.map((one) => countDocuments(one.cluster, one.index)));
    onBegin?.(counts.reduce((sum, count) => sum + Math.min(count, sample ?? count), 0));
  }

  async readAll(): Promise<void> {
    const { replication, level } = this.#request;
    if (level === 'stamps' && keepsShards(replication)) return await this.#readStamps();
    if (isJoined(this.#request)) return await this.#join();
    await this.#walk(replication.leader, 'ids', this.#onLeader);
    await this.#walk(replication.follower, 'ids', this.#onFollower);
  }

  async #join(): Promise<void> {
    const { replication, signal, onRead } = this.#request;
    const join = new Join({
      replication,
      onEqual: (documents) => {
        this.#findings.compared += documents;
        // A pair counts as two documents, one in each index.
        onRead?.(2 * documents);
      },
      onDiffering: async (hits) => void (await this.#onLeader(hits)),
      onFollowerOnly: async (hits) => void (await this.#onFollower(hits)),
      onShaped: (hit, shaped) => this.#misfits.check(hit, shaped),
    });
    while (!join.done && this.#complete) {
      signal.throwIfAborted();
      await join.slice(LOOK_MS);
    }
  }

  async #walk(
    of: Replication['leader'],
    fields: PageFields,
    onPage: (hits: readonly Hit[]) => Promise<boolean>,
  ): Promise<void> {
    const { signal } = this.#request;
    const { cluster, index } = of;
    const upTo = await this.#maxSeqNos(of);
    const options = { cluster, index, fields, signal, onPage };
    await walk(rangesOf(wholeShards(upTo)), options);
    await refresh(cluster, index);
    await walk(tailsOf(upTo), options);
  }

  /** Refreshes the index. Then searches find all operations up to the returned `_seq_no`. */
  async #maxSeqNos({ cluster, index, shards }: Replication['leader']): Promise<number[]> {
    const maxSeqNos = (await shardStats(cluster, index, shards)).map(({ maxSeqNo }) => maxSeqNo);
    await refresh(cluster, index);
    return maxSeqNos;
  }

  /** Reads one shard at a time, because each operation of a shard takes some memory. */
  async #readStamps(): Promise<void> {
    const { signal } = this.#request;
    const { leader, follower, roleStart, backfilled } = this.#request.replication;
    const ofLeader = { ...leader, fields: 'ids', signal, onPage: this.#onLeader } as const;
    const ofFollower = { ...follower, fields: 'ids', signal, onPage: this.#onFollower } as const;
    const upToLeader = await this.#maxSeqNos(leader);
    const upToFollower = await this.#maxSeqNos(follower);
    for (const [shard, upTo] of upToLeader.entries()) {
      // Up to this `_seq_no`, documents may have been copied without a stamp.
      const after = Math.min(upTo, Math.max(roleStart[shard] ?? -1, backfilled[shard] ?? -1));
      await walk(rangesOf([{ shard, after: -1, upTo: after }]), ofLeader);
      const whole = { shard, after: -1, upTo: upToFollower[shard] as number };
      const { matched, uncopied, strange } = await compareStamps(
        this.#request,
        { shard, after, upTo },
        whole,
      );
      this.#findings.compared += matched;
      await walk(rangesAt(shard, uncopied), ofLeader);
      await walk(strange ? rangesAt(shard, strange) : rangesOf([whole]), ofFollower);
      if (!this.#complete) return;
    }
    await Promise.all([leader, follower].map(({ cluster, index }) => refresh(cluster, index)));
    await walk(tailsOf(upToLeader), ofLeader);
    await walk(tailsOf(upToFollower), ofFollower);
  }

  async readSample(count: number): Promise<void> {
    const { replication, signal } = this.#request;
    const { leader, follower } = replication;
    for await (const hits of spreadDocuments(leader.cluster, leader.index, count, signal))
      if (!(await this.#onLeader(hits))) break;
    for await (const hits of spreadDocuments(follower.cluster, follower.index, count, signal))
      if (!(await this.#onFollower(hits))) break;
  }

  /** @param tookMs how long reading took: the coordinator's comparison of ids may take as long */
  async settle(tookMs: number): Promise<void> {
    const { cluster, record, signal, patienceMs = Math.max(PATIENCE_MS, 2 * tookMs) } = this.#request;
    const end = performance.now() + patienceMs;
    for (let idle = 0; this.#pending.size > 0; ) {
      // Load the progress first: a cursor passes a rejected document only after this document is in the list of
      // rejected documents.
      await this.#progress.poll();
      this.#rejected = await RejectedDocuments.load(cluster, record.id);
      await this.#pending.check(this.#circumstances);
      if (this.#progress.idle) idle++;
      if (performance.now() > end || idle >= IDLE_LOOKS) break;
      if (this.#pending.size > 0) await sleep(LOOK_MS, undefined, { signal });
    }
    this.#pending.end();
  }

  async readAgain(): Promise<void> {
    const { cluster, record, signal, patienceMs = PATIENCE_MS } = this.#request;
    const end = performance.now() + patienceMs;
    for (let idle = 0; !this.#second.done && performance.now() <= end && idle < IDLE_LOOKS; ) {
      await this.#progress.poll();
      this.#rejected = await RejectedDocuments.load(cluster, record.id);
      await this.#second.check();
      if (this.#progress.idle) idle++;
      if (!this.#second.done) await sleep(LOOK_MS, undefined, { signal });
    }
    this.#second.end();
  }

  result(): Omit<CheckResult, 'tookMs' | 'mappings'> {
    const { compared, equal, different, missing, extra, counts, first } = this.#findings;
    return {
      compared,
      equal,
      ...counts,
      different,
      missing,
      extra,
      first,
      misfits: this.#misfits.found(),
      complete: this.#complete,
      nonDeterministicId: this.#nonDeterministicId,
      second: { sampled: this.#second.sampled, counts: this.#second.counts, wrong: this.#second.wrong },
    };
  }

  /** @returns false to stop reading */
  readonly #onLeader = async (hits: readonly Hit[]): Promise<boolean> => {
    await this.#pages.documents(hits);
    return this.#mayGoOn(hits.length);
  };

  readonly #onFollower = async (hits: readonly Hit[]): Promise<boolean> => {
    await this.#pages.ids(hits);
    return this.#mayGoOn(hits.length);
  };

  #mayGoOn(read: number): boolean {
    this.#request.onRead?.(read);
    this.#complete &&= this.#pending.size <= MAX_PENDING;
    return this.#complete;
  }
}
