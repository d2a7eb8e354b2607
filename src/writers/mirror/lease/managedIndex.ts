// A writer's knowledge of one managed index: its phase, the context for writes, and the writes in flight.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../../../cluster/cluster.js';
import { indexRouting } from '../../../cluster/indices/indexRouting.js';
import { once } from '../../../once.js';
import { writeFacts } from '../../../cluster/indices/writeFacts.js';
import { aliasesOn } from '../../../cluster/indices/aliasesOn.js';
import { listAliases } from '../../../cluster/indices/listAliases.js';
import type { IndexRef, ClusterSide } from '../../../cluster/indexRef.js';
import { leaderOf, isBetweenClusters, followerOf, clusterSideOf } from '../../../protocol/clusterSides.js';
import { isOver, type MigrationRecord, type Side } from '../../../protocol/record.js';
import type { RoutedIndex } from '../request/clusterRouting.js';
import type { WriterMigration } from '../../../journal/writerDocuments.js';
import { DurationCounts } from '../../../metrics/durationCounts.js';
import type { IndexDefinition } from '../../../schema/types.js';
import { CopyConfirmer } from '../copies/copyConfirmer.js';
import { type Away, type BreakerLimits, FollowerBreaker } from '../copies/followerBreaker.js';
import { probeOf, takesWrites } from '../request/probe.js';
import { type Roles, type WritersPhase, writersPhase } from '../../../protocol/writerRoles.js';
import { readRuleOf } from '../request/readRules.js';
import { type Holding, HoldTimes } from './holdTimes.js';
import { ReadTally } from './readTally.js';
import { pipelinesOf } from '../../../protocol/pipelines.js';
import { type RunPipeline, transformChain } from '../../../schema/chain.js';
import type { Resting } from '../request/managedNames.js';
import { type DocumentVersions, documentVersionsOf } from './documentVersions.js';
import { illegal } from '../request/decisions.js';
import { type EngineError, notPrepared } from '../request/engineError.js';
import type { Write } from '../request/clientRequest.js';
import { getIndexes } from '../../../cluster/indices/getIndex.js';
import { messageOf } from '../../../errors.js';
import { findTraces } from '../../../journal/recoverRecord.js';
import { liveVersion, versionInName } from '../../../protocol/indexVersion.js';
import type { RoleContext } from './roleContext.js';

/** A write in flight. Until `release`, its generation counts as in use, so that it is not closed. */
export interface Ticket {
  readonly context: RoleContext;
  release(): void;
}

interface OpeningConfirmer {
  readonly index: string;
  readonly opened: Promise<CopyConfirmer>;
  value: CopyConfirmer | undefined;
}

/** Facts about an index are read again after this time, since anybody may change pipelines and aliases. */
const FACTS_AGE_MS = 2_000;
const CONFIRMER_MS = 500;

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
  readonly onDrained: () => void;
  /** Polls the journal at once. @returns whether the journal has answered */
  readonly look: () => Promise<boolean>;
  readonly breaker: BreakerLimits;
  readonly onWarning: (text: string) => void;
}

export class ManagedIndex {
  readonly definition: IndexDefinition;
  readonly #cluster: Cluster;
  readonly #runPipeline: RunPipeline;
  readonly #onDrained: () => void;
  readonly #look: () => Promise<boolean>;
  readonly #onWarning: (text: string) => void;
  readonly #breakerLimits: BreakerLimits;
  readonly #inFlight = new Map<number, number>();
  readonly #shapes = new Map<number, string>();
  #counters = noCounts();
  #reads = new ReadTally();
  readonly copyDurations = new DurationCounts();
  readonly #holds = new HoldTimes();
  #record: MigrationRecord | undefined;
  #unawaitedCopies = 0;
  #phase: WritersPhase = { type: 'idle' };
  /** The aliases show a running migration, but the journal has lost it. Undefined until this is checked. */
  #isLost: boolean | undefined;
  #unpreparedShapes: DocumentVersions | undefined;
  /** The index behind the write alias when the alias was last read. Set only while there is no migration. */
  #live: { readonly value: LiveVersion | undefined; readonly at: number } | undefined;
  #liveSide: ClusterSide;
  #liveSideReadAt = Number.NEGATIVE_INFINITY;
  #confirmer: OpeningConfirmer | undefined;
  #breaker: { readonly index: string; readonly value: FollowerBreaker } | undefined;
  #context: { readonly key: string; readonly value: RoleContext; readonly at: number } | undefined;

