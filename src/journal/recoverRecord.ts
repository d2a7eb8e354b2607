// Recovers a migration that the journal has lost: its record was deleted or damaged, or the journal was
// restored from an older snapshot. The aliases of the indexes show enough to end the migration.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.js';
import { aliasesOn } from '../cluster/indices/aliasesOn.js';
import { clusterUuid } from '../cluster/nodes/clusterUuid.js';
import type { StoredDocument } from '../cluster/documents/getDocument.js';
import { getIndexes, type LiveIndex, uuidOf } from '../cluster/indices/getIndex.js';
import { putDocument } from '../cluster/documents/putDocument.js';
import type { AliasProperties } from '../cluster/indices/updateAliases.js';
import { TwindexError } from '../errors.js';
import { createJournal, inspectRecord, loadRecord } from './journal.js';
import { aliasesOfClients, JOURNAL, readersAlias, recordId } from '../protocol/names.js';
import { isOver, type MigrationRecord, type Side } from '../protocol/record.js';
import { liveVersion, versionInName } from '../protocol/indexVersion.js';
import { flattenSettings } from '../schema/normaliseSettings.js';
import { newRecord } from '../protocol/newRecord.js';
import { highestToken } from './currentToken.js';
import { isClusterAway } from '../cluster/engineErrors.js';
import { ownMeta } from '../protocol/ownMeta.js';
import { withHistory } from './withHistory.js';

/** The aliases that coordinator and writers write through, such as `twindex.catalogue.Feed.7`. */
const WRITTEN_THROUGH = /^twindex\.(.+)\.(Feed|Write|Mirror)\.(\d+)$/;

export interface Trace {
  readonly name: string;
  readonly kind: 'Feed' | 'Write' | 'Mirror';
  readonly number: number;
  readonly index: string;
}

/** Finds aliases of running migrations, even of migrations that the journal has lost. */
export async function findTraces(cluster: Cluster, name = '*'): Promise<readonly Trace[]> {
  const { source } = cluster;
  const [here, there] = await Promise.all([
    tracesIn(cluster, name),
    source ? tracesIn(source, name).catch(noneWhereAway) : [],
  ]);
  const own: Trace[] = [];
  for (const trace of there) {
    // Skip a migration that the journal knows. It may have ended while the source's cluster did not answer.
    if ((await inspectRecord(cluster, trace.name)).type === 'read') continue;
    // Skip a migration inside the source's cluster, which is in the journal of that cluster.
    if (source && !(await isUnderWay(source, trace.name))) own.push(trace);
  }
  return [...here, ...own];
}

function noneWhereAway(error: unknown): readonly Trace[] {
  if (isClusterAway(error)) return [];
  throw error;
}

async function isUnderWay(cluster: Cluster, name: string): Promise<boolean> {
  const inspected = await inspectRecord(cluster, name);
  return inspected.type === 'read' && !isOver(inspected.stored.source);
}

async function tracesIn(cluster: Cluster, name: string): Promise<readonly Trace[]> {
  const traces: Trace[] = [];
  for (const [alias, indexes] of await aliasesOn(cluster, [`twindex.${name}.*`])) {
    const [, of, kind, number] = WRITTEN_THROUGH.exec(alias) ?? [];
    if (of === undefined || (name !== '*' && of !== name)) continue;
    for (const index of indexes.keys())
      traces.push({ name: of, kind: kind as Trace['kind'], number: Number(number), index });
  }
  return traces;
}

/** Loads the record. If the journal has lost the migration, makes a new record from the indexes. */
export async function findOrRecover(
  cluster: Cluster,
  name: string,
): Promise<StoredDocument<MigrationRecord> | undefined> {
  const inspected = await inspectRecord(cluster, name);
  if (inspected.type === 'read' && !isOver(inspected.stored.source)) return inspected.stored;
  const lost = await readLost(cluster, name);
  if (!lost) {
    if (inspected.type === 'damaged') throw inspected.why;
    return inspected.type === 'read' ? inspected.stored : undefined;
  }
  await createJournal(cluster);
  const over =
    inspected.type === 'read' ? inspected.stored : inspected.type === 'damaged' ? inspected.at : 'missing';
  const token = await highestToken(cluster, lost);
  await putDocument(cluster, { index: JOURNAL, id: recordId(name) }, { ...lost, token, clean: false }, over);
  // If another process was faster, this is the record that it has made.
  return await loadRecord(cluster, name);
}

