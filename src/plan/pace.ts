// Estimates the duration of a copy from the measured rates of earlier migrations. Pure.
import type { PacedMigration } from '../protocol/record.js';
import type { Estimate, Plan, TimeEstimate } from './decidePlan.js';

/** A copy of fewer documents is not used, since its rate is no measure for larger copies. */
const WORTH_DOCUMENTS = 5_000;
const WORTH_MS = 1_000;
/** Another index counts as similar only if its documents are at most this many times larger or smaller. */
const MAX_RATIO = 4;

/** An earlier migration in this cluster whose copy was measured. */
export type Past = PacedMigration & { readonly copyPace: NonNullable<PacedMigration['copyPace']> };

export function isUsable(past: PacedMigration): past is Past {
  const { copyPace, throttle } = past;
  // A copy that the user has limited is no measure for an unlimited copy.
  if (!copyPace || throttle.maxDocsPerSecond !== null) return false;
  return copyPace.documents >= WORTH_DOCUMENTS && copyPace.ms >= WORTH_MS && copyPace.bytes > 0;
}

/**
 * Estimates from an earlier migration by the same route, with a transform if the plan has one: if possible the last
 * migration of the same name, otherwise the one whose documents have the most similar size.
 * @param past the migrations for which `isUsable` is true, the newest first
 */
export function fromHistory(plan: Plan, past: readonly Past[]): TimeEstimate | undefined {
  const { estimate, route, transform, name } = plan;
  if (!estimate || estimate.documents === 0 || !route) return undefined;
  const size = sizeOf(estimate);
  const alike = past.filter((one) => one.route === route.name && one.hasTransform === transform);
  const own = alike.find((one) => one.name === name);
  // Never use another index for the route `reingest`, since each source of truth has its own speed.
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

/** The average number of bytes that a document takes on disk. */
const sizeOf = ({ documents, bytes }: { readonly documents: number; readonly bytes: number }): number =>
  Math.max(1, bytes) / Math.max(1, documents);

const ratioOf = (a: number, b: number): number => Math.max(a / b, b / a);

/**
 * The factor by which larger documents take more work. About half of the work does not depend on the size.
 */
const perDocument = (ratio: number): number => 0.5 + 0.5 * ratio;
