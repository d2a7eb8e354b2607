// Makes a plan: the steps from the live index to the declared index. It only reads from the cluster.
import type { CheckContext, Finding } from './checks/check.js';
import { runChecks } from './checks/runChecks.js';
import type { Cluster } from '../cluster/cluster.js';
import { clusterUuid } from '../cluster/nodes/clusterUuid.js';
import { countAll } from '../cluster/documents/countAll.js';
import type { LiveIndex } from '../cluster/indices/getIndex.js';
import { getStoreSize } from '../cluster/indices/getStoreSize.js';
import { whyNoReindex } from '../cluster/reindex/hasReindex.js';
import { isClosed } from '../cluster/indices/isClosed.js';
import { whyAltered } from '../cluster/indices/searchAlterations.js';
import { isTwindexError } from '../errors.js';
import { loadRecord } from '../journal/journal.js';
import { isBetweenClusters } from '../protocol/clusterSides.js';
import { isOver, type MigrationRecord, type Route } from '../protocol/record.js';
import { diffSchema, type Schema } from '../schema/diff.js';
import { declaredSettings } from '../schema/normaliseSettings.js';
import type { Change, IndexDefinition } from '../schema/types.js';
import { type Kept, type WithUndeclared, withUndeclared } from '../schema/undeclared.js';
import { answerFindings, askEngine } from './askEngine.js';
import {
  chooseKind,
  decidePlan,
  firstAliases,
  indexName,
  type Kind,
  type OtherCluster,
  type Plan,
  type Running,
  type SourceSize,
} from './decidePlan.js';
import { chooseLive, layoutOf, lookAround, type Surroundings } from './findLive.js';
import { liveVersion } from '../protocol/indexVersion.js';

export type { Plan } from './decidePlan.js';

/** @throws TwindexError if the cluster cannot be read; the plan reports all other problems (`blocked`) */
export async function makePlan(
  cluster: Cluster,
  definition: IndexDefinition,
  asked: { readonly route?: Route | undefined; readonly given?: boolean | undefined } = {},
): Promise<Plan> {
  const [around, record] = await Promise.all([
    lookAround(cluster, definition),
    findRunning(cluster, definition.name),
  ]);
  const running = record && runningOf(record);
  const { live, at } = await findLive(cluster, definition, { around, running: record });
  const otherCluster = at === cluster ? undefined : await describe(at);
  const closed = live !== undefined && (await isClosed(at, live.index));
  const subject = { cluster, at, definition, live, running: record };
  const { schema, kept, changes, refusals } = await compare(subject);
  const { kind } = chooseKind({ definition, live, closed, changes, running, otherCluster });
  const copiesHere = kind === 'new-version' && at === cluster;
  const [findings, size, noReindex, altered] = await Promise.all([
    running ? [] : check(subject, kind, schema),
    live && !closed ? measure(at, live.index) : undefined,
    copiesHere ? whyNoReindex(cluster) : undefined,
    copiesHere && live && !closed ? whyAltered(cluster, live.index) : undefined,
  ]);
  return decidePlan({
    definition,
    live,
    closed,
    changes,
    schema,
    kept,
    findings: [...refusals, ...findings],
    size,
    running,
    otherCluster,
    noReindex,
    altered,
    route: asked.route,
    given: asked.given,
  });
}

/** @returns the live index, and its cluster: `cluster` or, if only the source cluster has the index, that one */
async function findLive(
  cluster: Cluster,
  definition: IndexDefinition,
  { around, running }: { readonly around: Surroundings; readonly running: MigrationRecord | undefined },
): Promise<{ readonly live: LiveIndex | undefined; readonly at: Cluster }> {
  const here = chooseLive(definition, around);
  const { source } = cluster;
  const isHere = running ? !isBetweenClusters(running) : layoutOf(definition, here) !== 'none';
  if (!source || isHere) return { live: here, at: cluster };
  const there = chooseLive(definition, await lookAround(source, definition));
  return there ? { live: there, at: source } : { live: here, at: cluster };
}

async function describe(cluster: Cluster): Promise<OtherCluster> {
  const { engine, connection } = cluster;
  return {
    uuid: await clusterUuid(cluster),
    engine: `${engine.name} ${engine.version}`,
    nodes: connection.urls,
  };
}

