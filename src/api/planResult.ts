// A plan with all that follows from it: what `plan` returns, and `twindex plan --json` prints.
import type { Plan } from '../plan/makePlan.js';
import { cannotBeUndone, type PlanStep, planSteps, type StepOptions } from '../plan/planSteps.js';
import type { Sample } from '../plan/sampleTally.js';

/**
 * The result of `plan`, as `twindex plan --json` prints it. A number in it that JavaScript would print with
 * another text, such as `1.0` in a mapping, is an object with its `text`.
 */
export interface PlanResult extends Plan {
  /** What a migration does, in order, with the time that it takes and who notices it. */
  readonly steps: readonly PlanStep[];
  /** What is lost for good at the end, one line each. */
  readonly cannotBeUndone: readonly string[];
  /** The result of the trial, if one was asked for and the plan has a new version. */
  readonly sample?: Sample | undefined;
}

/** @param options of the migration, on which its steps depend */
export const planResult = (plan: Plan, options: StepOptions = {}, sample?: Sample): PlanResult => ({
  ...plan,
  steps: planSteps(plan, options),
  cannotBeUndone: cannotBeUndone(plan, options),
  ...(sample ? { sample } : {}),
});
