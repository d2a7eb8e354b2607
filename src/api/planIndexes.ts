// Makes the plans of several indexes, and tries them on live documents.
import { runFleet } from '../coordinator/migration/steering/runFleet.js';
import { withTimes } from '../plan/estimateTimes.js';
import { makePlan, type Plan } from '../plan/makePlan.js';
import { type Sample, takeSample } from '../plan/sample.js';
import type { Route } from '../protocol/record.js';
import type { IndexDefinition } from '../schema/types.js';
import type { Project } from './project.js';

export interface PlansRequest {
  readonly route?: Route | undefined;
  /** The number of live documents on which each plan of a new version is tried. Default: none. */
  readonly sample?: number | undefined;
  readonly signal: AbortSignal;
}

export interface Planned {
  readonly plan: Plan;
  /** Undefined if no sample was asked for, or the plan has no new version. */
  readonly sample: Sample | undefined;
}

const AT_ONCE = 8;

/** @throws the first error of a plan, in the order of `definitions` */
export async function planIndexes(
  { cluster }: Project,
  definitions: readonly IndexDefinition[],
  { route, sample: count, signal }: PlansRequest,
): Promise<Planned[]> {
  const make = (definition: IndexDefinition): Promise<Plan> => makePlan(cluster, definition, { route });
  // only a few at a time, since each plan sends about a dozen requests
  const outcomes = await runFleet(definitions, make, { atOnce: AT_ONCE, signal });
  const made = outcomes.map((outcome) => {
    if (outcome.type === 'done') return outcome.result;
    throw outcome.type === 'failed' ? outcome.error : signal.reason;
  });
  const plans = await withTimes(cluster, made);
  const planned: Planned[] = [];
  // one after the other, since a sample loads the cluster about as much as a migration does
  for (const [n, plan] of plans.entries()) {
    const definition = definitions[n] as IndexDefinition;
    const isAsked = count !== undefined;
    const sample = isAsked ? await takeSample({ cluster, definition, plan, count, signal }) : undefined;
    planned.push({ plan, sample });
  }
  return planned;
}
