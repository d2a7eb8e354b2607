// Migrates one index: makes the plan, asks for consent, and carries the plan out.
import type { EventBus } from '../events.js';
import type { Gate, MigrateOptions, MigrateResult } from '../coordinator/migration/runMigration.js';
import type { Plan } from '../plan/makePlan.js';
import {
  blocked,
  change,
  migrateByPlan,
  isMigration,
  type Job,
  needsOutage,
  needsWayBack,
  type PlanRequest,
  planOf,
  type RunSettings,
  unattendedGate,
} from './executePlan.js';
import type { Project } from './project.js';

/** Decides whether a plan is carried out. Either a person is asked, or the options of the run decide. */
export interface Consent {
  /** Whether the index may be created, or changed in place. */
  readonly toChange: (plan: Plan) => Promise<boolean>;
  /** @returns how far the migration may go; undefined if it may not begin */
  readonly toMigrate: (plan: Plan) => Promise<Agreed | undefined>;
}

interface Agreed extends Pick<MigrateOptions, 'confirm'> {
  readonly until: Gate;
}

export interface MigrateRequest extends Omit<PlanRequest, 'given'> {
  readonly settings: RunSettings;
  readonly consent: Consent;
  readonly bus: EventBus;
  readonly signal: AbortSignal;
  /** Whether to stay after the agreed phase, as long as two indexes have to be kept in sync. */
  readonly stay: boolean;
  /** Calls `make`. The command line shows a spinner meanwhile, because `make` may take seconds. */
  readonly preparing?: (make: () => Promise<Plan>) => Promise<Plan>;
  /** Called with the plan before anything is asked or changed. */
  readonly onPlan?: (plan: Plan) => void;
}

export type MigrateOutcome = { readonly plan: Plan } & (
  | { readonly type: 'unchanged' }
  /** Nothing was changed, because the consent was not given. */
  | { readonly type: 'declined' }
  /** The index was created, or changed in place. */
  | { readonly type: 'changed'; readonly index: string | undefined }
  | ({ readonly type: 'migrated' } & MigrateResult)
);

/** @throws TwindexError `plan_blocked`, and the errors of the consent and of `runMigration` */
export async function migrateIndex(project: Project, request: MigrateRequest): Promise<MigrateOutcome> {
  const { definition, settings, consent, bus, signal, stay, onPlan } = request;
  const { preparing = (make) => make() } = request;
  const make = (): Promise<Plan> => planOf(project, { ...request, given: settings.from !== undefined });
  const plan = await preparing(make);
  onPlan?.(plan);
  if (plan.kind === 'nothing') return { type: 'unchanged', plan };
  if (plan.kind === 'blocked') throw blocked(plan);
  const job: Job = { project, definition, plan, settings };
  if (!isMigration(plan)) {
    if (!(await consent.toChange(plan))) return { type: 'declined', plan };
    return { type: 'changed', plan, index: await change(job) };
  }
  const agreed = await consent.toMigrate(plan);
  if (!agreed) return { type: 'declined', plan };
  return { type: 'migrated', plan, ...(await migrateByPlan(job, { ...agreed, bus, signal, stay })) };
}

interface Allowed {
  readonly until?: Gate | undefined;
  readonly allowOutage?: boolean | undefined;
  readonly allowNoWayBack?: boolean | undefined;
}

/**
 * The consent of a run that asks nothing and does not stay.
 * @returns a consent that throws a TwindexError `flag_needed` for an outage or a switch that is not allowed
 */
export const consentOf = ({ until, allowOutage = false, allowNoWayBack = false }: Allowed): Consent => ({
  toChange: async (plan) => {
    if (plan.kind === 'close-and-open' && !allowOutage) throw needsOutage(plan);
    return true;
  },
  toMigrate: async (plan) => {
    const gate = until ?? unattendedGate(plan);
    const error = needsWayBack(plan, gate, allowNoWayBack);
    if (error) throw error;
    return { until: gate };
  },
});
