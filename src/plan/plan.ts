// What it takes to bring the live index to what is declared. Reads the cluster, changes nothing.
import type { CheckContext, Finding } from '../checks/check.js';
import { runChecks } from '../checks/runChecks.js';
import type { Cluster } from '../cluster/cluster.js';
import { clusterUuid } from '../cluster/operations/clusterUuid.js';
import { countAll } from '../cluster/operations/countAll.js';
import type { LiveIndex } from '../cluster/operations/getIndex.js';
import { getStoreSize } from '../cluster/operations/getStoreSize.js';
import { whyNoReindex } from '../cluster/operations/hasReindex.js';
import { isClosed } from '../cluster/operations/isClosed.js';
import { whyAltered } from '../cluster/operations/searchAlterations.js';
import { loadRecord } from '../journal/journal.js';
import { isBetweenClusters } from '../journal/places.js';
import { isOver, type MigrationRecord, type Route } from '../journal/record.js';
import { diffSchema } from '../schema/diff.js';
import type { IndexDefinition } from '../schema/types.js';
import {
  chooseKind,
  decidePlan,
  indexName,
  type Kind,
  type OtherCluster,
  type Running,
  type SourceSize,
} from './decidePlan.js';
import type { Plan } from './decidePlan.js';
import { chooseLive, layoutOf, lookAround, type Surroundings } from './findLive.js';

export type { Plan } from './decidePlan.js';

/**
 * @throws TwindexError for a cluster that can't be asked; everything else is told by the plan (`blocked`)
 */
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
  const changes = live ? diffSchema(live, definition, cluster.engine) : [];
  const { kind } = chooseKind({ definition, live, closed, changes, running, otherCluster });
  const copiesHere = kind === 'new-version' && at === cluster;
  const [findings, size, noReindex, altered] = await Promise.all([
    running ? [] : check({ cluster, at, definition, live, kind }),
    live && !closed ? measure(at, live.index) : undefined,
    copiesHere ? whyNoReindex(cluster) : undefined,
    copiesHere && live && !closed ? whyAltered(cluster, live.index) : undefined,
  ]);
  return decidePlan({
    definition,
    live,
    closed,
    changes,
    findings,
    size,
    running,
    otherCluster,
    noReindex,
    altered,
    route: asked.route,
    given: asked.given,
  });
}

/** The live index, and the cluster that it is in: what is not live here may be in the cluster that indexes come from. */
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
  /** Where the live index is. */
  readonly at: Cluster;
  readonly definition: IndexDefinition;
  readonly live: LiveIndex | undefined;
  readonly kind: Kind;
}

async function check({ cluster, at, definition, live, kind }: Subject): Promise<Finding[]> {
  const copies = kind === 'create' || kind === 'new-version';
  const { settings, mappings } = definition;
  const context: CheckContext = {
    cluster,
    sourceCluster: at,
    definition,
    source: live,
    target: copies ? { index: indexName(definition), settings, mappings } : undefined,
  };
  return runChecks(context, kind === 'nothing' ? 'nothing' : copies ? 'copy' : 'in-place');
}

async function measure(cluster: Cluster, index: string): Promise<SourceSize | undefined> {
  const [documents, store] = await Promise.all([countAll(cluster, index), getStoreSize(cluster, index)]);
  return { documents, bytes: store.primaryBytes };
}

async function findRunning(cluster: Cluster, name: string): Promise<MigrationRecord | undefined> {
  const found = await loadRecord(cluster, name);
  return found && !isOver(found.source) ? found.source : undefined;
}

function runningOf(record: MigrationRecord): Running {
  const { state, goal, paused, source, target, layout, hasTransform, route } = record;
  return { state, goal, paused, source, target, layout, hasTransform, route };
}
