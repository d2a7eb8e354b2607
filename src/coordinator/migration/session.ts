// Holds the state of a running coordinator: the record, the effects, and facts that are not saved because they
// are cheap to find again. `Context` documents the members that it contains.
import type { JsonObject } from '../../json/jsonTypes.js';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../../cluster/cluster.js';
import type { IndexRef } from '../../cluster/indexRef.js';
import type { EventBus } from '../../events.js';
import {
  type Replication,
  newTally,
  type Refused,
  reconcilesIds,
  type Tally,
} from '../../protocol/replication.js';
import { feed, type FeedOperation, type FeedOptions } from '../follow/feedWriter.js';
import { getDocs } from '../../documents/getDocs.js';
import { openBackfill } from './duties/openBackfill.js';
import type { Backfill } from '../backfill/backfill.js';
import type { Windows } from '../backfill/windows.js';
import type { CopyContext } from '../follow/followRange.js';
import { CopiesSeen } from '../follow/alreadyCopied.js';
import { PageReader } from '../../documents/pageReader.js';
import { followRound, type RoundResult } from '../follow/round.js';
import { isBetweenClusters, leaderOf, indexRefOf, followerOf } from '../../protocol/clusterSides.js';
import { mirrorAlias, writeAlias } from '../../protocol/names.js';
import { type MigrationRecord, other, followerIndex, type Side } from '../../protocol/record.js';
import { isLeftOut, RejectedDocuments } from '../../journal/rejectedDocuments.js';
import { once } from '../../once.js';
import { WorkersWatch } from '../../journal/workersWatch.js';
import { TwindexError } from '../../errors.js';
import type { Context } from './context.js';
import type { Effects } from './succession/effects.js';
import { Generations } from './duties/writerGenerations.js';
import { pauseAfter } from '../../protocol/holds.js';
import { ClusterWatch } from './duties/clusterWatch.js';
import { withoutRepeats } from '../../repeated.js';
import { Guardian } from './succession/guardianClient.js';
import { PaceMeter } from './duties/copyPace.js';
import { openReplication, type Shapes } from './duties/openReplication.js';
import { ProgressMeter } from './progressMeter.js';
import type { SearchCounters } from '../../cluster/indices/searchCounters.js';
import type { Declared } from './duties/targetIndex.js';
import { DocumentQueue } from '../reingest/documentQueue.js';
import { type IngestedDocument, stampsBegin } from '../../protocol/ingestedVersion.js';
import type { RecordedQuery } from '../../queries/recordedQuery.js';
import { Announcer } from './hooks/announcer.js';
import { BeforeHooks } from './hooks/beforeHooks.js';
import type { Hooks, HttpCall } from '../../schema/types.js';
import { Throttle } from '../throttle/copyThrottle.js';
import { ReadersRefresh } from './duties/readersRefresh.js';
import { findLostIndex, isMoved, misplacedAliases, movedText } from './recovery/damage.js';
import { withHistory } from '../../journal/withHistory.js';
import { type AliasesOfIndex, aliasesOfEach, indexAliases } from '../../cluster/indices/indexAliases.js';
import { putBack } from './succession/aliasMoves.js';
import { surveyIndexes } from './recovery/survey.js';
import { nextMove } from '../../protocol/states.js';
import { Reconciler } from './duties/reconciler.js';
import { now } from '../../clock.js';

export interface SessionParts {
  readonly declared: Declared | TwindexError;
  readonly cluster: Cluster;
  readonly effects: Effects;
  readonly bus: EventBus;
  readonly signal: AbortSignal;
  readonly shapes: Shapes | TwindexError;
  readonly hooks?: Hooks | undefined;
  readonly notify?: HttpCall | undefined;
  readonly queries?: () => Promise<readonly RecordedQuery[]>;
  /** Opens the source of truth at the saved position. Undefined if nothing is copied. */
  readonly openSource?: (signal: AbortSignal) => AsyncIterable<IngestedDocument>;
}

