// A plan with its steps and consequences: the result of `plan`, and the output of `twindex plan --json`.
import type { Plan } from '../plan/makePlan.js';
import { cannotBeUndone, type PlanStep, planSteps, type StepOptions } from '../plan/planSteps.js';
import type { Sample } from '../plan/sampleTally.js';

/**
 * The result of `plan`, as `twindex plan --json` prints it. JavaScript would print the number `1.0` of a mapping as
 * `1`. Such a number is an object with the property `text`, which is `1.0`.
 */
export interface PlanResult extends Plan {
  /** The steps of the migration in order, with the time that each takes, and who notices it. */
  readonly steps: readonly PlanStep[];
  /** The losses that no later command can undo, one sentence for each. */
  readonly cannotBeUndone: readonly string[];
  /** The result of the trial on live documents, if `sample` was given and the plan has a new version. */
  readonly sample?: Sample | undefined;
}

/** @param options the options of the migration that change its steps */
export const planResult = (plan: Plan, options: StepOptions = {}, sample?: Sample): PlanResult => ({
  ...plan,
  steps: planSteps(plan, options),
  cannotBeUndone: cannotBeUndone(plan, options),
  ...(sample ? { sample } : {}),
});
