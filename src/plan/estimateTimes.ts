// Adds estimated times to plans, from the rates of earlier migrations in this cluster. If no earlier
// migration is similar, there is no estimate: estimates from reading a few documents were wrong by up to a
// factor of four.
import type { Cluster } from '../cluster/cluster.js';
import { searchSources } from '../cluster/guardedReads.js';
import { isTwindexError } from '../errors.js';
import { JOURNAL } from '../protocol/names.js';
import { pacedMigration } from '../protocol/record.js';
import type { Plan, TimeEstimate } from './decidePlan.js';
import { fromHistory, isUsable, type Past } from './pace.js';

/** How many earlier migrations are read, the newest first. */
const MAX_PAST = 200;

/** Adds the estimated times to plans of new versions, if an earlier migration is similar enough. */
export async function withTimes(cluster: Cluster, plans: readonly Plan[]): Promise<Plan[]> {
  if (!plans.some(isCopy)) return [...plans];
  const past = await readPast(cluster);
  return plans.map((plan) => (isCopy(plan) ? withTime(plan, fromHistory(plan, past)) : plan));
}

const isCopy = ({ kind, estimate }: Plan): boolean => kind === 'new-version' && estimate !== undefined;

function withTime(plan: Plan, time: TimeEstimate | undefined): Plan {
  return time && plan.estimate ? { ...plan, estimate: { ...plan.estimate, time } } : plan;
}

/** @returns the newest migration first; an empty list if the journal does not exist or cannot be read */
async function readPast(cluster: Cluster): Promise<Past[]> {
  try {
    const found = await searchSources(cluster, {
      index: JOURNAL,
      body: {
        size: MAX_PAST,
        query: { bool: { filter: [{ terms: { kind: ['history', 'migration'] } }] } },
        sort: [{ _seq_no: { order: 'desc', unmapped_type: 'long' } }],
      },
      source: Object.keys(pacedMigration.shape),
    });
    return found
      .flatMap((source) => {
        const { success, data } = pacedMigration.safeParse(source);
        return success && isUsable(data) ? [data] : [];
      })
      .sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
  } catch (error) {
    if (!isTwindexError(error)) throw error;
    return [];
  }
}
