// Collects what the demo has found into one object, and lists the problems. Pure.
import type { Comparison } from './comparison.js';
import { lagText, type StillBehind } from './inSync.js';
import type { ReadTally } from './reader.js';
import type { Features } from './schemas.js';
import type { WriteTally } from './writer.js';

export interface PhaseEvidence {
  readonly name: string;
  readonly ms: number;
  /** The index behind the read alias after the phase. */
  readonly readers: string;
  readonly writers: string;
}

/** The result of twindex's own verification, as `twindex status --json` shows it. */
export interface OwnVerify {
  readonly documents: number;
  readonly differences: number;
  readonly repaired: number;
  readonly firstDifferences: readonly string[];
}

/**
 * The comparison of the follower with the record of acknowledged writes, made after twindex has reported that the
 * follower is in sync. If twindex does not report this in time: the lag.
 */
export type WhenInSync =
  | { readonly type: 'compared'; readonly comparison: Comparison; readonly afterMs: number }
  | ({ readonly type: 'behind' } & StillBehind);

interface InSync {
  readonly documents: number;
  readonly differences: number;
  /** The time from the last write until the follower was in sync; null if this took so long that nothing was compared. */
  readonly afterMs: number | null;
}

export interface Evidence {
  readonly engine: { readonly name: string; readonly version: string };
  readonly features: Features;
  readonly reads: {
    readonly served: number;
    readonly failed: number;
    readonly empty: number;
    readonly byIndex: Readonly<Record<string, number>>;
  };
  readonly writes: {
    readonly acknowledged: number;
    readonly failed: number;
    readonly retried: number;
    /** Writes without a response because their gateway was killed. The engine may have carried them out. */
    readonly unanswered: number;
    readonly lost: number;
    readonly resurrected: number;
    readonly byKind: Readonly<Record<string, number>>;
  };
  readonly verify: OwnVerify;
  /** The comparison of the new index with the record of acknowledged writes, at the end of the demo. */
  readonly record: { readonly documents: number; readonly differences: number };
  /** The comparison of the new index with this record, while readers used the new index and writers the old index. */
  readonly inSync: InSync;
  /** The comparison of the old index with this record, while writers used the new index. */
  readonly wayBack: InSync;
  /**
   * With gateways: the longest response time of a write around the switch. Without: the longest time for which a
   * writer had to retry. In ms.
   */
  readonly pauseMs: number;
  readonly pause: { readonly p50Ms: number; readonly maxMs: number };
  readonly answered: Spread | undefined;
  /** Response times of the writes around the switch. Gateways hold writes only then. */
  readonly held: Spread | undefined;
  readonly gateways: GatewayEvidence | undefined;
  readonly phases: readonly PhaseEvidence[];
  readonly problems: readonly string[];
  /** Checks that were skipped because twindex was too slow on this machine. They do not count as failed. */
  readonly tooSlow: readonly string[];
  readonly ok: boolean;
}