/** A read may fall between the two calls that begin or end a migration. So it is repeated after this time. */
const AGAIN_MS = 1_000;

/** @returns a record made from the indexes; undefined if the journal has not lost the migration */
export async function findLost(cluster: Cluster, name: string): Promise<MigrationRecord | undefined> {
  for (let look = 0; ; look++) {
    const inspected = await inspectRecord(cluster, name);
    if (inspected.type === 'read' && !isOver(inspected.stored.source)) return undefined;
    const lost = await readLost(cluster, name);
    if (!lost || look > 0) return lost;
    await sleep(AGAIN_MS);
  }
}

async function readLost(cluster: Cluster, name: string): Promise<MigrationRecord | undefined> {
  const traces = await findTraces(cluster, name);
  if (traces.length === 0) return undefined;
  const traced = new Set(traces.map(({ index }) => index));
  const here = await indexesOf(cluster, name, traced);
  // Both indexes are in this cluster, or each cluster has one.
  const there = here.length < 2 && cluster.source ? await indexesOf(cluster.source, name, traced) : [];
  const between = cluster.source && there.length > 0 ? await clusterUuid(cluster.source) : null;
  const record = recordOf(name, [...there, ...here], traces, between);
  if (record) return record;
  throw new TwindexError(
    'unsafe',
    `the journal has lost a migration of ${name}, and the indexes do not show which two of them it used (traces are on ` +
      `${[...traced].join(', ')}). Point the aliases at the index that has the latest writes, remove the aliases twindex.${name}.* from ` +
      'all indexes (POST /_aliases), and delete the other index when you do not need it',
  );
}

async function indexesOf(
  cluster: Cluster,
  name: string,
  traced: ReadonlySet<string>,
): Promise<readonly LiveIndex[]> {
  const versions = (await getIndexes(cluster, `${name}-v*`, { hidden: true })).filter(
    ({ index }) => versionInName(name, index) !== undefined,
  );
  const bare = (await getIndexes(cluster, name)).filter(({ index }) => index === name);
  const elsewhere = (await Promise.all([...traced].map((index) => getIndexes(cluster, index)))).flat();
  return [...new Map([...bare, ...versions, ...elsewhere].map((one) => [one.index, one])).values()];
}

