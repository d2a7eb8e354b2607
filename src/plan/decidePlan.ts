// Decides on a plan from the facts that were read from the cluster. Pure.
import type { Finding } from './checks/check.js';
import { replicasOf } from './checks/shardLimit.js';
import type { LiveIndex } from '../cluster/indices/getIndex.js';
import type { AliasProperties } from '../cluster/indices/updateAliases.js';
import type { Schema } from '../schema/diff.js';
import { settingsToCreate } from '../schema/normaliseSettings.js';
import type { Change, IndexDefinition } from '../schema/types.js';
import type { JsonObject } from '../json/jsonTypes.js';
import type { Kept } from '../schema/undeclared.js';
import type { Route } from '../protocol/record.js';
import { chooseRoute, type ChosenRoute } from './chooseRoute.js';
import { fingerprintOf } from './fingerprint.js';
import { type Layout, layoutOf } from './findLive.js';
import { liveVersion } from '../protocol/indexVersion.js';
import { isMarkedForReopening } from './reopenMark.js';
import { stepsBetween, rollbackLoss } from './rollbackLoss.js';

export type Kind =
  | 'create' // there is no index yet
  | 'nothing'
  | 'in-place'
  | 'close-and-open'
  | 'new-version'
  | 'blocked'
  | 'running'; // a migration of this name is in progress

/** A plan as plain JSON. */
export interface Plan {
  readonly name: string;
  readonly kind: Kind;
  readonly source?: {
    readonly index: string;
    readonly version: number;
    readonly uuid: string;
    /** The cluster of the live index, if it is not the target's cluster. */
    readonly cluster?: OtherCluster;
  };
  /** The index to be created. */
  readonly target?: { readonly index: string; readonly version: number };
  readonly layout: Layout;
  readonly changes: readonly Change[];
  /** Fields and settings that the live index has and keeps, although the index file does not mention them. */
  readonly kept?: Kept;
  /** The whole content of the index to be created, with the full names of settings. */
  readonly content?: Content;
  readonly findings: readonly Finding[];
  readonly estimate?: Estimate;
  readonly route?: ChosenRoute;
  /** True if documents are changed while they are copied to the new index. */
  readonly transform: boolean;
  /** True if a rollback after the switch may lose data. */
  readonly lossyWayBack: boolean;
  readonly running?: Running;
  /** A hash of the live index and the declaration. A saved plan is stale if its hash differs. */
  readonly fingerprint: string;
}

interface Content {
  readonly settings: JsonObject;
  readonly mappings: JsonObject;
  /** Left out if the aliases of the live index are kept. */
  readonly aliases?: Readonly<Record<string, AliasProperties>>;
}

export interface OtherCluster {
  readonly uuid: string;
  /** For example `elasticsearch 7.17.28`. */
  readonly engine: string;
  /** The addresses of the nodes, without credentials. */
  readonly nodes: readonly string[];
}

export interface Estimate {
  readonly documents: number;
  /** The size of the primary shards of the live index. */
  readonly bytes: number;
  /** The space that the new index needs, including replicas. */
  readonly diskBytes: number;
  /** Left out if no earlier migration has measured a similar copy. */
  readonly time?: TimeEstimate;
}

/** The expected times, from the rates of an earlier migration in this cluster. */
export interface TimeEstimate {
  /** The index of the earlier migration. */
  readonly of: string;
  /** The rate at which the earlier migration copied. */
  readonly docsPerSecond: number;
  readonly copyMs: number;
  /** Left out if it is not known. */
  readonly verifyMs?: number;
}

export interface Running {
  readonly state: string;
  readonly goal: string;
  readonly paused: boolean;
  readonly source: { readonly index: string; readonly version: number };
  readonly target: { readonly index: string; readonly version: number };
  readonly layout: Exclude<Layout, 'none'>;
  readonly hasTransform: boolean;
  readonly route: Route;
}

export interface SourceSize {
  readonly documents: number;
  readonly bytes: number;
}

interface Situation {
  readonly definition: IndexDefinition;
  readonly live: LiveIndex | undefined;
  readonly closed: boolean;
  readonly changes: readonly Change[];
  readonly running: Running | undefined;
  /** The cluster of the live index, if it is not the target's cluster. */
  readonly otherCluster?: OtherCluster | undefined;
}

