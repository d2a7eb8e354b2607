// Creates a scratch index, which is a temporary index like the target, writes a sample of documents into it, and
// deletes it. It is hidden, and has a mark in its `_meta`. If a run is killed, a later run deletes its index.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.js';
import { backoffMs } from '../cluster/clusterConnection.js';
import { bulk } from '../cluster/documents/bulk.js';
import { createIndex, type IndexBody } from '../cluster/indices/createIndex.js';
import { getIndexes, type LiveIndex } from '../cluster/indices/getIndex.js';
import type { DocumentKey } from '../cluster/documents/multiGet.js';
import { updateAliases } from '../cluster/indices/updateAliases.js';
import { isTwindexError, TwindexError } from '../errors.js';
import { bulkSucceeded, mayBePermanent, parseBulkAnswer, sortOutcome } from '../documents/bulkAnswer.js';
import { BulkBody } from '../documents/bulkBody.js';
import { settingsToCreate } from '../schema/normaliseSettings.js';
import type { IndexDefinition } from '../schema/types.js';

/** The index that the plan would create. */
export interface ScratchTarget {
  readonly index: string;
  readonly definition: Pick<IndexDefinition, 'name' | 'settings' | 'mappings' | 'file'>;
}

export interface ScratchDocument {
  readonly key: DocumentKey;
  readonly source: Uint8Array;
}

export interface ScratchRefusal {
  readonly key: DocumentKey;
  readonly reason: string;
}

/** The content of `_meta.twindex` in a scratch index. */
interface ScratchMark {
  readonly sampleOf: string;
}

const MAX_BODY_BYTES = 8 << 20;
const MAX_TRIES = 5;

/**
 * Runs `body` with a new scratch index, and deletes the index afterwards in any case.
 * @param leftBehindMs the age from which an index counts as left by a killed run; default 10 minutes
 * @throws TwindexError `rejected` if the engine refuses to create an index as declared
 */
export async function withScratchIndex<T>(
  cluster: Cluster,
  target: ScratchTarget,
  body: (scratch: ScratchIndex) => Promise<T>,
  leftBehindMs = 10 * 60_000,
): Promise<T> {
  const name = `${target.index}-sample-${randomBytes(4).toString('hex')}`;
  let result: T;
  try {
    await create(cluster, target, name);
    await removeLeftBehind(cluster, target.index, { name, leftBehindMs });
    result = await body(new ScratchIndex(cluster, name));
  } catch (error) {
    await remove(cluster, name).catch(() => undefined); // the first error is more useful
    throw error;
  }
  await remove(cluster, name);
  return result;
}

/** Settings that do not affect which documents are accepted, or that need several shards or replicas. */
const LEFT_OUT = /^index\.(routing_partition_size|lifecycle\.|plugins\.index_state_management\.)/;

export function scratchBody({ index, definition }: ScratchTarget, name: string): IndexBody {
  const { settings, mappings } = definition;
  const mark: ScratchMark = { sampleOf: index };
  const declared = Object.entries(settingsToCreate(settings)).filter(([setting]) => !LEFT_OUT.test(setting));
  return {
    settings: {
      ...Object.fromEntries(declared),
      'index.hidden': true,
      'index.number_of_shards': 1,
      'index.number_of_replicas': 0,
      'index.auto_expand_replicas': 'false',
      'index.write.wait_for_active_shards': '1',
      'index.refresh_interval': '-1',
    },
    mappings: { ...mappings, _meta: { ...(mappings['_meta'] as object | undefined), twindex: mark } },
    aliases: { [feedOf(name)]: { is_hidden: true } },
  };
}

/**
 * The alias for the writes. Its name has a capital letter, which no index may have, so a late write cannot
 * create the index again.
 */
const feedOf = (name: string): string => `${name}-Feed`;

async function create(cluster: Cluster, target: ScratchTarget, name: string): Promise<void> {
  try {
    const { type } = await createIndex(cluster, name, scratchBody(target, name));
    if (type === 'exists')
      throw new TwindexError('conflict', `${name} exists already. Run the command again.`);
  } catch (error) {
    if (!isTwindexError(error, 'rejected')) throw error;
    throw new TwindexError(
      'rejected',
      `${target.index} can't be created as declared (twindex has tried this with a hidden index for the sample): ` +
        `${error.message}. Correct the settings or mappings in ${target.definition.file}.`,
      { cause: error },
    );
  }
}

