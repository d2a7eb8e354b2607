// Estimates how long a copy takes from what was measured: earlier migrations, or a trial. Pure.
import type { PacedMigration } from '../protocol/record.js';
import type { Estimate, Plan, TimeEstimate } from './decidePlan.js';

/** A smaller copy is over before its rate says anything about larger ones. */
const WORTH_DOCUMENTS = 5_000;
const WORTH_MS = 1_000;
/** Documents of another index count only if they are at most this many times as large or as small. */
const MAX_RATIO = 4;

/** A migration of this cluster that has measured its copy. */
export type Past = PacedMigration & { readonly copyPace: NonNullable<PacedMigration['copyPace']> };

export function isTelling(past: PacedMigration): past is Past {
  const { copyPace, throttle } = past;
  // A copy with a limit of the user says nothing about a copy without one.
  if (!copyPace || throttle.maxDocsPerSecond !== null) return false;
  return copyPace.documents >= WORTH_DOCUMENTS && copyPace.ms >= WORTH_MS && copyPace.bytes > 0;
}

/**
 * The estimate from the most similar of the earlier migrations: if possible the last one of the same name,
 * else one of the same kind whose documents have a similar size.
 * @param past those that tell something, the newest first
 */
export function fromHistory(plan: Plan, past: readonly Past[]): TimeEstimate | undefined {
  const { estimate, route, transform, name } = plan;
  if (!estimate || estimate.documents === 0 || !route) return undefined;
  const size = sizeOf(estimate);
  const alike = past.filter((one) => one.route === route.name && one.hasTransform === transform);
  const own = alike.find((one) => one.name === name);
  // What a source of truth needs has nothing to do with other sources.
  const others = route.name === 'reingest' ? [] : alike;
  const best =
    own ??
    others
      .map((one) => ({ one, ratio: ratioOf(size, sizeOf(one.copyPace)) }))
      .filter(({ ratio }) => ratio <= MAX_RATIO)
      .sort((a, b) => a.ratio - b.ratio)[0]?.one;
  return best && scaled(estimate, best);
}

function scaled(estimate: Estimate, { copyPace, source }: Past): TimeEstimate {
  const { documents, ms, verifyMs } = copyPace;
  const factor = (estimate.documents / documents) * perDocument(sizeOf(estimate) / sizeOf(copyPace));
  return {
    from: 'history',
    of: source.index,
    docsPerSecond: Math.round((documents * 1_000) / ms),
    copyMs: Math.round(ms * factor),
    ...(verifyMs === null ? {} : { verifyMs: Math.round(verifyMs * factor) }),
  };
}

/** The bytes of a document on disk. */
export const sizeOf = ({
  documents,
  bytes,
}: {
  readonly documents: number;
  readonly bytes: number;
}): number => Math.max(1, bytes) / Math.max(1, documents);

const ratioOf = (a: number, b: number): number => Math.max(a / b, b / a);

/** What was read of an index in a trial. */
export interface Trial {
  readonly index: string;
  readonly documents: number;
  readonly ms: number;
  /** The bytes on disk for a document. */
  readonly size: number;
}

/**
 * From a trial to the duration of a copy: how many times as long as reading a document it takes, and what is
 * needed anyway. Fitted to migrations of 8,000 to 60,000 documents of 70 bytes to 5 KB, with one shard, on
 * OpenSearch and two cores that were busy with other work. The duration of the verification is not estimated
 * from a trial: it took 0.2 to 5 times as long as reading.
 */
const TIMES_READ = { server: 1.8, client: 4, pipeline: 4 } as const;
const ANYWAY_MS = 2_000;

/** @param trials of this index, or of others; the one with the most similar documents counts */
export function fromTrials(
  { estimate, route, source }: Plan,
  trials: readonly Trial[],
): TimeEstimate | undefined {
  if (!estimate || !route || route.name === 'reingest') return undefined;
  const size = sizeOf(estimate);
  const own = trials.find(({ index }) => index === source?.index);
  const [similar] = [...trials].sort((a, b) => ratioOf(size, a.size) - ratioOf(size, b.size));
  const trial = own ?? (similar && ratioOf(size, similar.size) <= MAX_RATIO ? similar : undefined);
  if (!trial) return undefined;
  const readMs = (estimate.documents * trial.ms * perDocument(size / trial.size)) / trial.documents;
  return {
    from: 'trial',
    of: trial.index,
    docsPerSecond: Math.round((trial.documents * 1_000) / trial.ms),
    copyMs: Math.round(ANYWAY_MS + readMs * TIMES_READ[route.name]),
  };
}

/** How much more work a larger document is. About half of the work does not depend on the size. */
const perDocument = (ratio: number): number => 0.5 + 0.5 * ratio;
