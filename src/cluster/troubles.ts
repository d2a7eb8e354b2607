// Finds out why requests to an index wait and do not fail: a full disk, an unassigned primary, or a cluster
// that does not respond.
import { isTwindexError, messageOf } from '../errors.js';
import type { Cluster } from './cluster.js';
import { explainAllocation } from './indices/explainAllocation.js';
import { shardsAndBlocks } from './indices/shardsAndBlocks.js';

export interface Trouble {
  /** Undefined if the trouble concerns the whole cluster. */
  readonly index: string | undefined;
  /** `unassigned`: a shard has no primary, so searches and writes get no response. */
  readonly kind: 'unanswered' | 'unassigned' | 'block';
  readonly text: string;
}

const TIMEOUT_MS = 2_500;
/** How many unassigned shards the engine is asked to explain. An explanation is expensive for the engine. */
const MAX_EXPLAINED = 3;

export async function findTroubles(
  cluster: Cluster,
  indexes: readonly string[],
  signal?: AbortSignal,
  timeoutMs = TIMEOUT_MS,
): Promise<Trouble[]> {
  const how = { timeoutMs, signal };
  try {
    const { missing, blocks, clusterBlocks } = await shardsAndBlocks(cluster, indexes, how);
    const unassigned = await Promise.all(
      missing.slice(0, MAX_EXPLAINED).map(async ({ index, shard }): Promise<Trouble[]> => {
        const why = await explainAllocation(cluster, { index, shard }, how);
        return why === undefined ? [] : [{ index, kind: 'unassigned', text: nowhere(index, shard, why) }];
      }),
    );
    return [
      ...clusterBlocks.map(
        (text): Trouble => ({
          index: undefined,
          kind: 'block',
          text: `the cluster has a block: ${text}`,
        }),
      ),
      ...unassigned.flat(),
      ...blocks.map(({ index, block }): Trouble => ({ index, kind: 'block', text: blockText(index, block) })),
    ];
  } catch (error) {
    if (signal?.aborted || !isTwindexError(error)) throw error;
    if (error.code !== 'unanswered' && error.code !== 'unreachable' && error.code !== 'overloaded') return []; // this user may not read the blocks
    return [
      { index: undefined, kind: 'unanswered', text: `the cluster does not answer: ${messageOf(error)}` },
    ];
  }
}

const nowhere = (index: string, shard: number, why: string): string =>
  `${index} has no primary for shard ${shard}, so requests to it are not answered: ${why}`;

function blockText(index: string, block: string): string {
  const off = `PUT /${index}/_settings {"index.blocks.${block}":null}`;
  switch (block) {
    case 'read_only_allow_delete':
      return (
        `${index} accepts no writes, since the disk of one of its nodes is over the flood-stage watermark ` +
        `(index.blocks.read_only_allow_delete). Free space; then the engine removes the block. Otherwise remove it: ${off}`
      );
    case 'read':
      return `${index} can't be read (index.blocks.read). Remove the block: ${off}`;
    case 'write':
      return `${index} accepts no writes (index.blocks.write)`;
    default:
      return `${index} accepts no changes (index.blocks.${block}). Remove the block: ${off}`;
  }
}