interface Spread {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

interface GatewayEvidence {
  readonly kills: number;
  /** The number of documents that were written without a gateway, as far as twindex has noticed. */
  readonly past: number;
  /** The versions of documents that gateways received at the same time. */
  readonly spoken: readonly string[];
}

export interface Findings {
  readonly engine: Evidence['engine'];
  readonly features: Features;
  readonly reads: ReadTally;
  readonly writes: WriteTally;
  readonly verify: OwnVerify | undefined;
  readonly final: Comparison | undefined;
  readonly inSync: WhenInSync | undefined;
  readonly wayBack: WhenInSync | undefined;
  readonly phases: readonly PhaseEvidence[];
  readonly gateways?: GatewayEvidence | undefined;
  readonly wanted: readonly string[];
  readonly problems: readonly string[];
}

export function makeEvidence(findings: Findings): Evidence {
  const { reads, writes, final, inSync, wayBack } = findings;
  const waits = [...writes.waitsMs].sort((a, b) => a - b);
  const held = spreadOf(writes.heldMs);
  const maxMs = held?.maxMs ?? Math.round(waits.at(-1) ?? 0);
  const problems = problemsOf(findings);
  const tooSlow = [...slowness(BEFORE_SWITCH, inSync), ...slowness(WAY_BACK, wayBack)];
  return {
    engine: findings.engine,
    features: findings.features,
    reads: { served: reads.served, failed: reads.failed, empty: reads.empty, byIndex: reads.byIndex },
    writes: {
      acknowledged: writes.acknowledged,
      failed: writes.failed,
      retried: writes.retried,
      unanswered: writes.unanswered,
      lost: final?.lost ?? 0,
      resurrected: final?.resurrected ?? 0,
      byKind: writes.byKind,
    },
    verify: findings.verify ?? { documents: 0, differences: 0, repaired: 0, firstDifferences: [] },
    record: summary(final),
    inSync: inSyncSummary(inSync),
    wayBack: inSyncSummary(wayBack),
    pauseMs: maxMs,
    pause: { p50Ms: held?.p50Ms ?? Math.round(waits[Math.floor(waits.length / 2)] ?? 0), maxMs },
    answered: spreadOf(writes.answeredMs),
    held,
    gateways: findings.gateways,
    phases: findings.phases,
    problems,
    tooSlow,
    ok: problems.length === 0 && tooSlow.length === 0,
  };
}

const BEFORE_SWITCH = 'the new index, before the switch';
const WAY_BACK = 'the old index, the way back';

function problemsOf(findings: Findings): string[] {
  const { reads, writes, verify, final, inSync, wayBack, phases, wanted } = findings;
  const gone = new Set(phases.map((phase) => phase.name));
  const missing = wanted.filter((name) => !gone.has(name));
  return [
    ...findings.problems,
    ...missing.map((name) => `the phase ${name} was not reached`),
    ...(reads.served === 0 ? ['no read was served'] : []),
    ...(writes.acknowledged === 0 ? ['no write was acknowledged'] : []),
    ...some(reads.failed, 'reads failed', reads.examples),
    ...some(reads.empty, 'reads found nothing', reads.failed === 0 ? reads.examples : []),
    ...some(writes.failed, 'writes failed', writes.examples),
    ...gatewayProblems(findings),
    ...comparisonProblems('the new index', final),
    ...inSyncProblems(BEFORE_SWITCH, inSync),
    ...inSyncProblems(WAY_BACK, wayBack),
    ...(verify === undefined ? ["the result of twindex's verification is unknown"] : []),
    ...(verify?.documents === 0 ? ['twindex has not verified any document'] : []),
    ...some(verify?.differences ?? 0, 'differences were found by verify', verify?.firstDifferences ?? []),
    ...some(verify?.repaired ?? 0, 'documents were repaired by verify', []),
  ];
}

function gatewayProblems({ gateways, writes }: Findings): string[] {
  if (!gateways) return [];
  return [
    ...some(writes.retried, 'writes had to be sent again by the application', writes.examples),
    ...(gateways.kills === 0 ? ['no gateway was killed'] : []),
    ...(gateways.spoken.length < 2 ? ['the two releases did not write at the same time'] : []),
    ...(gateways.past === 0 ? ['twindex has not noticed that one writer bypasses the gateways'] : []),
  ];
}

function spreadOf(times: readonly number[]): Spread | undefined {
  if (times.length === 0) return undefined;
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): number => Math.round(sorted[Math.floor((sorted.length - 1) * share)] as number);
  return { p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}

function inSyncProblems(what: string, when: WhenInSync | undefined): string[] {
  return when?.type === 'behind' ? [] : comparisonProblems(what, when?.comparison);
}

function slowness(what: string, when: WhenInSync | undefined): string[] {
  if (when?.type !== 'behind') return [];
  const seconds = Math.round(when.waitedMs / 1000);
  return [`twindex is still ${lagText(when)} after ${seconds} s: ${what}, was not compared`];
}

function comparisonProblems(what: string, comparison: Comparison | undefined): string[] {
  if (!comparison) return [`${what} was not compared with the record`];
  const { lost, resurrected, examples, documents } = comparison;
  return [
    ...(documents === 0 ? [`${what} is empty`] : []),
    ...some(lost, `acknowledged writes are lost in ${what}`, examples),
    ...some(resurrected, `deleted documents are back in ${what}`, lost === 0 ? examples : []),
  ];
}

function some(count: number, what: string, examples: readonly string[]): string[] {
  return count === 0 ? [] : [`${count} ${what}${examples.map((example) => `\n    ${example}`).join('')}`];
}

function summary(comparison: Comparison | undefined): { documents: number; differences: number } {
  if (!comparison) return { documents: 0, differences: 0 };
  return { documents: comparison.documents, differences: comparison.lost + comparison.resurrected };
}

function inSyncSummary(when: WhenInSync | undefined): InSync {
  if (when?.type !== 'compared') return { documents: 0, differences: 0, afterMs: null };
  return { ...summary(when.comparison), afterMs: Math.round(when.afterMs) };
}
