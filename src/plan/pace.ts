// Estimates how long a copy takes from what earlier migrations have measured. Pure.
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
    of: source.index,
    docsPerSecond: Math.round((documents * 1_000) / ms),
    copyMs: Math.round(ms * factor),
    ...(verifyMs === null ? {} : { verifyMs: Math.round(verifyMs * factor) }),
  };
}

/** The bytes of a document on disk. */
const sizeOf = ({ documents, bytes }: { readonly documents: number; readonly bytes: number }): number =>
  Math.max(1, bytes) / Math.max(1, documents);

const ratioOf = (a: number, b: number): number => Math.max(a / b, b / a);

/** How much more work a larger document is. About half of the work does not depend on the size. */
const perDocument = (ratio: number): number => 0.5 + 0.5 * ratio;
