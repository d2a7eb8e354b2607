// Adds to plans how long their copies take. The times come from measurements: earlier migrations of this
// cluster, or else a trial that reads the index for a second. Without a measurement there is no estimate.
import type { Cluster } from '../cluster/cluster.js';
import { searchSources } from '../cluster/guardedReads.js';
import { isTwindexError } from '../errors.js';
import { PageReader } from '../documents/pageReader.js';
import { indexRouting } from '../cluster/indices/indexRouting.js';
import { JOURNAL } from '../protocol/names.js';
import { pacedMigration } from '../protocol/record.js';
import type { Plan, TimeEstimate } from './decidePlan.js';
import { fromHistory, fromTrials, isTelling, type Past, sizeOf, type Trial } from './pace.js';

/** The last migrations of which the rates are read. */
const MAX_PAST = 200;
const TRIAL_MS = 1_000;
/** With many indexes, only the largest are tried. The others get the rate of one with similar documents. */
const ALL_TRIALS_MS = 3_000;

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
  try {
    const { documents, ms } = await readForAWhile(at, source.index, signal);
    return documents === 0 ? undefined : { index: source.index, documents, ms, size: sizeOf(estimate) };
  } catch (error) {
    if (signal.aborted || !isTwindexError(error)) throw error;
    return undefined;
  }
}

/** Reads pages as the copy does. @returns the documents of all pages, and the time for them */
async function readForAWhile(
  cluster: Cluster,
  index: string,
  signal: AbortSignal,
): Promise<{ readonly documents: number; readonly ms: number }> {
  const { shards } = await indexRouting(cluster, index);
  const began = performance.now();
  // The first page is smaller and slower than the others. It counts only if there are no others.
  const first = { documents: 0, ms: 0 };
  const others = { documents: 0, ms: 0 };
  let since = began;
  for (let shard = 0; shard < shards; shard++) {
    const reader = new PageReader(cluster, 'source');
    for await (const hits of reader.pages(index, shard, { after: -1, upTo: undefined })) {
      const counted = first.documents === 0 ? first : others;
      counted.documents += hits.length;
      counted.ms += performance.now() - since;
      since = performance.now();
      signal.throwIfAborted();
      if (since - began > TRIAL_MS) return others.documents > 0 ? others : first;
    }
  }
  return others.documents > 0 ? others : first;
}