/** Objects that are created again for each token and each exchange of the roles. */
interface Open {
  readonly key: string;
  readonly replication: Replication;
  readonly reconciler: Reconciler;
  readonly seen: CopiesSeen | undefined;
  readonly reader: PageReader;
  openCopy: () => Promise<Backfill>;
  copy?: Backfill | undefined;
}

export class Session implements Context {
  readonly cluster: Cluster;
  readonly effects: Effects;
  readonly bus: EventBus;
  readonly signal: AbortSignal;
  readonly tally: Tally = newTally();
  readonly guardian: Guardian;
  readonly meter: ProgressMeter;
  readonly generations: Generations;
  readonly throttle: Throttle;
  readonly workers: WorkersWatch;
  readonly watch: ClusterWatch;
  readonly before: BeforeHooks;
  readonly announcer: Announcer;
  graceOverAt = 0;
  #soakedAt = now();
  /** No hold begins before this time, since a pause follows each hold that was given up. */
  holdNotBefore = Number.NEGATIVE_INFINITY;
  readonly pace = new PaceMeter();
  readonly readersRefresh = new ReadersRefresh();
  /** Whether the target accepts the filters of the aliases, and when this was checked. */
  filtersSeen:
    | { readonly at: number; readonly why: string | undefined; readonly counted: boolean }
    | undefined;
  aliasesSeenAt = Number.NEGATIVE_INFINITY;
  fieldsSeen: { readonly at: number; readonly mappings: JsonObject } | undefined;
  blocksSeenAt = Number.NEGATIVE_INFINITY;
  targetRestored = false;
  blocked: { readonly phase: string; readonly since: number } | undefined;
  /** After a switch: when the old leader may be written to again. `until` is this time for messages. */
  settles: { readonly at: number; readonly until: string } | undefined;
  caughtUp = false;
  isGenerationGone = false;
  /** When the last round that caught up began. */
  #caughtUpFrom = Number.NEGATIVE_INFINITY;
  /** While finalizing: the source's search counters, and since when they have not changed. */
  quietSince: { readonly counters: SearchCounters; readonly at: number } | undefined;
  readonly #declared: SessionParts['declared'];
  readonly #shapes: SessionParts['shapes'];
  readonly #notes = {
    info: withoutRepeats((text) => this.#tell(text, 'info')),
    warn: withoutRepeats((text) => this.#tell(text, 'warn')),
  };
  #open: Open | undefined;
  #opening: { readonly key: string; readonly open: () => Promise<Open> } | undefined;
  readonly rejected: () => Promise<RejectedDocuments> = once(() =>
    RejectedDocuments.load(this.cluster, this.record.id),
  );
  readonly queries: () => Promise<readonly RecordedQuery[]>;
  readonly #openSource: SessionParts['openSource'];
  readonly #sourceClosing = new AbortController();
  #source: DocumentQueue | undefined;

  constructor(parts: SessionParts) {
    this.cluster = parts.cluster;
    this.effects = parts.effects;
    this.bus = parts.bus;
    this.signal = parts.signal;
    this.#declared = parts.declared;
    this.#shapes = parts.shapes;
    this.queries = parts.queries ?? (() => Promise.resolve([]));
    this.#openSource = parts.openSource;
    const { inARow } = this.record.holds;
    if (inARow > 0) this.holdNotBefore = now() + pauseAfter(inARow);
    this.guardian = new Guardian(parts.cluster, this.record);
    this.meter = new ProgressMeter(parts.bus, this.record.name, this.record.progress);
    this.generations = new Generations(this);
    this.workers = new WorkersWatch(parts.cluster, this.record.name);
    this.throttle = new Throttle(this.source, [this.target.cluster], () => this.record.throttle);
    const note = this.note.bind(this);
    this.watch = new ClusterWatch({
      cluster: this.cluster,
      indexes: () => [this.source, this.target],
      record: () => this.record,
      note,
      stage: (patch) => this.effects.handle.stage(patch),
    });
    this.before = new BeforeHooks(parts.hooks, note);
    this.announcer = new Announcer({
      hooks: parts.hooks,
      notify: parts.notify,
      record: () => this.record,
      stage: (patch) => this.effects.handle.stage(patch),
      note,
    });
  }

  #tell(text: string, level: 'info' | 'warn'): void {
    this.bus.emit('note', { migration: this.record.name, level, text });
  }

