import { describe, expect, it } from 'vitest';
import type { Doc } from '../../../documents/hits.js';
import { stampOf } from '../../../protocol/stamp.js';
import type { RoleContext } from '../lease/roleContext.js';
import { type CopyRead, readCopy } from './readCopy.js';
import type { MirrorContext } from '../mirrorContext.js';

const KEY = { id: 'd', routing: undefined };
const SHARD = { shards: 1, routingNumShards: 1024, partitionSize: 1 };
/** The leader's document was written by operation 5, before the back-fill began. */
const DOC = { seqNo: 5, term: 1 };
const OLD = { roleStart: [-1], backfilled: [9], isReingested: false };

/** @param version of the follower's document, if there is one @returns result, and number of reads */
async function read(
  version: bigint | undefined,
  roles: Partial<RoleContext['roles']>,
): Promise<{ copy: CopyRead['type']; reads: number }> {
  let reads = 0;
  const reader = {
    read: async (): Promise<Partial<Doc>> => {
      reads++;
      return version === undefined ? { found: false } : { found: true, source: Buffer.from('{}'), version };
    },
  } as unknown as MirrorContext['reader'];
  const context = {
    roles: { epoch: 1, mirrorAlias: 'm', followerIsRead: false, ...OLD, ...roles },
    routing: SHARD,
    second: {},
  } as unknown as RoleContext;
  const { type } = await readCopy({ reader }, DOC, KEY, context, true);
  return { copy: type, reads };
}

describe('the copy of a document that the back-fill made', () => {
  it.each([
    ['`_reindex` has made it: nothing is waited for', 1n, {}, 'there'],
    ['back-fill has not come to it: no copy is on its way', undefined, {}, 'behind'],
    ['the source of truth has given it: the leader has an older state', 1n, { isReingested: true }, 'behind'],
    ['it has been written since', stampOf(1, 1, 12), {}, 'newer'],
    ['its stamp says so', stampOf(1, 1, 5), {}, 'there'],
  ] as const)('%s', async (_, version, roles, copy) => {
    expect(await read(version, roles)).toEqual({ copy, reads: 1 });
  });
});

it('a copy that is on its way is waited for', async () => {
  const { copy, reads } = await read(undefined, { backfilled: [] });
  expect(copy).toBe('behind');
  expect(reads).toBeGreaterThan(1);
});
