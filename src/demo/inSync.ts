// Waits until twindex reports that the follower has all writes. Only then the demo compares the follower with the
// record of acknowledged writes, because a write that is not copied yet is not a lost write.
import { setTimeout as sleep } from 'node:timers/promises';
import { operationsAfter } from '../coordinator/follow/operationsAfter.js';
import type { MigrationRecord } from '../protocol/record.js';
import type { EngineHttp } from './http.js';

type Status = Pick<MigrationRecord, 'state' | 'leader' | 'source' | 'target' | 'cursors' | 'idComparisons'>;

export interface Lag {
  /** The number of the leader's operations that twindex has not confirmed on the follower. */
  readonly operations: number;
  /** True until twindex has compared all ids, and so has found all missed deletes. */
  readonly deletesPending: boolean;
}

export interface StillBehind extends Lag {
  readonly waitedMs: number;
}

export type Arrival =
  | { readonly type: 'inSync'; readonly afterMs: number }
  | ({ readonly type: 'behind' } & StillBehind);

export interface InSyncOptions {
  readonly http: EngineHttp;
  readonly status: () => Promise<string>;
  readonly longestMs: number;
  readonly signal: AbortSignal;
  readonly onWait: (lag: Lag, waitedMs: number) => void;
}

// Each poll starts a process, so on a busy machine frequent polls would take more time than they save.
const POLL_MS = 2_000;

/** Waits until the follower has all writes. Nobody may write meanwhile. */
export async function untilInSync({
  http,
  status,
  longestMs,
  signal,
  onWait,
}: InSyncOptions): Promise<Arrival> {
  const began = performance.now();
  const reports = new Reports();
  for (;;) {
    const record = statusOf(await status());
    const lag = reports.add(record, await operationsOf(http, record[record.leader].index));
    const waitedMs = performance.now() - began;
    if (lag.operations === 0 && !lag.deletesPending) return { type: 'inSync', afterMs: waitedMs };
    if (waitedMs > longestMs) return { type: 'behind', waitedMs, ...lag };
    onWait(lag, waitedMs);
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** Evaluates status reports. A report may be some seconds old, so the real progress may be greater. */
export class Reports {
  /**
   * The value of `looks` (how often twindex has read the delete counters) in the first report in which no
   * operation was missing.
   */
  #looks: number | undefined;

  /** @param operations for each shard of the leader, the number of its last operation */
  add({ state, cursors, idComparisons }: Status, operations: readonly number[]): Lag {
    const behind = operationsAfter(cursors, operations);
    const isFollowing = state === 'mirroring';
    if (behind > 0 || !isFollowing) return { operations: behind, deletesPending: true };
    this.#looks ??= idComparisons.looks;
    // Wait until twindex reads the delete counters once more, because the last delete may be later than the
    // last reading.
    return { operations: 0, deletesPending: idComparisons.needed || idComparisons.looks === this.#looks };
  }
}

function statusOf(text: string): Status {
  const { migrations } = JSON.parse(text) as { migrations: readonly { readonly record: Status }[] };
  const [migration] = migrations;
  if (!migration) throw new Error(`twindex status shows no migration: ${text.trim()}`);
  return migration.record;
}

interface ShardStats {
  readonly indices: Readonly<Record<string, { readonly shards: Readonly<Record<string, readonly Copy[]>> }>>;
}

interface Copy {
  readonly seq_no: { readonly max_seq_no: number };
}

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
  return deletesPending ? 'looking for deletes' : 'in sync';
}
