// Carries out a plan after the user has agreed: by changing the live index in place, or by a migration.
import { TwindexError } from '../errors.js';
import type { EventBus } from '../events.js';
import type { MigrationRecord } from '../protocol/record.js';
import {
  type Beginning,
  type Gate,
  type MigrateOptions,
  type MigrateResult,
  runMigration,
} from '../coordinator/migration/runMigration.js';
import { applyPlan } from '../plan/apply.js';
import { makePlan, type Plan } from '../plan/makePlan.js';
import type { IndexDefinition } from '../schema/types.js';
import type { MigrateFlags } from './migrateFlags.js';
import { demandFresh } from './planFile.js';
import type { Project } from './openProject.js';

export interface Job {
  readonly project: Project;
  readonly definition: IndexDefinition;
  readonly plan: Plan;
  readonly flags: MigrateFlags;
}

/** @param kept the plan from the file of `--plan` @throws TwindexError `unsafe` if it is out of date */
export async function planOf(
  { cluster }: Project,
  definition: IndexDefinition,
  flags: MigrateFlags,
  kept: Plan | undefined,
): Promise<Plan> {
  const plan = await makePlan(cluster, definition, {
    route: flags.route,
    given: flags.from !== undefined,
  });
  if (kept) demandFresh(kept, plan, flags.plan ?? '');
  return plan;
}

export const isMigration = ({ kind }: Plan): boolean => kind === 'new-version' || kind === 'running';

/** Carries out a plan that needs no new index. @returns the index that now matches its declaration */
export async function change({ project, definition, plan }: Job): Promise<string | undefined> {
  await applyPlan(project.cluster, definition, plan);
  return plan.target?.index ?? plan.source?.index;
}

export interface Run extends Pick<MigrateOptions, 'until' | 'signal' | 'confirm' | 'stay'> {
  readonly bus: EventBus;
}

/** @throws TwindexError `usage` for the gate `cutover`, if readers and writers use the same name */
export async function copy({ project, definition, plan, flags }: Job, run: Run): Promise<MigrateResult> {
  if (run.until === 'cutover' && plan.layout !== 'two-aliases' && plan.kind === 'new-version')
    throw new TwindexError(
      'usage',
      `readers and writers of ${plan.name} come through one name, so they move together: use --until ready or --until switched`,
    );
  return runMigration(project.cluster, definition, { ...optionsFrom(flags), ...run }, beginningOf(plan));
}

/**
 * The default for `--until` if the user is not asked. It never deletes the old index. If documents change
 * their shape, it is a gate before the switch, since applications have to be prepared.
 */
export function defaultGate({ transform, layout }: Plan): Gate {
  if (!transform) return 'switched';
  return layout === 'two-aliases' ? 'cutover' : 'ready';
}

function optionsFrom(
  flags: MigrateFlags,
): Omit<MigrateOptions, 'until' | 'bus' | 'signal' | 'confirm' | 'stay'> {
  return {
    maxLagMs: flags.maxLag,
    maxWritePauseMs: flags.maxWritePause,
    graceMs: flags.grace,
    leaseMs: flags.lease,
    keepMs: flags.keep,
    soakMs: flags.soak,
    dropRejected: flags.dropRejected ?? false,
    maxRejected: flags.maxRejected,
    from: flags.from,
    prune: flags.prune,
    force: flags.force,
    throttle: {
      ...(flags.maxDocs === undefined ? {} : { maxDocsPerSecond: flags.maxDocs }),
      ...(flags.maxSlowdown === undefined ? {} : { maxSlowdown: flags.maxSlowdown }),
      ...(flags.throttle ? {} : { auto: false }),
    },
  };
}

function beginningOf({ kind, source, target, layout, route }: Plan): Beginning | undefined {
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
      hint: 'Add --allow-outage if that may be, or raise `version` in the index file for a new index without an outage.',
    },
  );
}

/**
 * For runs that ask nothing: `--yes` alone does not agree to a switch that cannot be rolled back.
 * @returns undefined if a rollback is possible, or `--allow-no-way-back` was given
 */
export function needsWayBack(
  { name, layout, source, running }: Plan,
  until: Gate,
  flags: MigrateFlags,
): TwindexError | undefined {
  const isBare = layout === 'bare-index' && running?.goal !== 'switched' && running?.goal !== 'finalized';
  if (!isBare || flags.allowNoWayBack || (until !== 'switched' && until !== 'finalized')) return undefined;
  return new TwindexError(
    'flag_needed',
    `${source?.index ?? name} is used by its own name, without an alias: the switch puts an alias in its place and deletes it, so ` +
      'there is no way back from it, and writes are refused for a moment.',
    { hint: 'Add --allow-no-way-back if that may be, or go as far as the copy: --until ready.' },
  );
}

/** The last line for an index with `--json`. */
export const resultEvent = {
  changed: (name: string, index: string | undefined): object => ({
    event: 'result',
    name,
    phase: 'done',
    index,
  }),
  migrated: ({ name, evidence, reingest }: MigrationRecord, phase: string): object => ({
    event: 'result',
    name,
    phase,
    evidence,
    ...(reingest ? { reingest } : {}),
  }),
};
