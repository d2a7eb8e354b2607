// Adds to plans how long their copies take. The times come from measurements: earlier migrations of this
// cluster, or else a trial that reads the index for a second. Without a measurement there is no estimate.
import type { Cluster } from '../cluster/cluster.js';
import { searchSources } from '../cluster/guardedReads.js';
import { isTwindexError } from '../errors.js';
import { spreadDocuments } from '../documents/sampleDocuments.js';
import { JOURNAL } from '../protocol/names.js';
import { pacedMigration } from '../protocol/record.js';
import type { Plan, TimeEstimate } from './decidePlan.js';
import { fromHistory, fromTrials, isTelling, type Past, sizeOf, type Trial } from './pace.js';

/** The last migrations of which the rates are read. */
const MAX_PAST = 200;
const TRIAL_MS = 1_000;
/** With many indexes, only the largest are tried. The others get the rate of one with similar documents. */
const ALL_TRIALS_MS = 3_000;
const TRIAL_DOCUMENTS = 200_000;

/** @param options `trials`: whether indexes may be read for it @throws the signal's reason when aborted */
export async function withTimes(
  cluster: Cluster,
  plans: readonly Plan[],
  signal: AbortSignal,
  options: { readonly trials: boolean } = { trials: true },
): Promise<Plan[]> {
  if (!plans.some(isCopy)) return [...plans];
  const past = await readPast(cluster);
  const untimed = plans.filter((plan) => isCopy(plan) && !fromHistory(plan, past));
  const trials = options.trials ? await tryAll(cluster, untimed, signal) : [];
  return plans.map((plan) =>
    isCopy(plan) ? withTime(plan, fromHistory(plan, past) ?? fromTrials(plan, trials)) : plan,
  );
}

const isCopy = ({ kind, estimate }: Plan): boolean => kind === 'new-version' && estimate !== undefined;

function withTime(plan: Plan, time: TimeEstimate | undefined): Plan {
  return time && plan.estimate ? { ...plan, estimate: { ...plan.estimate, time } } : plan;
}

async function tryAll(cluster: Cluster, plans: readonly Plan[], signal: AbortSignal): Promise<Trial[]> {
  const trials: Trial[] = [];
  const overAt = performance.now() + ALL_TRIALS_MS;
  const largestFirst = [...plans].sort((a, b) => (b.estimate?.bytes ?? 0) - (a.estimate?.bytes ?? 0));
  for (const plan of largestFirst) {
    if (plan.route?.name === 'reingest') continue;
    if (performance.now() > overAt) break;
    const trial = await tryReading(cluster, plan, signal);
    if (trial) trials.push(trial);
  }
  return trials;
}

/** @returns the newest first; none if the journal does not exist or cannot be read */
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
        return success && isTelling(data) ? [data] : [];
      })
      .sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
  } catch (error) {
    if (!isTwindexError(error)) throw error;
    return [];
  }
}

/** @returns undefined if the index is empty, or cannot be read */
async function tryReading(cluster: Cluster, plan: Plan, signal: AbortSignal): Promise<Trial | undefined> {
  const { source, estimate } = plan;
  if (!source || !estimate) return undefined;
  // the source may be in another cluster
  const at = source.cluster ? (cluster.source ?? cluster) : cluster;
  const began = performance.now();
  const pages: { readonly documents: number; readonly ms: number }[] = [];
  let since = began;
  try {
    for await (const hits of spreadDocuments(at, source.index, TRIAL_DOCUMENTS, signal)) {
      pages.push({ documents: hits.length, ms: performance.now() - since });
      since = performance.now();
      if (since - began > TRIAL_MS) break;
    }
  } catch (error) {
    if (signal.aborted || !isTwindexError(error)) throw error;
    return undefined;
  }
  // The first page is slower than the others, since nothing is in the caches of the engine yet.
  const counted = pages.length > 1 ? pages.slice(1) : pages;
  const documents = counted.reduce((sum, page) => sum + page.documents, 0);
  const ms = counted.reduce((sum, page) => sum + page.ms, 0);
  return documents === 0 ? undefined : { index: source.index, documents, ms, size: sizeOf(estimate) };
}