  constructor(
    cluster: Cluster,
    definition: IndexDefinition,
    { onDrained, look, breaker, onWarning }: ManagedIndexOptions,
  ) {
    this.#cluster = cluster;
    this.#liveSide = cluster.source ? 'source' : 'target';
    this.#runPipeline = pipelinesOf(cluster);
    this.definition = definition;
    this.#onDrained = onDrained;
    this.#look = look;
    this.#breakerLimits = breaker;
    this.#onWarning = onWarning;
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
    const isLost = await this.#isLostWith(found);
    // keep the last known record, since it says where the indexes are
    const record = isLost ? this.#record : found;
    const phase: WritersPhase = isLost ? { type: 'hold', isLost } : writersPhase(record);
    const context = phase.type === 'write' && record ? await this.#contextOf(phase.roles, record) : undefined;
    const liveAt = await this.#findLiveSide(record);
    const changed =
      keyOf(this.#record, this.#phase, this.#context?.key) !== keyOf(record, phase, context?.key) ||
      liveAt !== this.#liveSide;
    if (record?.id !== this.#record?.id) {
      this.#reads = new ReadTally();
      this.#counters = noCounts();
    }
    if (phase.type === 'idle') this.#breakerOf(undefined);
    this.#record = record;
    this.#phase = phase;
    this.#holds.update(phase.type === 'hold');
    this.#unpreparedShapes =
      phase.type === 'unprepared' && record
        ? documentVersionsOf(this.definition, phase.roles, record.hasTransform, this.#runPipeline)
        : undefined;
    if (phase.type !== 'idle') this.#live = undefined;
    this.#context = context;
    this.#liveSide = liveAt;
    return changed;
  }

  /**
   * The journal has lost a running migration if it has no record of its end, but the aliases show that it
   * still runs. The aliases are read at the start, and after a running migration's record has disappeared.
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
      const at = record?.state === 'finalized' ? 'target' : this.#liveSide;
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
   * Used when the journal does not answer. The source leads while its write alias is open: a hold closes the
   * alias, which stays closed until the writers are on the source again.
   */
  async isLeaderInSource(): Promise<boolean> {
    const { source } = this.#cluster;
    if (!source || this.placed.readers !== 'source') return false;
    const name = this.definition.aliases.write;
    const [alias, another] = [...((await aliasesOn(source, [name])).get(name)?.values() ?? [])];
    return alias !== undefined && another === undefined && alias.is_write_index !== false;
  }

  /** Without a migration, the index is in the cluster that has the write alias. */
  async #findLiveSide(record: MigrationRecord | undefined): Promise<ClusterSide> {
    const { source } = this.#cluster;
    if (!source || (record && !isOver(record))) return this.#liveSide;
    const at = performance.now();
    if (at - this.#liveSideReadAt < FACTS_AGE_MS) return this.#liveSide;
    this.#liveSideReadAt = at;
    const here = await listAliases(this.#cluster, [this.definition.aliases.write]);
    return here.length > 0 ? 'target' : 'source';
  }

  async #contextOf(roles: Roles, record: MigrationRecord) {
    const key = JSON.stringify(roles);
    const before = this.#context;
    const at = performance.now();
    if (before?.key === key && at - before.at < FACTS_AGE_MS) return before;
    const { definition } = this;
    const [leader, follower] = [leaderOf(this.#cluster, record), followerOf(this.#cluster, record)];
    const [facts, routing, confirmer] = await Promise.all([
      writeFacts(leader.cluster, leader.index),
      before?.key === key ? before.value.routing : indexRouting(leader.cluster, leader.index),
      roles.mirrorAlias === undefined ? undefined : this.#confirmerOf(follower),
    ]);
    const shapes =
      before?.key === key
        ? before.value.shapes
        : documentVersionsOf(definition, roles, record.hasTransform, this.#runPipeline);
    return {
      key,
      at,
      value: {
        roles,
        leader,
        follower,
        leaderSide: clusterSideOf(record, record.leader),
        shapes,
        facts,
        routing,
        confirmer,
        breaker: roles.mirrorAlias === undefined ? undefined : this.#breakerOf(follower),
      },
    };
  }

  /** Waits only briefly for the confirmer, since writes continue while the follower is away. */
  async #confirmerOf(follower: IndexRef): Promise<CopyConfirmer | undefined> {
    if (this.#confirmer?.index !== follower.index) {
      const opening: OpeningConfirmer = {
        index: follower.index,
        opened: CopyConfirmer.open(follower),
        value: undefined,
      };
      this.#confirmer = opening;
      void this.#keepConfirmer(opening);
    }
    const { opened, value } = this.#confirmer;
    if (value) return value;
    await Promise.race([opened.catch(() => undefined), sleep(CONFIRMER_MS)]);
    return this.#confirmer?.value;
  }

  #breakerOf(follower: IndexRef | undefined): FollowerBreaker | undefined {
    if (this.#breaker && this.#breaker.index === follower?.index) return this.#breaker.value;
    this.#breaker?.value.close();
    this.#breaker = undefined;
    if (!follower) return undefined;
    const { cluster, index } = follower;
    const shardProbes = once(async () => probeOf(await indexRouting(cluster, index)));
    const value = new FollowerBreaker({
      ...this.#breakerLimits,
      probe: async () => {
        const alias = this.#phase.type === 'write' ? this.#phase.roles.mirrorAlias : undefined;
        return alias !== undefined && (await takesWrites(cluster, alias, await shardProbes()));
      },
      onChange: () => {
        const { away } = value;
        this.#onWarning(
          away
            ? `${index} takes no copies (${away.reason}): writes are acknowledged without it, and following brings them`
            : `${index} takes copies again`,
        );
        this.#onDrained();
      },
    });
    this.#breaker = { index, value };
    return value;
  }

  close(): void {
    this.#breakerOf(undefined);
  }

  /** After a failure, the next `#confirmerOf` opens another confirmer. */
  async #keepConfirmer(opening: OpeningConfirmer): Promise<void> {
    try {
      opening.value = await opening.opened;
    } catch {
      if (this.#confirmer === opening) this.#confirmer = undefined;
    }
  }

  get resting(): Resting {
    const { name, aliases } = this.definition;
    const names = [aliases.write, aliases.read, ...Object.keys(this.#record?.sourceAliases ?? {})];
    const owns = (index: string): boolean => index === name || versionInName(name, index) !== undefined;
    return { name, aliases: new Set(names), owns, liveVersion: () => this.#knownLive?.version };
  }

  get #knownLive(): LiveVersion | undefined {
    const live = this.#live;
    return live && performance.now() - live.at < FACTS_AGE_MS ? live.value : undefined;
  }

  /** Decides about a write without a ticket. It waits, or is refused, if the index has another shape. */
  async unmirrored(write: Pick<Write, 'action' | 'version' | 'clientIndex'>): Promise<Unmirrored> {
    const { version, clientIndex } = write;
    const { name } = this.definition;
    if (this.#phase.type === 'unprepared') {
      const { roles } = this.#phase;
      const waits: Unmirrored = { type: 'waits', error: notPrepared(name, version ?? roles.unnamedVersion) };
      if (clientIndex === roles.follower) return waits;
      if (write.action === 'delete') return PASSED_THROUGH;
      const form = (this.#unpreparedShapes as DocumentVersions).versionOf(version);
      if (form.type === 'unknown') return { type: 'refused', error: illegal(form.reason) };
      return form.type === 'leader' ? PASSED_THROUGH : waits;
    }
    if (this.#phase.type !== 'idle') return { type: 'waits', error: undefined };
    if (version === undefined || write.action === 'delete') return PASSED_THROUGH;
    const fits = (live: LiveVersion | undefined): boolean =>
      !live ||
      live.version === version ||
      live.index === clientIndex ||
      haveSameShape(this.definition, live.version, version);
    try {
      const known = this.#knownLive ?? (await this.#readLive());
      if (fits(known)) return this.#passedThroughIfIdle();
      // check again before refusing: a migration may have begun, or the index may have been replaced
      if (!(await this.#look())) return { type: 'waits', error: unknownPhase(name) };
      const live = await this.#readLive();
      if (fits(live)) return this.#passedThroughIfIdle();
      if (this.#phase.type !== 'idle') return { type: 'waits', error: undefined };
      return { type: 'refused', error: illegal(whyNotStored(this.definition, live as LiveVersion, version)) };
    } catch (error) {
      return { type: 'waits', error: { ...unknownPhase(name), reason: messageOf(error) } };
    }
  }

  #passedThroughIfIdle(): Unmirrored {
    return this.#phase.type === 'idle' ? PASSED_THROUGH : { type: 'waits', error: undefined };
  }

  async #readLive(): Promise<LiveVersion | undefined> {
    const at = performance.now();
    const { name, aliases } = this.definition;
    const { source } = this.#cluster;
    const cluster = source && this.placed.writers === 'source' ? source : this.#cluster;
    const found = await getIndexes(cluster, aliases.write);
    const live = found.find((one) => one.aliases[aliases.write]?.is_write_index) ?? found.at(-1);
    const value = live && { index: live.index, version: liveVersion(name, live) };
    this.#live = { value, at };
    return value;
  }

  /** Counts a write without a ticket. @returns a function that ends the write and may be called twice */
  pass(): () => void {
    return this.#countInFlight(this.#record?.writers.generation ?? 0);
  }

  /** Counts a write. Call this in the phase `write` only. */
  take(): Ticket {
    const context = this.#context?.value;
    if (!context) throw new Error(`${this.definition.name} takes no writes now`);
    return { context, release: this.#countInFlight(context.roles.generation) };
  }

  /** Counts a copy that no write waits for. @returns a function to call when the copy has ended */
  retain(generation: number): () => void {
    const release = this.#countInFlight(generation);
    this.#unawaitedCopies++;
    return () => {
      this.#unawaitedCopies--;
      release();
      if (this.#unawaitedCopies === 0) this.#onDrained();
    };
  }

  #countInFlight(generation: number): () => void {
    this.#inFlight.set(generation, (this.#inFlight.get(generation) ?? 0) + 1);
    let isCounted = true;
    return () => {
      if (!isCounted) return;
      isCounted = false;
      const left = (this.#inFlight.get(generation) ?? 1) - 1;
      if (left > 0) this.#inFlight.set(generation, left);
      else {
        this.#inFlight.delete(generation);
        this.#onDrained();
      }
    };
  }

  get inFlight(): number {
    let count = 0;
    for (const writes of this.#inFlight.values()) count += writes;
    return count;
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

  /** The oldest generation with a write in flight, else the present one. Only older ones are closed. */
  get generation(): number {
    return Math.min(this.#record?.writers.generation ?? 0, ...this.#inFlight.keys());
  }

  get holds(): boolean {
    return this.#phase.type === 'hold' && this.#inFlight.size === 0;
  }

  /** If every write waits for its copy: the number of the last move of the readers (`moves`). Else 0. */
  get awaitsCopies(): number {
    const does =
      this.#phase.type === 'write' &&
      this.#phase.roles.followerIsRead &&
      this.#unawaitedCopies === 0 &&
      !this.away;
    return does ? (this.#record?.writers.moves ?? 0) : 0;
  }

  get away(): Away | undefined {
    return this.#breaker?.value.away;
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
    return {
      generation,
      holds,
      awaitsCopies,
      readers,
      moves,
      away,
      shapes,
      ...this.#counters,
      ...this.#reads.view(),
    };
  }
}

interface LiveVersion {
  readonly index: string;
  readonly version: number;
}

export type Unmirrored =
  /** Forward the write unchanged: it has the shape of the index that it reaches. */
  | { readonly type: 'passedThrough' }
  /** The client gets `error` after it has waited for too long. */
  | { readonly type: 'waits'; readonly error: EngineError | undefined }
  | { readonly type: 'refused'; readonly error: EngineError };

const PASSED_THROUGH: Unmirrored = { type: 'passedThrough' };

function unknownPhase(name: string): EngineError {
  return {
    status: 503,
    type: 'twindex_lease_expired',
    reason: `this writer could not confirm which version ${name} has now; the write was not done. Send it again`,
  };
}

/** False if this writer's index file does not know both versions. */
function haveSameShape(definition: IndexDefinition, live: number, version: number): boolean {
  if (Math.max(live, version) > definition.version) return false;
  return !transformChain(definition, live, version) && !transformChain(definition, version, live);
}

function whyNotStored({ name }: IndexDefinition, live: LiveVersion, version: number): string {
  const what = `a document of version ${version} can't be stored: [${name}] has version ${live.version} (${live.index}), and no migration is running`;
  return version > live.version
    ? `${what}. Begin it first (twindex migrate ${name}), or write documents of version ${live.version}`
    : `${what} that could translate it. Write documents of version ${live.version}`;
}

function keyOf(
  record: MigrationRecord | undefined,
  phase: WritersPhase,
  context: string | undefined,
): string {
  const reads = record ? JSON.stringify(readRuleOf(record)) : '';
  return `${phase.type} ${record?.id} ${record?.state} ${record?.readers} ${record?.routed} ${record?.writers.generation} ${context} ${reads}`;
}
