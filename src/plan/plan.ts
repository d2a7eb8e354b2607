// What it takes to bring the live index to what is declared. Reads the cluster, changes nothing.
import type { CheckContext, Finding } from '../checks/check.js';
import { runChecks } from '../checks/runChecks.js';
import type { Cluster } from '../cluster/cluster.js';
import { countDocuments } from '../cluster/operations/countDocuments.js';
import type { LiveIndex } from '../cluster/operations/getIndex.js';
import { getStoreSize } from '../cluster/operations/getStoreSize.js';
import { whyNoReindex } from '../cluster/operations/hasReindex.js';
import { isClosed } from '../cluster/operations/isClosed.js';
import { loadRecord } from '../journal/journal.js';
import { isOver, type Route } from '../journal/record.js';
import { diffSchema } from '../schema/diff.js';
import type { IndexDefinition } from '../schema/types.js';
import { chooseKind, decidePlan, indexName, type Kind, type Running, type SourceSize } from './decidePlan.js';
import type { Plan } from './decidePlan.js';
import { chooseLive, lookAround } from './findLive.js';

export type { Plan } from './decidePlan.js';

/**
 * @throws TwindexError for a cluster that can't be asked; everything else is told by the plan (`blocked`)
 */
export async function makePlan(
  cluster: Cluster,
  definition: IndexDefinition,
  asked: { readonly route?: Route | undefined; readonly given?: boolean | undefined } = {},
): Promise<Plan> {
  const [around, running] = await Promise.all([
    lookAround(cluster, definition),
    findRunning(cluster, definition.name),
  ]);
  const live = chooseLive(definition, around);
  const closed = live !== undefined && (await isClosed(cluster, live.index));
  const changes = live ? diffSchema(live, definition, cluster.engine) : [];
  const { kind } = chooseKind({ definition, live, closed, changes, running });
  const [findings, size, noReindex] = await Promise.all([
    running ? [] : check({ cluster, definition, live, kind }),
    live && !closed ? measure(cluster, live.index) : undefined,
    kind === 'new-version' ? whyNoReindex(cluster) : undefined,
  ]);
  return decidePlan({
    definition,
    live,
    closed,
    changes,
    findings,
    size,
    running,
    noReindex,
    route: asked.route,
    given: asked.given,
  });
}

interface Subject {
  readonly cluster: Cluster;
  readonly definition: IndexDefinition;
  readonly live: LiveIndex | undefined;
  readonly kind: Kind;
}

async function check({ cluster, definition, live, kind }: Subject): Promise<Finding[]> {
  const copies = kind === 'create' || kind === 'new-version';
  const { settings, mappings } = definition;
  const context: CheckContext = {
    cluster,
    definition,
    source: live,
    target: copies ? { index: indexName(definition), settings, mappings } : undefined,
  };
  return runChecks(context, kind === 'nothing' ? 'nothing' : copies ? 'copy' : 'in-place');
}

async function measure(cluster: Cluster, index: string): Promise<SourceSize | undefined> {
  const [documents, store] = await Promise.all([
    countDocuments(cluster, index),
    getStoreSize(cluster, index),
  ]);
  return { documents, bytes: store.primaryBytes };
}

async function findRunning(cluster: Cluster, name: string): Promise<Running | undefined> {
  const found = await loadRecord(cluster, name);
  if (!found || isOver(found.source)) return undefined;
  const { state, goal, paused, source, target, layout, hasTransform, route } = found.source;
  return { state, goal, paused, source, target, layout, hasTransform, route };
}
