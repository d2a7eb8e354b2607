import { describe, expect, it } from 'vitest';
import type { Replication, Shaped } from '../../protocol/replication.js';
import type { Doc, Hit } from '../../documents/hits.js';
import { asTheyAre } from '../../protocol/reshape.js';
import { stampOf } from '../../protocol/stamp.js';
import { type Circumstances, hasStampOf, compareDocument } from './compareDocument.js';

const EPOCH = 3;
const HERE: Circumstances = { isRejected: () => false, onNonDeterministic: () => undefined };
const REJECTED: Circumstances = { ...HERE, isRejected: () => true };
const SOURCE = Buffer.from('{"a":1}');
const OTHER = Buffer.from('{"a":2}');
const STAMP = stampOf(EPOCH, 1, 7);

const replication = (change: Partial<Replication> = {}): Replication =>
  ({
    epoch: EPOCH,
    reshape: asTheyAre,
    reshapeBack: asTheyAre,
    vectors: { explain: () => Promise.resolve(false) },
    roleStart: [-1],
    backfilled: [-1],
    ...change,
  }) as Replication;

const hit: Hit = { id: '1', routing: undefined, seqNo: 7, term: 1, version: undefined, source: SOURCE };
const doc = (change: Partial<Doc> = {}): Doc => ({
  ...hit,
  index: 'v2',
  found: true,
  version: STAMP,
  error: undefined,
  ...change,
});
const SHAPED: Shaped = { type: 'index', source: SOURCE };

describe('a document of the follower', () => {
  const missing = doc({ found: false, source: undefined, version: undefined });
  it.each([
    ['equal, with its stamp', doc(), {}, SHAPED, HERE, 'equal'],
    ['equal, in the lowest bit another', doc({ version: STAMP + 1n }), {}, SHAPED, HERE, 'equal'],
    ['of an earlier operation', doc({ version: STAMP - 2n }), {}, SHAPED, HERE, 'stale'],
    ['of no operation of ours', doc({ version: STAMP + 2n }), {}, SHAPED, HERE, 'stale'],
    ['stale, as the last one was rejected', doc({ version: STAMP - 2n }), {}, SHAPED, REJECTED, 'rejected'],
    ['with another content', doc({ source: OTHER }), {}, SHAPED, HERE, 'content'],
    ['with another content, and rejected', doc({ source: OTHER }), {}, SHAPED, REJECTED, 'content'],
    ['under another routing', doc({ routing: 'r' }), {}, SHAPED, HERE, 'content'],
    ['that is missing', missing, {}, SHAPED, HERE, 'missing'],
    ['that is missing, as it was rejected', missing, {}, SHAPED, REJECTED, 'rejected'],
    ['that the transform refuses', doc(), {}, { type: 'refused', reason: 'no' }, REJECTED, 'rejected'],
    ['that is refused, and nobody keeps', doc(), {}, { type: 'refused', reason: 'no' }, HERE, 'missing'],
    ['that is dropped, and there', doc(), {}, { type: 'drop' }, HERE, 'extra'],
    ['that is dropped, and not there', missing, {}, { type: 'drop' }, HERE, 'dropped'],
    [
      'from before these roles, without a stamp',
      doc({ version: 4n }),
      { roleStart: [7] },
      SHAPED,
      HERE,
      'equal',
    ],
    ['that `_reindex` brought', doc({ version: 4n }), { backfilled: [7] }, SHAPED, HERE, 'equal'],
    [
      'that `_reindex` brought, and another',
      doc({ version: 4n, source: OTHER }),
      { backfilled: [7] },
      SHAPED,
      HERE,
      'content',
    ],
    [
      'without a stamp, above what `_reindex` brought',
      doc({ version: 4n }),
      { backfilled: [6] },
      SHAPED,
      HERE,
      'stale',
    ],
  ] as const)('%s', async (_, second, change, shaped, circumstances, result) => {
    const pair = { hit, shard: 0, shaped: shaped as Shaped, doc: second };
    expect(await compareDocument(replication(change), pair, circumstances)).toBe(result);
  });

  it('in its own shape is equal when its translation is the document of the leader', async () => {
    const own = doc({ version: STAMP + 1n, source: OTHER });
    const back = { reshapeBack: () => SHAPED };
    const pair = { hit, shard: 0, shaped: SHAPED, doc: own };
    expect(await compareDocument(replication(back), pair, HERE)).toBe('equal');
    expect(await compareDocument(replication(back), { ...pair, doc: doc({ source: OTHER }) }, HERE)).toBe(
      'content',
    );
  });

  it('with the stamp of the operation needs no comparison of content', () => {
    const pair = { hit, shard: 0 };
    expect(hasStampOf(replication(), { ...pair, doc: doc() })).toBe(true);
    expect(hasStampOf(replication(), { ...pair, doc: doc({ version: STAMP - 2n }) })).toBe(false);
    expect(hasStampOf(replication(), { ...pair, doc: doc({ routing: 'r' }) })).toBe(false);
    expect(hasStampOf(replication(), { ...pair, doc: missing })).toBe(false);
    expect(hasStampOf(replication({ roleStart: [7] }), { ...pair, doc: doc() })).toBe(false);
  });
});

describe('a transform that is not the same each time', () => {
  const missing = doc({ found: false, source: undefined, version: undefined });
  const DROP: Shaped = { type: 'drop' };
  const REFUSED: Shaped = { type: 'refused', reason: 'no' };
  /** Gives the seldom result in every third call. */
  const mostly = (usual: Shaped, seldom: Shaped): Pick<Replication, 'reshape'> => {
    let calls = 0;
    return { reshape: () => (++calls % 3 === 0 ? seldom : usual) };
  };
  it.each([
    ['dropped it when it was copied', missing, SHAPED, mostly(SHAPED, DROP), HERE, 'nonDeterministic'],
    ['failed when it was copied', missing, SHAPED, mostly(SHAPED, REFUSED), REJECTED, 'nonDeterministic'],
    ['fails now', doc(), REFUSED, mostly(REFUSED, SHAPED), HERE, 'nonDeterministic'],
    ['fails now, and did before', missing, REFUSED, mostly(REFUSED, DROP), REJECTED, 'nonDeterministic'],
    ['drops it now', doc(), DROP, mostly(DROP, SHAPED), HERE, 'nonDeterministic'],
    ['drops it now, and did before', missing, DROP, mostly(SHAPED, SHAPED), HERE, 'nonDeterministic'],
    ['always fails', missing, REFUSED, mostly(REFUSED, REFUSED), REJECTED, 'rejected'],
    ['always drops it', missing, DROP, mostly(DROP, DROP), HERE, 'dropped'],
    ['always keeps it', missing, SHAPED, mostly(SHAPED, SHAPED), HERE, 'missing'],
  ] as const)('%s', async (_, second, shaped, change, circumstances, result) => {
    const nonDeterministic: string[] = [];
    const onNonDeterministic = (id: string): void => void nonDeterministic.push(id);
    const pair = { hit, shard: 0, shaped, doc: second };
    expect(await compareDocument(replication(change), pair, { ...circumstances, onNonDeterministic })).toBe(
      result,
    );
    expect(nonDeterministic).toEqual(result === 'nonDeterministic' ? ['1'] : []);
  });
});