/** Deletes the indexes of killed runs. Measures their age by the engine's clock, since clocks of machines differ. */
async function removeLeftBehind(
  cluster: Cluster,
  target: string,
  { name, leftBehindMs }: { readonly name: string; readonly leftBehindMs: number },
): Promise<void> {
  const found = await getIndexes(cluster, `${target}-sample-*`, { hidden: true });
  const own = found.find(({ index }) => index === name);
  if (!own) return;
  for (const index of found)
    if (isLeftBehind(index, target, createdMs(own) - leftBehindMs)) await remove(cluster, index.index);
}

/** @param before a time of the engine's clock, in ms */
export function isLeftBehind(
  index: Pick<LiveIndex, 'mappings' | 'settings'>,
  target: string,
  before: number,
): boolean {
  const meta = index.mappings['_meta'] as { readonly twindex?: Partial<ScratchMark> } | undefined;
  return meta?.twindex?.sampleOf === target && createdMs(index) <= before;
}

/** NaN if the engine does not report the time. Comparisons with NaN are false, so the index is kept. */
const createdMs = ({ settings }: Pick<LiveIndex, 'settings'>): number =>
  Number((settings['index'] as { readonly creation_date?: string } | undefined)?.creation_date);

/** Has no parameter `signal`, because the index has to be deleted even if the user stops the run. */
async function remove(cluster: Cluster, index: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await updateAliases(cluster, [{ remove_index: { index } }]); // the result `missing` is ignored: the index is deleted already
      return;
    } catch (error) {
      if (attempt < MAX_TRIES) await sleep(backoffMs(attempt));
      else
        throw new TwindexError(
          'failed',
          `${index}, which the sample was put into, could not be deleted. Delete it: DELETE /${index}.`,
          { cause: error },
        );
    }
  }
}

export class ScratchIndex {
  readonly #cluster: Cluster;
  readonly #name: string;
  #version = 0n;

  constructor(cluster: Cluster, name: string) {
    this.#cluster = cluster;
    this.#name = name;
  }

  /**
   * @returns the documents that the index will never accept
   * @throws TwindexError `overloaded`, `blocked`, `conflict`, `unanswered`
   */
  async put(documents: readonly ScratchDocument[], signal: AbortSignal): Promise<ScratchRefusal[]> {
    const refused: ScratchRefusal[] = [];
    let waiting = documents;
    for (let attempt = 0; waiting.length > 0; attempt++) {
      if (attempt === MAX_TRIES)
        throw new TwindexError(
          'overloaded',
          `${this.#name}, an index for the sample, accepts no documents: the cluster is busy, or has no node for its shard. ` +
            'Try again later.',
        );
      if (attempt > 0) await sleep(backoffMs(attempt), undefined, { signal });
      const busy: ScratchDocument[] = [];
      const isLast = attempt + 1 === MAX_TRIES;
      for (const batch of batchesOf(waiting))
        busy.push(...(await this.#send(batch, { refused, isLast, signal })));
      waiting = busy;
    }
    return refused;
  }

  /** @returns the documents to send again */
  async #send(
    batch: readonly ScratchDocument[],
    { refused, isLast, signal }: { refused: ScratchRefusal[]; isLast: boolean; signal: AbortSignal },
  ): Promise<readonly ScratchDocument[]> {
    const body = new BulkBody();
    // use a new version each time: otherwise a second attempt, or the same id with another routing, would
    // cause a conflict
    for (const { key, source } of batch) body.index({ ...key, source, version: ++this.#version });
    const answer = await bulk(this.#cluster, feedOf(this.#name), body.take(), { signal });
    if (answer.type === 'busy') return batch;
    if (bulkSucceeded(answer.body)) return [];
    const items = parseBulkAnswer(answer.body);
    return batch.filter(({ key }, n) => {
      const item = items[n];
      if (!item) throw new TwindexError('unanswered', `a _bulk answer of ${this.#name} has too few items`);
      const outcome = sortOutcome(item);
      if (outcome === 'blocked')
        throw new TwindexError('blocked', `${this.#name} accepts no writes: ${item.reason}`);
      if (outcome === 'fenced')
        throw new TwindexError('conflict', `${this.#name} was deleted by somebody. Run the command again.`);
      if (outcome === 'refused' || (isLast && outcome === 'busy' && mayBePermanent(item))) {
        refused.push({ key, reason: `${item.type}: ${item.reason}` });
        return false;
      }
      return outcome === 'busy' || outcome === 'conflict';
    });
  }
}

function* batchesOf(documents: readonly ScratchDocument[]): Generator<readonly ScratchDocument[]> {
  let batch: ScratchDocument[] = [];
  let bytes = 0;
  for (const document of documents) {
    const size = document.source.length;
    if (batch.length > 0 && bytes + size > MAX_BODY_BYTES) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(document);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