export interface PlanInput extends Situation {
  /** The schema of the index after the plan. */
  readonly schema: Schema;
  readonly kept?: Kept | undefined;
  readonly findings: readonly Finding[];
  readonly size: SourceSize | undefined;
  /** Why `_reindex` cannot be used; undefined if it can. */
  readonly noReindex?: string | undefined;
  /** Why `_reindex` may read other content than the stored one; undefined if it reads the stored content. */
  readonly altered?: string | undefined;
  /** The value of `--route`. */
  readonly route?: Route | undefined;
  /** True if the documents come from `--from`. */
  readonly given?: boolean | undefined;
}

export function indexName({ name, version }: { readonly name: string; readonly version: number }): string {
  return `${name}-v${version}`;
}

/** The kind of plan before the preflight checks, with the reason if it is `blocked`. */
export function chooseKind({ definition, live, closed, changes, running, otherCluster }: Situation): {
  readonly kind: Kind;
  readonly reasons: readonly string[];
} {
  if (running) return { kind: 'running', reasons: [] };
  if (!live) return { kind: 'create', reasons: [] };
  const { version, file } = definition;
  const current = liveVersion(definition.name, live);
  if (version < current) {
    return blocked(
      `${file} declares version ${version}, but ${live.index} is already version ${current}. Set \`version\` to ${current}, or higher for a change.`,
    );
  }
  if (otherCluster) {
    const reason = whyNotBetween(definition, live, current);
    if (reason) return blocked(reason);
  }
  const impossible = changes.filter(({ needs }) => needs === 'blocked');
  if (impossible.length > 0)
    return blocked(...impossible.map(({ path, reason }) => `${file}: ${path}: ${reason}`));
  if (version > current) return { kind: 'new-version', reasons: [] };
  const breaking = changes.filter(({ needs }) => needs === 'new-version');
  if (breaking.length > 0) {
    const paths = breaking.map(({ path }) => path);
    const shown =
      paths.length > 5 ? `${paths.slice(0, 5).join(', ')} and ${paths.length - 5} more` : paths.join(', ');
    return blocked(
      `${live.index} cannot be changed in this way: a new index is needed (${shown}). Raise \`version\` to ${current + 1} in ${file}.`,
    );
  }
  const reopen = closed && isMarkedForReopening(live);
  if (reopen || changes.some(({ needs }) => needs === 'close-and-open'))
    return { kind: 'close-and-open', reasons: [] };
  return { kind: changes.length > 0 ? 'in-place' : 'nothing', reasons: [] };
}

function whyNotBetween(definition: IndexDefinition, live: LiveIndex, current: number): string | undefined {
  const { version, file } = definition;
  if (version === current)
    return (
      `${live.index} is in the old cluster (\`source\` in the configuration). To copy it to the new cluster (\`cluster\`), raise ` +
      `\`version\` to ${current + 1} in ${file}: each version is one index in one cluster.`
    );
  if (['two-aliases', 'one-alias'].includes(layoutOf(definition, live))) return undefined;
  return (
    `${live.index} is in the old cluster, and clients use it by its own name. Between clusters, gateways need aliases to tell ` +
    `readers from writers. Add aliases to the index in the old cluster, let clients use these, and declare them in ${file}.`
  );
}

function blocked(...reasons: string[]): { kind: 'blocked'; reasons: string[] } {
  return { kind: 'blocked', reasons };
}

export function decidePlan(input: PlanInput): Plan {
  const { definition, live, closed, changes, running, size, otherCluster } = input;
  const chosen = chooseKind(input);
  const reopen = closed && live !== undefined && isMarkedForReopening(live);
  const version = live && liveVersion(definition.name, live);
  const copying = chosen.kind === 'new-version' && live !== undefined && version !== undefined;
  const steps = copying ? stepsBetween(definition, version) : [];
  const transform = running?.hasTransform ?? steps.some(({ up }) => up !== undefined);
  const route = copying
    ? chooseRoute({
        steps,
        noReindex: input.noReindex,
        altered: input.altered,
        betweenClusters: input.otherCluster !== undefined,
        asked: input.route,
        hasSource: definition.reingest !== undefined || input.given === true,
      })
    : undefined;
  const lossy = copying ? rollbackLoss({ definition, live, version, changes }) : [];
  const findings = [
    ...chosen.reasons.map((message) => ({ check: 'schema', level: 'block', message }) as const),
    // leave out `closed`: twindex itself closed the index for a change, and resumes the interrupted change
    ...input.findings.filter(({ check }) => !(reopen && check === 'closed')),
    ...(reopen ? [reopenFinding(live.index)] : []),
    ...(copying ? migrationFindings(definition, lossy, transform) : []),
    ...(copying && input.otherCluster ? [betweenFinding(input.otherCluster)] : []),
    ...(route && 'name' in route && route.name === 'reingest' ? [reingestFinding(live)] : []),
    ...(route && 'problem' in route
      ? [{ check: 'route', level: 'block', message: route.problem } as const]
      : []),
  ];
  const kind = findings.some(({ level }) => level === 'block') ? 'blocked' : chosen.kind;
  const uuid = live && uuidOf(live);
  return {
    name: definition.name,
    kind,
    ...(live && version !== undefined && uuid !== undefined
      ? { source: { index: live.index, version, uuid, ...(otherCluster ? { cluster: otherCluster } : {}) } }
      : {}),
    ...(copying || chosen.kind === 'create'
      ? { target: { index: indexName(definition), version: definition.version } }
      : {}),
    layout: running?.layout ?? layoutFor(definition, live, otherCluster),
    changes,
    ...(input.kept ? keptIn(input.kept, copying) : {}),
    ...(copying || chosen.kind === 'create' ? { content: contentOf(definition, input.schema, live) } : {}),
    findings,
    ...(copying && size ? { estimate: estimate(size, replicasOf(input.schema.settings)) } : {}),
    ...(route && 'name' in route ? { route } : {}),
    transform,
    lossyWayBack: lossy.length > 0,
    ...(running ? { running } : {}),
    fingerprint: fingerprintOf(definition, live, kind),
  };
}