interface Subject {
  readonly cluster: Cluster;
  /** The cluster that has the live index. */
  readonly at: Cluster;
  readonly definition: IndexDefinition;
  readonly live: LiveIndex | undefined;
  readonly running: MigrationRecord | undefined;
}

interface Compared {
  /** The schema of the index after the plan. */
  readonly schema: Schema;
  readonly kept?: Kept;
  readonly changes: readonly Change[];
  /** Findings from the engine's response to the schema. */
  readonly refusals: readonly Finding[];
}

/** Compares the live index with the declared index, and asks the engine whether it accepts the result. */
async function compare({ cluster, at, definition, live, running }: Subject): Promise<Compared> {
  const { engine } = cluster;
  const { file, version } = definition;
  const index = indexName(definition);
  if (!live) {
    const { settings, mappings, aliases } = definition;
    const answer = await askEngine(cluster, { settings, mappings, aliases: firstAliases(aliases) });
    return { schema: definition, changes: [], refusals: answerFindings({ file, index, answer }) };
  }
  const wanted = withUndeclared(live, definition, { engine, betweenClusters: at !== cluster });
  const { schema, kept } = wanted;
  if (running)
    return { schema, kept, changes: diffSchema(withoutOurs(live, running), schema, engine), refusals: [] };
  const expected = diffSchema(live, schema, engine);
  const isNew = version > liveVersion(definition.name, live);
  if (!isNew && expected.length === 0) return { schema, kept, changes: [], refusals: [] };
  // Leave out the aliases of the live index: the engine would try their filters on an empty mapping, and
  // would refuse valid filters.
  const answer = await (isNew ? askEngine(cluster, schema) : askEngine(cluster, schema, live));
  const changes = answer.type === 'taken' ? diffSchema(live, schema, engine, { taken: true }) : expected;
  const blocked = changes.filter(({ needs }) => needs === 'blocked').map(({ path }) => path);
  return {
    schema,
    kept,
    changes: isNew ? withDropped(changes, wanted) : changes,
    refusals: answerFindings({ file, index: isNew ? index : live.index, answer, blocked, kept }),
  };
}

/** Adds the parts that a new version would lose, and lists each field only once. */
function withDropped(changes: readonly Change[], { dropped }: WithUndeclared): Change[] {
  const others = changes.filter(({ path }) => !dropped.some((lost) => lost.path === path));
  const lost = dropped.filter(({ path }) => !others.some((change) => path.startsWith(`${change.path}.`)));
  return [...others, ...lost].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/**
 * The live index of a running migration, with the user's `index.gc_deletes` instead of the value that twindex
 * has set.
 */
function withoutOurs(live: LiveIndex, { source, sourceGcDeletes }: MigrationRecord): LiveIndex {
  const { 'index.gc_deletes': _ours, ...settings } = declaredSettings(live.settings);
  const theirs = live.index === source.index && sourceGcDeletes !== null;
  return { ...live, settings: { ...settings, ...(theirs ? { 'index.gc_deletes': sourceGcDeletes } : {}) } };
}

async function check(
  { cluster, at, definition, live }: Subject,
  kind: Kind,
  schema: Schema,
): Promise<Finding[]> {
  const copies = kind === 'create' || kind === 'new-version';
  const context: CheckContext = {
    cluster,
    sourceCluster: at,
    definition,
    schema,
    source: live,
    target: copies ? { index: indexName(definition), ...schema } : undefined,
  };
  return runChecks(context, kind === 'nothing' ? 'nothing' : copies ? 'copy' : 'in-place');
}

/** @returns undefined if a shard is unavailable; the checks report that */
async function measure(cluster: Cluster, index: string): Promise<SourceSize | undefined> {
  try {
    const [documents, store] = await Promise.all([countAll(cluster, index), getStoreSize(cluster, index)]);
    return { documents, bytes: store.primaryBytes };
  } catch (error) {
    if (!isTwindexError(error, 'overloaded')) throw error;
    return undefined;
  }
}

async function findRunning(cluster: Cluster, name: string): Promise<MigrationRecord | undefined> {
  const found = await loadRecord(cluster, name);
  return found && !isOver(found.source) ? found.source : undefined;
}

function runningOf(record: MigrationRecord): Running {
  const { state, goal, paused, source, target, layout, hasTransform, route } = record;
  return { state, goal, paused, source, target, layout, hasTransform, route };
}