  get record(): MigrationRecord {
    return this.effects.handle.record;
  }

  get declared(): Declared {
    return known(this.#declared);
  }

  get source(): IndexRef {
    return indexRefOf(this.cluster, this.record, 'source');
  }

  get target(): IndexRef {
    return indexRefOf(this.cluster, this.record, 'target');
  }

  get leader(): IndexRef {
    return leaderOf(this.cluster, this.record);
  }

  get follower(): IndexRef {
    return followerOf(this.cluster, this.record);
  }

  get feedOptions(): FeedOptions {
    return { signal: this.signal, around: (send) => this.effects.run('feed', send) };
  }

  note(text: string, level: 'info' | 'warn' = 'info', key = text): void {
    this.#notes[level](text, key);
  }

  async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.signal });
  }

  /** Counts the time since the last call as soak time. Time without a coordinator does not count. */
  soak(): void {
    const since = now() - this.#soakedAt;
    this.#soakedAt = now();
    const { soakLeftMs } = this.record;
    if (soakLeftMs > 0) this.effects.handle.stage({ soakLeftMs: Math.max(0, soakLeftMs - since) });
  }

  /**
   * If somebody has moved an alias, clients may have written to the follower directly, and following would
   * overwrite these writes. So the migration is halted until a person has decided.
   * @returns why the migration is halted
   * @throws TwindexError `not_found` if one of the indexes is gone
   */
  async haltIfMoved(): Promise<string | undefined> {
    if (this.record.halted) return this.record.halted.text;
    const { record } = this;
    const { source, target } = await this.#aliasNames();
    if (!source || !target) {
      const lost = findLostIndex(record, await surveyIndexes(this.cluster, record));
      if (lost) throw new TwindexError('not_found', lost.text);
      return undefined;
    }
    const names = { source, target };
    const { mode, generation } = record.writers;
    this.isGenerationGone =
      (mode !== 'none' && !names[record.leader].has(writeAlias(record.name, generation))) ||
      (mode === 'mirror' && !names[other(record.leader)].has(mirrorAlias(record.name, generation)));
    const moved = misplacedAliases(record, names).filter(isMoved);
    if (moved.length === 0) return undefined;
    return await this.halt({ for: 'aliases', text: movedText(record, moved) });
  }

  /** The aliases of each index that exists; between clusters only those that accept writes. */
  async #aliasNames(): Promise<Record<Side, ReadonlySet<string> | undefined>> {
    const { source, target } = this;
    const isBetween = isBetweenClusters(this.record);
    // Within one cluster, read both indexes in one request: two requests could find an alias on both while it
    // is being moved.
    const [ofSource, ofTarget] = isBetween
      ? await Promise.all([source, target].map(({ cluster, index }) => indexAliases(cluster, index)))
      : await aliasesOfEach(this.cluster, [source.index, target.index]);
    const namesOf = (aliases: AliasesOfIndex | undefined): ReadonlySet<string> | undefined => {
      if (!aliases) return undefined;
      const named = Object.entries(aliases);
      const counted = isBetween ? named.filter(([, { is_write_index }]) => is_write_index !== false) : named;
      return new Set(counted.map(([alias]) => alias));
    };
    return { source: namesOf(ofSource), target: namesOf(ofTarget) };
  }

  /** Halts the migration: no coordinator copies, moves or deletes anything until a person has decided. */
  async halt(halted: NonNullable<MigrationRecord['halted']>): Promise<string> {
    const { text } = halted;
    await this.stopCopy();
    await this.effects.run('halt', () =>
      this.effects.handle.save((record) => ({
        halted,
        paused: true,
        message: text,
        ...withHistory(record, `halted: ${halted.for}`, { why: text }),
      })),
    );
    this.note(text, 'warn');
    this.announcer.needsYou(text);
    return text;
  }

  /** Ends the halt, and puts the aliases back where the migration left them, as a person has requested. */
  async putAliasesBack(): Promise<void> {
    const { record } = this;
    const { source = NONE, target = NONE } = await this.#aliasNames();
    const actions = putBack(record, misplacedAliases(record, { source, target }));
    if (actions.length > 0) await this.effects.aliases('putAliasesBack', actions);
    await this.effects.run('endHalt', () =>
      this.effects.handle.save((current) => ({
        halted: null,
        message: '',
        // Verify again: somebody may have written to the follower in the meantime.
        verified: false,
        ...withHistory(current, 'the aliases are where the migration left them'),
      })),
    );
  }

  /** Runs instead of a round of following while the migration is paused. */
  async idle(): Promise<RoundResult> {
    await this.pause(500);
    return this.nothingDone();
  }

  nothingDone(): RoundResult {
    return {
      type: 'confirmed',
      cursors: [...this.record.cursors],
      caughtUp: false,
      copied: 0,
      dropped: 0,
      conflicts: 0,
      behind: 0,
    };
  }

  /** Reads the journal, since an earlier coordinator or a window in flight may have saved more documents. */
  async countBlocking(): Promise<number> {
    const rejected = await this.rejected();
    await rejected.reload();
    const { record } = this;
    const finalizes = nextMove(record).type === 'finalize';
    // Finalize deletes the source, so documents that the source rejected since the switch don't matter.
    // Documents that the target rejected before the switch are only on the source, so they block.
    return rejected.blocking(record, finalizes ? stampsBegin(record.epoch) : undefined);
  }

  async replication(): Promise<Replication> {
    return (await this.#opened()).replication;
  }

  async reconciler(): Promise<Reconciler> {
    return (await this.#opened()).reconciler;
  }

  async #opened(): Promise<Open> {
    const { leader, epoch, token } = this.record;
    const key = `${leader}:${epoch}:${token}`;
    if (this.#opening?.key !== key) this.#opening = { key, open: once(() => this.#openReplication(key)) };
    return await this.#opening.open();
  }

  async #openReplication(key: string): Promise<Open> {
    const { record } = this;
    const replication = await openReplication(this.cluster, record, known(this.#shapes), this.tally);
    const before = this.#open?.copy;
    const left = before?.left;
    // The old copy can't continue: its feed alias belongs to the earlier token, and was removed.
    void before?.close();
    const reconciler = new Reconciler(this, replication);
    const reader = new PageReader(replication.leader.cluster, 'source');
    const seen = CopiesSeen.of(replication);
    const openCopy = once(() => this.#openCopy(open, left));
    const open: Open = { key, replication, reconciler, seen, reader, openCopy };
    this.#open = open;
    return open;
  }

  async #openCopy(open: Open, left: Windows | undefined): Promise<Backfill> {
    await this.throttle.start(this.record.documents, open.replication.leader.shards);
    open.copy = await openBackfill(this, open.replication, this.#copyContext(open), left);
    return open.copy;
  }

  get pipeline(): string | undefined {
    return known(this.#shapes).pipeline;
  }

  async backfill(): Promise<Backfill> {
    return await (await this.#opened()).openCopy();
  }

  get oldestWindowAt(): number | undefined {
    const { reingest } = this.record;
    // A source of truth may yield documents in the state that they had when it was first opened, perhaps by
    // an earlier coordinator. Until it is read completely, a window may therefore be older than any given
    // time.
    if (reingest && reingest.step !== 'done') return Number.NEGATIVE_INFINITY;
    return this.#open?.copy?.oldestAt;
  }

  openSource(): DocumentQueue {
    if (this.#source) return this.#source;
    const signal = AbortSignal.any([this.signal, this.#sourceClosing.signal]);
    this.#source = new DocumentQueue(this.#openSource?.(signal) ?? nothing());
    return this.#source;
  }

  async closeSource(): Promise<void> {
    this.#sourceClosing.abort(new Error('reading has stopped'));
    await this.#source?.close();
  }

  async stopCopy(): Promise<void> {
    const open = this.#open;
    if (!open?.copy) return;
    const { copy } = open;
    // The next copy begins at the record's cursors.
    open.copy = undefined;
    open.openCopy = once(() => this.#openCopy(open, undefined));
    if (!(await copy.close())) this.effects.unanswered = true;
    this.meter.add(-copy.unconfirmed);
    this.meter.unconfirmed = 0;
  }

  /**
   * Makes a round of following. Does not save the new cursors. `mirrored`: the writers make all copies, and
   * no write bypasses them.
   */
  async follow(options: {
    readonly budgetMs: number;
    readonly unbounded?: boolean;
    readonly mirrored?: boolean;
    readonly rest?: (() => Promise<void>) | undefined;
  }): Promise<RoundResult> {
    const open = await this.#opened();
    const { replication, seen } = open;
    const began = now();
    const result = await followRound(replication, {
      ...options,
      cursors: this.record.cursors,
      seen: options.mirrored ? seen : undefined,
      ...this.#copyContext(open),
    });
    this.caughtUp = result.type === 'confirmed' && result.caughtUp;
    if (this.caughtUp) this.#caughtUpFrom = began;
    // Save this with the cursors, so that a successor also reconciles documents by their ids.
    if (this.tally.routed && !this.record.routed) this.effects.handle.stage({ routed: true });
    return result;
  }

  caughtUpSince(at: number): boolean {
    return this.#caughtUpFrom >= at;
  }

  #copyContext({ reader }: Open): CopyContext {
    return {
      reader,
      feed: this.feedOptions,
      keepRefused: (refused) => this.keepRefused(refused),
      onCopied: (documents) => {
        // During a verification, the progress shows the verified documents, not the followed ones.
        if (this.meter.task === 'copy') this.meter.add(documents);
      },
    };
  }

  async keepRefused(refused: readonly Refused[]): Promise<void> {
    const rejected = await this.rejected();
    const { leftOut, options } = this.record;
    const { maxRejected, dropRejected } = options;
    // With `dropRejected`, or after the switch, too many rejected documents do not end the run. Then there is
    // no limit: a rejected document that is not recorded would count as equal.
    const most = this.record.leader === 'source' && !dropRejected ? maxRejected : Number.POSITIVE_INFINITY;
    const kept = await this.effects.run('keepRejected', () => rejected.add(refused, most));
    const leaves =
      this.record.leader === 'source'
        ? refused.filter(({ key }) => dropRejected || isLeftOut(leftOut, key))
        : [];
    if (leaves.length > 0) {
      // Delete an older state of such a document that the target may still have.
      this.effects.handle.stage({ drops: true });
      await this.#deleteLeftOut(leaves);
    }
    if (kept === refused.length) return;
    throw new TwindexError(
      'too_many_rejected',
      `more than ${maxRejected} documents are rejected by ${followerIndex(this.record)}; the last: ` +
        `${refused.at(-1)?.key.id}: ${refused.at(-1)?.reason}. Correct the mapping or the transform: ` +
        `twindex abort ${this.record.name}, then twindex migrate ${this.record.name}. Readers and writers are not affected.`,
    );
  }

  async #deleteLeftOut(leaves: readonly Refused[]): Promise<void> {
    const replication = await this.replication();
    const deletes: FeedOperation[] = leaves.map(({ key, version }) => ({ key, version, source: undefined }));
    if (!reconcilesIds(replication)) {
      await feed(replication, deletes, this.feedOptions);
      return;
    }
    // Delete only these keys: another document with the same id may be in the same shard of the follower.
    const { cluster, index } = replication.follower;
    const docs = await getDocs(
      cluster,
      index,
      leaves.map(({ key }) => key),
      { source: false },
    );
    const theirs = deletes.flatMap(({ key, version, source }, n) => {
      const doc = docs[n];
      if (!doc?.found || doc.routing !== key.routing) return [];
      return [
        { key, source, version: doc.version !== undefined && doc.version > version ? doc.version : version },
      ];
    });
    await feed(replication, theirs, { ...this.feedOptions, orEqual: true });
  }
}

function known<T>(value: T | TwindexError): T {
  if (value instanceof TwindexError) throw value;
  return value;
}

async function* nothing(): AsyncGenerator<never> {}

const NONE: ReadonlySet<string> = new Set();
