// Carries out a plan: by changing the live index in place, or by a migration.
import { TwindexError } from '../errors.js';
import type { EventBus } from '../events.js';
import {
  type MigrationStart,
  type Gate,
  type MigrateOptions,
  type MigrateResult,
  runMigration,
} from '../coordinator/migration/runMigration.js';
import { applyPlan } from '../plan/apply.js';
import { makePlan, type Plan } from '../plan/makePlan.js';
import type { Route } from '../protocol/record.js';
import type { IndexDefinition } from '../schema/types.js';
import type { Project } from './project.js';

/** The options of a migration that the user sets. The other options depend on how the migration is run. */
export type RunSettings = Omit<
  MigrateOptions,
  'until' | 'bus' | 'signal' | 'confirm' | 'stay' | 'asItIs' | 'endsWhenRefused'
>;

export const DEFAULT_SETTINGS = {
  maxLagMs: 1_000,
  maxWritePauseMs: 2_000,
  graceMs: 60_000,
  leaseMs: 10_000,
  dropRejected: false,
  maxRejected: 1_000,
} as const satisfies RunSettings;

export interface Job {
  readonly project: Project;
  readonly definition: IndexDefinition;
  readonly plan: Plan;
  readonly settings: RunSettings;
}

/** A plan that was made earlier, and that a person has reviewed. */
export interface ReviewedPlan {
  readonly plan: Pick<Plan, 'kind' | 'fingerprint'>;
  /** The file in which the plan is saved. */
  readonly file?: string | undefined;
}

export interface PlanRequest {
  readonly definition: IndexDefinition;
  readonly route?: Route | undefined;
  /** Whether the documents come from a file. */
  readonly given: boolean;
  readonly reviewed?: ReviewedPlan | undefined;
}

/** @throws TwindexError `plan_stale` if the reviewed plan is out of date */
export async function planOf({ cluster }: Project, request: PlanRequest): Promise<Plan> {
  const { definition, route, given, reviewed } = request;
  const plan = await makePlan(cluster, definition, { route, given });
  if (reviewed) requireFresh(reviewed, plan);
  return plan;
}

/** @throws TwindexError `plan_stale` if the cluster or the index file has changed since the plan was made */
export function requireFresh({ plan: kept, file }: ReviewedPlan, now: Plan): void {
  // the plan of a migration that is under way was checked when the migration began
  if (now.kind === 'running' || kept.fingerprint === now.fingerprint) return;
  const [where, out] = file === undefined ? ['', ''] : [` in ${file}`, ` --out ${file}`];
  throw new TwindexError(
    'plan_stale',
    `the plan of ${now.name}${where} is stale: the live index or the index file has changed since the plan was made ` +
      `(${kept.kind} then, ${now.kind} now). twindex has changed nothing.`,
    { hint: `Make a new plan: twindex plan ${now.name}${out}` },
  );
}

export const isMigration = ({ kind }: Plan): boolean => kind === 'new-version' || kind === 'running';

/** Creates the index, or changes it in place. @returns the name of this index */
export async function change({ project, definition, plan }: Job): Promise<string | undefined> {
  await applyPlan(project.cluster, definition, plan);
  return plan.target?.index ?? plan.source?.index;
}

export interface Run extends Pick<MigrateOptions, 'until' | 'signal' | 'confirm' | 'stay'> {
  readonly bus: EventBus;
}

/** @throws TwindexError `usage` for the gate `cutover`, if readers and writers use the same name */
export async function migrateByPlan(
  { project, definition, plan, settings }: Job,
  run: Run,
): Promise<MigrateResult> {
  if (run.until === 'cutover' && plan.layout !== 'two-aliases' && plan.kind === 'new-version')
    throw new TwindexError(
      'usage',
      `readers and writers of ${plan.name} use the same name, so they move together: use --until ready or --until switched`,
    );
  return runMigration(project.cluster, definition, { ...settings, ...run }, beginningOf(plan));
}

/**
 * The default of `--until` for a run that does not ask the user. A migration with this default never deletes
 * the old index. If documents change their shape, the migration stops before the switch, since applications have to
 * be prepared for the new shape.
 */
export function defaultGate({ transform, layout }: Plan): Gate {
  if (!transform) return 'switched';
  return layout === 'two-aliases' ? 'cutover' : 'ready';
}

/**
 * The default of `--until` for a run that ends at this phase. It is never `cutover`: readers would use the new
 * index, and no process would keep this index in sync.
 */
export function unattendedGate(plan: Plan): Gate {
  const gate = defaultGate(plan);
  return gate === 'cutover' ? 'ready' : gate;
}

function beginningOf({ kind, source, target, layout, route }: Plan): MigrationStart | undefined {
  if (kind !== 'new-version' || !source || !target || layout === 'none') return undefined;
  return {
    source: { index: source.index, version: source.version },
    target,
    layout,
    route: route?.name,
    sourceCluster: source.cluster?.uuid ?? null,
  };
}

export function blocked({ name, findings }: Plan): TwindexError {
  const blocks = findings.filter(({ level }) => level === 'block').map(({ message }) => message);
  return new TwindexError(
    'plan_blocked',
    `${name} can't be migrated, nothing was changed: ${blocks.join(' ')}`,
  );
}

export function needsOutage({ source }: Plan): TwindexError {
  return new TwindexError(
    'flag_needed',
    `${source?.index} has to be closed for this change: for a moment it can be neither read nor written`,
    {
      hint: 'Add --allow-outage if this is acceptable, or raise `version` in the index file for a new index without an outage.',
    },
  );
}

/** @returns an error if the run would begin a switch that cannot be rolled back, and nobody has allowed this switch */
export function needsWayBack(
  { name, layout, source, running }: Plan,
  until: Gate,
  allowNoWayBack: boolean,
): TwindexError | undefined {
  const isBare = layout === 'bare-index' && running?.goal !== 'switched' && running?.goal !== 'finalized';
  if (!isBare || allowNoWayBack || (until !== 'switched' && until !== 'finalized')) return undefined;
  return new TwindexError(
    'flag_needed',
    `${source?.index ?? name} is used by its own name, without an alias. The switch refuses writes for a moment, deletes this ` +
      'index, and gives its name to an alias. After the switch there is no rollback.',
    { hint: 'Add --allow-no-way-back if this is acceptable, or stop after the copy: --until ready.' },
  );
}
