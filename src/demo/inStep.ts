// Whether twindex says that the index that is kept in step has everything that was written. The demo compares an index with
// its record only after that: on a slow machine following takes longer, and what is on its way is not lost.
import { setTimeout as sleep } from 'node:timers/promises';
import { operationsAfter } from '../coordinator/follow/operationsAfter.js';
import type { MigrationRecord } from '../protocol/record.js';
import type { EngineHttp } from './http.js';

/** What `twindex status --json` says of a migration. */
type Status = Pick<MigrationRecord, 'state' | 'leader' | 'source' | 'target' | 'cursors' | 'idComparisons'>;

/** How much twindex has still to do before both indexes hold the same. */
export interface Lag {
  /** Operations of the leader that twindex has not confirmed on the follower. */
  readonly operations: number;
  /** Deletes are found by comparing ids, and twindex has not finished that. */
  readonly deletesPending: boolean;
}

/** twindex was given the longest time, and was not in step at the end of it. */
export interface StillBehind extends Lag {
  readonly waitedMs: number;
}

export type Arrival =
  | { readonly type: 'inStep'; readonly afterMs: number }
  | ({ readonly type: 'behind' } & StillBehind);

export interface InStepOptions {
  readonly http: EngineHttp;
  /** Runs `twindex status NAME --json`. */
  readonly status: () => Promise<string>;
  readonly longestMs: number;
  readonly signal: AbortSignal;
  readonly onWait: (lag: Lag, waitedMs: number) => void;
}

// Each look starts a process, which costs a busy machine more than it costs to know a second later.
const POLL_MS = 2_000;

/** Waits until everything is on the follower, while nobody writes. */
export async function untilInStep({
  http,
  status,
  longestMs,
  signal,
  onWait,
}: InStepOptions): Promise<Arrival> {
  const began = performance.now();
  const reports = new Reports();
  for (;;) {
    const record = statusOf(await status());
    const lag = reports.add(record, await operationsOf(http, record[record.leader].index));
    const waitedMs = performance.now() - began;
    if (lag.operations === 0 && !lag.deletesPending) return { type: 'inStep', afterMs: waitedMs };
    if (waitedMs > longestMs) return { type: 'behind', waitedMs, ...lag };
    onWait(lag, waitedMs);
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** Reads one report after the other. A report is some seconds old, so it may say less than what is done, never more. */
export class Reports {
  /** How often twindex had looked for deletes when all operations were seen to be there. */
  #looks: number | undefined;

  /** @param operations by shard of the leader: the number of its last operation */
  add({ state, cursors, idComparisons }: Status, operations: readonly number[]): Lag {
    const behind = operationsAfter(cursors, operations);
    const isFollowing = state === 'mirroring';
    if (behind > 0 || !isFollowing) return { operations: behind, deletesPending: true };
    this.#looks ??= idComparisons.looks;
    // the look for deletes has to begin after the last of them: the one that was under way may not have seen it
    return { operations: 0, deletesPending: idComparisons.needed || idComparisons.looks === this.#looks };
  }
}

function statusOf(text: string): Status {
  const { migrations } = JSON.parse(text) as { migrations: readonly { readonly record: Status }[] };
  const [migration] = migrations;
  if (!migration) throw new Error(`twindex status knows of no migration: ${text.trim()}`);
  return migration.record;
}

interface ShardStats {
  readonly indices: Readonly<Record<string, { readonly shards: Readonly<Record<string, readonly Copy[]>> }>>;
}

interface Copy {
  readonly seq_no: { readonly max_seq_no: number };
}

/** By shard: the number of its last operation, as the engine itself says. */
async function operationsOf(http: EngineHttp, index: string): Promise<readonly number[]> {
  const path = `/${index}/_stats?level=shards&filter_path=indices.*.shards.*.seq_no`;
  const { indices } = await http.json<ShardStats>('GET', path);
  const shards = Object.values(indices)[0]?.shards ?? {};
  return Object.keys(shards)
    .sort((a, b) => Number(a) - Number(b))
    .map((shard) => Math.max(...(shards[shard] ?? []).map(({ seq_no }) => seq_no.max_seq_no)));
}

export function lagText({ operations, deletesPending }: Lag): string {
  if (operations > 0) return `${operations.toLocaleString('en')} operations behind`;
  return deletesPending ? 'looking for deletes' : 'in step';
}
