// Keeps a writer's knowledge of one index that has an index file: how writes to it are handled at the moment
// (`phase`), the indexes and versions that they use (`context`), and the values for the writer's document.
import type { Cluster } from '../../../cluster/cluster.js';
import { indexRouting } from '../../../cluster/indices/indexRouting.js';
import { writeFacts } from '../../../cluster/indices/writeFacts.js';
import type { IndexRef } from '../../../cluster/indexRef.js';
import { aliasesOn } from '../../../cluster/indices/aliasesOn.js';
import { leaderOf, isBetweenClusters, followerOf, clusterSideOf } from '../../../protocol/clusterSides.js';
import { isOver, type MigrationRecord, type Side } from '../../../protocol/record.js';
import type { RoutedIndex } from '../request/clusterRouting.js';
import type { WriterMigration } from '../../../journal/writerDocuments.js';
import { DurationCounts } from '../../../metrics/durationCounts.js';
import type { IndexDefinition } from '../../../schema/types.js';
import type { Away, BreakerLimits } from '../copies/followerBreaker.js';
import { type Roles, type WritersPhase, writersPhase } from '../../../protocol/writerRoles.js';
import { readRuleOf } from '../request/readRules.js';
import { type Holding, HoldTimes } from './holdTimes.js';
import { ReadTally } from './readTally.js';
import { pipelinesOf } from '../../../protocol/pipelines.js';
import type { RunPipeline } from '../../../schema/chain.js';
import type { Resting } from '../request/managedNames.js';
import { type DocumentVersions, documentVersionsOf } from './documentVersions.js';
import type { Write } from '../request/clientRequest.js';
import { findTraces } from '../../../journal/recoverRecord.js';
import { versionInName } from '../../../protocol/indexVersion.js';
import { FollowerLink } from './followerLink.js';
import { FACTS_AGE_MS, LiveIndex, type LiveVersion } from './liveIndex.js';
import type { RoleContext } from './roleContext.js';
import { type Unmirrored, type UnmirroredIndex, unmirrored } from './unmirroredWrite.js';
import { WritesInFlight } from './writesInFlight.js';

/** A write in flight. Until `release`, its generation counts as in use, so that it is not closed. */
export interface Ticket {
  readonly context: RoleContext;
  release(): void;
}

const COUNTERS = [
  'mirrored',
  'conflicts',
  'refused',
  'unanswered',
  'bypassed',
  'richer',
  'unmerged',
] as const;
type Counter = (typeof COUNTERS)[number];

const noCounts = () => Object.fromEntries(COUNTERS.map((name) => [name, 0])) as Record<Counter, number>;

interface ManagedIndexOptions {
  /** Called when the writer should report its state to the journal soon. */
  readonly onDrained: () => void;
  /** Polls the journal at once. @returns whether the journal has answered */
  readonly poll: () => Promise<boolean>;
  readonly breaker: BreakerLimits;
  readonly onWarning: (text: string) => void;
}

export class ManagedIndex implements UnmirroredIndex {
  readonly definition: IndexDefinition;
  readonly inFlight: WritesInFlight;
  readonly poll: ManagedIndexOptions['poll'];
  readonly #cluster: Cluster;
  readonly #options: ManagedIndexOptions;
  readonly #runPipeline: RunPipeline;
  readonly #live: LiveIndex;
  readonly #shapes = new Map<number, string>();
  #counters = noCounts();
  #reads = new ReadTally();
  readonly copyDurations = new DurationCounts();
  readonly #holds = new HoldTimes();
  #record: MigrationRecord | undefined;
  #phase: WritersPhase = { type: 'idle' };
  /** Whether the aliases show a running migration that the journal lacks. Undefined until checked. */
  #isLost: boolean | undefined;
  #unpreparedShapes: DocumentVersions | undefined;
  #follower: FollowerLink | undefined;
  #context: { readonly key: string; readonly value: RoleContext; readonly at: number } | undefined;

  constructor(cluster: Cluster, definition: IndexDefinition, options: ManagedIndexOptions) {
    this.#cluster = cluster;
    this.#options = options;
    this.#runPipeline = pipelinesOf(cluster);
    this.#live = new LiveIndex(cluster, definition);
    this.inFlight = new WritesInFlight(options.onDrained);
    this.poll = options.poll;
    this.definition = definition;
  }

  get phase(): WritersPhase {
    return this.#phase;
  }