/** @returns undefined if the indexes do not show which two of them are migrated */
export function recordOf(
  name: string,
  live: readonly LiveIndex[],
  traces: readonly Trace[],
  sourceCluster: string | null = null,
): MigrationRecord | undefined {
  const follower = newest(traces, 'Feed') ?? newest(traces, 'Mirror');
  const traced = new Set([follower, newest(traces, 'Write')]);
  const concerned = live.length <= 2 ? live : live.filter((one) => traced.has(one.index) || isUsed(one));
  const [source, target, ...more] = pairOf(name, concerned);
  if (!source || !target || more.length > 0) return undefined;
  const aliases = { source: aliasesOfClients(source.aliases), target: aliasesOfClients(target.aliases) };
  const names = [...new Set([...Object.keys(aliases.source), ...Object.keys(aliases.target)])];
  const write = [`${name}-write`, name].find((alias) => names.includes(alias)) ?? names[0] ?? name;
  const read = names.includes(`${name}-read`) ? `${name}-read` : write;
  const sideOf = (alias: string): Side | undefined =>
    (['source', 'target'] as const).find((side) => alias in aliases[side]);
  // Between clusters, the source keeps its aliases, which accept no writes after the switch. A marker alias
  // on the target shows that readers use the target.
  const isBetween = sourceCluster !== null;
  const onTarget = aliases.target[write];
  const writers = isBetween
    ? onTarget && onTarget.is_write_index !== false
      ? 'target'
      : 'source'
    : sideOf(write);
  const leader = writers ?? (follower === source.index ? 'target' : 'source');
  const marked = readersAlias(name) in target.aliases ? 'target' : 'source';
  const isBare = source.index === name && names.length === 0;
  const versionOf = (one: LiveIndex) => ({ index: one.index, version: liveVersion(name, one) });
  const sides = { source: versionOf(source), target: versionOf(target) };
  const record = newRecord({
    name,
    ...sides,
    layout: isBare ? 'bare-index' : read === write ? 'one-alias' : 'two-aliases',
    aliases: { read, write },
    epoch: Math.max(1, ...[source, target].map(({ mappings }) => ownMeta(mappings)?.epoch ?? 0)),
  });
  const generations = traces.filter(({ kind }) => kind !== 'Feed').map((trace) => trace.number);
  const generation = Math.max(0, ...generations);
  const text = `the journal has lost the migration of ${name}: this is all that the indexes show. ${oneAlone({ name, ...sides })}`;
  return {
    ...record,
    id: ownMeta(target.mappings)?.migration ?? record.id,
    state: 'mirroring',
    paused: true,
    halted: { for: 'journal', text },
    message: text,
    leader,
    sourceCluster,
    readers: isBetween ? marked : (sideOf(read) ?? leader),
    sourceAliases: Object.fromEntries(
      names.map((alias) => [alias, opened({ ...aliases.target[alias], ...aliases.source[alias] })]),
    ),
    sourceGcDeletes: gcDeletesOf(source),
    uuids: { source: uuidOf(source), target: uuidOf(target) },
    // It is not known whether the source was ever the follower. With 0, an abort assumes that it was.
    firstEpoch: 0,
    writers: { ...record.writers, generation, pruned: generation },
    ...withHistory({ history: [] }, 'recovered from the indexes', { why: 'the journal has lost it' }),
  };
}

function newest(traces: readonly Trace[], kind: Trace['kind']): string | undefined {
  const numbers = traces.filter((trace) => trace.kind === kind).map((trace) => trace.number);
  return traces.find((trace) => trace.kind === kind && trace.number === Math.max(...numbers))?.index;
}

/** Sorts the indexes by version. If only one is left, adds the deleted index under the name that it must have had. */
function pairOf(name: string, live: readonly LiveIndex[]): readonly LiveIndex[] {
  const byVersion = [...live].sort((a, b) => liveVersion(name, a) - liveVersion(name, b));
  const [only, another] = byVersion;
  if (!only || another) return byVersion;
  const version = liveVersion(name, only);
  const deleted = (of: number): LiveIndex => ({
    index: `${name}-v${of}`,
    aliases: {},
    mappings: {},
    settings: {},
  });
  const isMade = ownMeta(only.mappings)?.name === name && version > 1;
  return isMade ? [deleted(version - 1), only] : [only, deleted(version + 1)];
}

const isUsed = (live: LiveIndex): boolean => Object.keys(aliasesOfClients(live.aliases)).length > 0;

/** Removes `is_write_index: false`, which a migration sets on the follower, and in a hold on all aliases. */
function opened({ is_write_index: isWriteIndex, ...properties }: AliasProperties): Record<string, unknown> {
  return isWriteIndex === true ? { ...properties, is_write_index: true } : properties;
}

/** Values of ten minutes or more come from a migration, so the user's own value is not known. */
function gcDeletesOf({ settings }: LiveIndex): string | null {
  const value = flattenSettings(settings).get('gc_deletes')?.toString() ?? null;
  const seconds = Number(/^(\d+)s$/.exec(value ?? '')?.[1] ?? 0);
  return seconds >= 600 ? null : value;
}

/** The text for a person who has to decide which index has the latest writes. Only the journal knew it. */
export function oneAlone({
  name,
  source,
  target,
}: Pick<MigrationRecord, 'name' | 'source' | 'target'>): string {
  return (
    `See where the aliases are (twindex status ${name}). To continue with ${target.index} alone: twindex detach ${name} --give-up ` +
    `${source.index}. To continue with ${source.index} alone: twindex detach ${name} --give-up ${target.index}`
  );
}