/** Lists undeclared settings only for a copy, since a change in place alters none. Undeclared fields are always listed. */
function keptIn({ fields, settings }: Kept, copying: boolean): { kept?: Kept } {
  const shown = copying ? settings : {};
  return fields.length + Object.keys(shown).length > 0 ? { kept: { fields, settings: shown } } : {};
}

function contentOf(
  { aliases }: IndexDefinition,
  { settings, mappings }: Schema,
  live: LiveIndex | undefined,
): Content {
  return {
    settings: settingsToCreate(settings),
    mappings,
    ...(live ? {} : { aliases: firstAliases(aliases) }),
  };
}

/** The aliases of the first index of a name. */
export function firstAliases({
  read,
  write,
}: IndexDefinition['aliases']): Readonly<Record<string, AliasProperties>> {
  return { [read]: {}, [write]: { is_write_index: true } };
}

/** Between clusters the layout is never `one-alias`, because gateways move readers and writers separately. */
function layoutFor(
  definition: IndexDefinition,
  live: LiveIndex | undefined,
  otherCluster: OtherCluster | undefined,
): Layout {
  const layout = layoutOf(definition, live);
  return otherCluster && layout === 'one-alias' ? 'two-aliases' : layout;
}

function betweenFinding({ engine, nodes }: OtherCluster): Finding {
  return {
    check: 'clusters',
    level: 'info',
    message:
      `documents come from another cluster (${engine}, ${nodes.join(' ')}). twindex gateways (twindex gateway) move readers and ` +
      'writers between the clusters: before the cut-over, all clients must send their requests to a gateway. After the switch, the old cluster refuses writes that do not come through a gateway.',
  };
}

function uuidOf({ settings }: LiveIndex): string {
  return (settings as { index?: { uuid?: string } }).index?.uuid ?? '';
}

function reopenFinding(index: string): Finding {
  return {
    check: 'closed',
    level: 'warn',
    message: `an interrupted run of twindex left ${index} closed. Run \`twindex migrate\` again: it finishes the change and opens the index.`,
  };
}

function reingestFinding(live: LiveIndex | undefined): Finding {
  return {
    check: 'way-back',
    level: 'info',
    message: `${live?.index} does not get the documents from the source of truth. After the switch, it gets only new writes.`,
  };
}

function migrationFindings(
  { name, aliases }: IndexDefinition,
  lossy: readonly string[],
  transform: boolean,
): Finding[] {
  const findings: Finding[] = [];
  if (lossy.length > 0) {
    findings.push({
      check: 'way-back',
      level: 'warn',
      message: `a rollback after the switch of the writers may lose data: ${lossy.join('; ')}. Before the switch, a rollback loses nothing.`,
    });
  }
  if (transform) {
    const move = aliases.read === aliases.write ? 'switch' : 'cut-over';
    findings.push({
      check: 'writers',
      level: 'info',
      message:
        `documents change their shape. Without a gateway, writers of ${aliases.write} have to send the old shape until the switch (twindex migrate ${name} ` +
        `--until switched), and the new shape after it: deploy their new release at the switch, which refuses writes for a moment. Readers see the new shape from the ${move} on.`,
    });
  }
  return findings;
}

function estimate({ documents, bytes }: SourceSize, replicas: number): Estimate {
  return { documents, bytes, diskBytes: bytes * (1 + replicas) };
}
