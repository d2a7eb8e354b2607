// Finds documents that only the follower has, because their delete on the leader was missed. The follower is
// read in the order of `_seq_no`, so a document that is written meanwhile is found again at the end.
import { countIdGroups } from '../../cluster/documents/countIdGroups.js';
import type { DocumentKey } from '../../cluster/documents/multiGet.js';
import { refresh } from '../../cluster/indices/refresh.js';
import { type Replication, noteRouting } from '../../protocol/replication.js';
import { getDocs } from '../../documents/getDocs.js';
import { KeyList } from '../../documents/keyList.js';
import { PageReader } from '../../documents/pageReader.js';

/** Up to this many ids are kept in memory. A hold compares them, so it need not read the follower again. */
const MAX_KEPT = 500_000;

export class IdComparison {
  readonly #replication: Replication;
  readonly #reader: PageReader;
  readonly #cursors: number[];
  #refreshed = false;
  compared = 0;
  /** Whether all ids have been compared. */
  read = false;
  readonly #seen = new SeenKeys();

  /** @param after for each shard of the follower: documents up to this `_seq_no` are not read */
  constructor(replication: Replication, after?: readonly number[]) {
    this.#replication = replication;
    this.#reader = new PageReader(replication.follower.cluster, 'ids');
    this.#cursors = Array.from({ length: replication.follower.shards }, (_, shard) => after?.[shard] ?? -1);
  }

  get kept(): Iterable<DocumentKey> | undefined {
    return this.#seen.keys;
  }

  /** Continues the comparison for about `budgetMs`. @returns compared keys that the leader does not have */
  async slice(budgetMs: number): Promise<DocumentKey[]> {
    const { follower } = this.#replication;
    const deadline = performance.now() + budgetMs;
    if (!this.#refreshed) await refresh(follower.cluster, follower.index);
    this.#refreshed = true;
    const missing: DocumentKey[] = [];
    for (let shard = 0; shard < follower.shards; shard++) {
      let next: ReturnType<PageReader['read']> | undefined;
      while (this.#cursors[shard] !== Number.POSITIVE_INFINITY) {
        const after = this.#cursors[shard] as number;
        const page = await (next ?? this.#reader.read(follower.index, shard, after, undefined));
        const lastHit = page.hits.at(-1);
        const stop = performance.now() > deadline;
        const more = !page.last && lastHit && !stop;
        next = more ? this.#reader.read(follower.index, shard, lastHit.seqNo, undefined) : undefined;
        next?.catch(() => undefined); // prevents an unhandled rejection if this slice fails
        missing.push(...(await this.#compare(page.hits.map(({ id, routing }) => ({ id, routing })))));
        // oxlint-disable-next-line twindex/atomic-updates -- one slice runs at a time
        this.#cursors[shard] = page.last || !lastHit ? Number.POSITIVE_INFINITY : lastHit.seqNo;
        if (stop) return missing;
      }
    }
    this.read = true;
    return missing;
  }

  async #compare(keys: readonly DocumentKey[]): Promise<DocumentKey[]> {
    this.compared += keys.length;
    noteRouting(this.#replication, keys);
    this.#seen.add(keys);
    return await missingOf(this.#replication, keys);
  }
}

export class SeenKeys {
  /** Undefined if there are more than `MAX_KEPT`. */
  keys: KeyList | undefined = new KeyList();

  add(keys: readonly DocumentKey[]): void {
    if (this.keys && this.keys.length + keys.length > MAX_KEPT) this.keys = undefined;
    for (const key of keys) this.keys?.push(key);
  }
}

/** @returns the keys that the leader does not have. Each is read in realtime. */
export async function missingOf(
  replication: Replication,
  keys: readonly DocumentKey[],
): Promise<DocumentKey[]> {
  const { leader } = replication;
  const docs = await getDocs(leader.cluster, leader.index, keys, { source: false });
  // The leader may have the id under another routing. Then it does not have this key.
  return keys.filter((key, n) => docs[n]?.found === false || docs[n]?.routing !== key.routing);
}

const GROUP = 100;
const BATCH = 10_000;

/**
 * Like `missingOf`, for a leader that accepts no writes and has been refreshed. The leader is asked how many
 * of a hundred ids it has. Single ids are read only if some are missing. This is many times faster, but can't
 * distinguish two routings of one id, so the caller has to prove the result in another way.
 * @returns undefined if there was not enough time
 */
export async function missingWhileStill(
  replication: Replication,
  keys: Iterable<DocumentKey>,
  left: () => number,
): Promise<DocumentKey[] | undefined> {
  const missing: DocumentKey[] = [];
  for (const batch of batchesOf(keys)) {
    if (left() <= 0) return undefined;
    missing.push(...(await missingOf(replication, await unmatched(replication, batch))));
  }
  return missing;
}

async function unmatched(
  { leader }: Replication,
  batch: ReadonlyMap<string, DocumentKey>,
): Promise<DocumentKey[]> {
  const all = [...batch.values()];
  const groups = Array.from({ length: Math.ceil(all.length / GROUP) }, (_, n) =>
    all.slice(n * GROUP, (n + 1) * GROUP),
  );
  const ids = groups.map((group) => group.map(({ id }) => id));
  const counts = await countIdGroups(leader.cluster, leader.index, ids);
  return groups.flatMap((group, n) => (counts[n] === group.length ? [] : group));
}

/** An id is in a batch only once, since the engine counts it once. */
function* batchesOf(keys: Iterable<DocumentKey>): Generator<Map<string, DocumentKey>> {
  let batch = new Map<string, DocumentKey>();
  for (const key of keys) {
    batch.set(key.id, key);
    if (batch.size < BATCH) continue;
    yield batch;
    batch = new Map();
  }
  if (batch.size > 0) yield batch;
}