  get record(): MigrationRecord | undefined {
    return this.#record;
  }

  get holding(): Holding {
    return this.#holds.view;
  }

  get reads(): ReadTally {
    return this.#reads;
  }

  /** @returns whether names or phases may have changed */
  async update(found: MigrationRecord | undefined): Promise<boolean> {
    const before = this.#state;
    const isLost = await this.#isLostWith(found);
    // if the journal is lost, keep the last known record, since it says in which cluster each index is
    const record = isLost ? this.#record : found;
    const phase: WritersPhase = isLost ? { type: 'hold', isLost } : writersPhase(record);
    const context = phase.type === 'write' && record ? await this.#contextOf(phase.roles, record) : undefined;
    if (!record || isOver(record)) await this.#live.readSide();
    if (record?.id !== this.#record?.id) {
      this.#reads = new ReadTally();
      this.#counters = noCounts();
    }
    if (phase.type === 'idle') this.close();
    else this.#live.forget();
    this.#record = record;
    this.#phase = phase;
    this.#holds.update(phase.type === 'hold');
    this.#unpreparedShapes =
      phase.type === 'unprepared' && record ? this.#shapesOf(phase.roles, record) : undefined;
    this.#context = context;
    return this.#state !== before;
  }

  /** A text that changes whenever the names, the phases or the rules for reads may change. */
  get #state(): string {
    const record = this.#record;
    const { id, state, readers, routed, writers } = record ?? {};
    const rule = record && readRuleOf(record);
    const { type } = this.#phase;
    return JSON.stringify([
      type,
      id,
      state,
      readers,
      routed,
      writers?.generation,
      this.#context?.key,
      this.#live.side,
      rule,
    ]);
  }

  /**
   * The journal has lost a migration if the aliases show that it is running, and the journal has no record of
   * a running migration. The aliases are read at the start, and after the record of a running migration is
   * gone.
   */
  async #isLostWith(found: MigrationRecord | undefined): Promise<boolean> {
    const known = this.#record && !isOver(this.#record) ? this.#record : undefined;
    const wasAsked = this.#isLost;
    const isKnownStill = found !== undefined && (!isOver(found) || found.id === (known?.id ?? found.id));
    if (isKnownStill) this.#isLost = false;
    else if (known !== undefined || wasAsked !== false)
      // oxlint-disable-next-line twindex/atomic-updates -- polls of the journal do not overlap
      this.#isLost = (await findTraces(this.#cluster, this.definition.name)).length > 0;
    return this.#isLost ?? false;
  }

  get placed(): RoutedIndex {
    const { name, version, aliases } = this.definition;
    const record = this.#record;
    const names = { name, readAlias: aliases.read, aliases: [aliases.write], moving: false };
    if (!record || isOver(record)) {
      const at = record?.state === 'finalized' ? 'target' : this.#live.side;
      const index = record?.state === 'finalized' ? record.target.index : `${name}-v${version}`;
      const moving = this.#cluster.source !== undefined && at === 'source';
      return { ...names, indexes: [{ index, where: at }], readers: at, writers: at, moving };
    }
    return {
      ...names,
      aliases: [
        aliases.write,
        ...Object.keys(record.sourceAliases).filter((alias) => alias !== aliases.read),
      ],
      indexes: (['source', 'target'] as const).map((side) => ({
        index: record[side].index,
        where: clusterSideOf(record, side),
      })),
      moving: isBetweenClusters(record),
      readers: clusterSideOf(record, record.readers),
      writers: clusterSideOf(record, record.leader),
    };
  }

  /**
   * Used when the journal does not answer. The source is the leader while its write alias is open: a hold
   * closes the alias, which stays closed until the source is the leader again.
   */
  async isLeaderInSource(): Promise<boolean> {
    const { source } = this.#cluster;
    if (!source || this.placed.readers !== 'source') return false;
    const name = this.definition.aliases.write;
    const [alias, another] = [...((await aliasesOn(source, [name])).get(name)?.values() ?? [])];
    return alias !== undefined && another === undefined && alias.is_write_index !== false;
  }

  async #contextOf(roles: Roles, record: MigrationRecord) {
    const key = JSON.stringify(roles);
    const at = performance.now();
    const before = this.#context?.key === key ? this.#context : undefined;
    if (before && at - before.at < FACTS_AGE_MS) return before;
    const [leader, follower] = [leaderOf(this.#cluster, record), followerOf(this.#cluster, record)];
    const link = roles.mirrorAlias === undefined ? undefined : this.#linkTo(follower);
    const [facts, routing, confirmer] = await Promise.all([
      writeFacts(leader.cluster, leader.index),
      before?.value.routing ?? indexRouting(leader.cluster, leader.index),
      link?.confirmer(),
    ]);
    const leaderSide = clusterSideOf(record, record.leader);
    const shapes = before?.value.shapes ?? this.#shapesOf(roles, record);
    const { breaker } = link ?? {};
    const value = { roles, leader, follower, leaderSide, shapes, facts, routing, confirmer, breaker };
    return { key, at, value };
  }

  #shapesOf(roles: Roles, { hasTransform }: MigrationRecord): DocumentVersions {
    return documentVersionsOf(this.definition, roles, hasTransform, this.#runPipeline);
  }

  #linkTo(follower: IndexRef): FollowerLink {
    if (this.#follower?.index === follower.index) return this.#follower;
    this.close();
    const { breaker, onDrained, onWarning } = this.#options;
    this.#follower = new FollowerLink(follower, {
      breaker,
      mirrorAlias: () => (this.#phase.type === 'write' ? this.#phase.roles.mirrorAlias : undefined),
      onChange: onDrained,
      onWarning,
    });
    return this.#follower;
  }

  close(): void {
    this.#follower?.breaker.close();
    this.#follower = undefined;
  }

  get resting(): Resting {
    const { name, aliases } = this.definition;
    const names = [aliases.write, aliases.read, ...Object.keys(this.#record?.sourceAliases ?? {})];
    const owns = (index: string): boolean => index === name || versionInName(name, index) !== undefined;
    return { name, aliases: new Set(names), owns, liveVersion: () => this.knownVersion?.version };
  }

  get knownVersion(): LiveVersion | undefined {
    return this.#live.version;
  }

  async readVersion(): Promise<LiveVersion | undefined> {
    return await this.#live.readVersion(this.placed.writers);
  }

  /** Decides about a write without a ticket: it waits or is refused if the index has another shape. */
  async unmirrored(write: Pick<Write, 'action' | 'version' | 'clientIndex'>): Promise<Unmirrored> {
    return await unmirrored(this, this.#unpreparedShapes, write);
  }

  /** Counts a write without a ticket. @returns a function that ends the write and may be called twice */
  pass(): () => void {
    return this.inFlight.begin(this.#record?.writers.generation ?? 0);
  }

  /** Counts a write. Call this only in the phase `write`. */
  take(): Ticket {
    const context = this.#context?.value;
    if (!context) throw new Error(`${this.definition.name} accepts no writes now`);
    return { context, release: this.inFlight.begin(context.roles.generation) };
  }

  count(counter: Counter): void {
    this.#counters[counter]++;
  }

  sawShape(version: number): void {
    const now = Date.now();
    const seen = this.#shapes.get(version);
    if (seen === undefined || now - Date.parse(seen) > 1_000)
      this.#shapes.set(version, new Date(now).toISOString());
  }

  /**
   * The oldest generation with a write in flight; without one, the present generation. The coordinator may
   * close all generations before it.
   */
  get generation(): number {
    return Math.min(this.#record?.writers.generation ?? 0, this.inFlight.oldest);
  }

  get holds(): boolean {
    return this.#phase.type === 'hold' && this.inFlight.count === 0;
  }

  /** The number of the last move of the readers (`moves`) if each write now waits for its copy; else 0. */
  get awaitsCopies(): number {
    const does =
      this.#phase.type === 'write' &&
      this.#phase.roles.followerIsRead &&
      !this.inFlight.hasUnawaitedCopies &&
      !this.away;
    return does ? this.moves : 0;
  }

  get away(): Away | undefined {
    return this.#follower?.breaker.away;
  }

  get readers(): Side {
    return this.#record?.readers ?? 'source';
  }

  get moves(): number {
    return this.#record?.writers.moves ?? 0;
  }

  view(): WriterMigration {
    const { generation, holds, awaitsCopies, readers, moves, away = null } = this;
    const shapes = Object.fromEntries(this.#shapes);
    const counts = { ...this.#counters, ...this.#reads.view() };
    return { generation, holds, awaitsCopies, readers, moves, away, shapes, ...counts };
  }
}
