// A document that changes its routing, between two indexes that put documents into shards in different ways: it is written,
// deleted and written again elsewhere, its copies come in any order, and following, resyncs and comparisons of ids go on.
import { describe, expect, it } from 'vitest';
import { bulk } from '../../src/cluster/documents/bulk.js';
import type { DocumentKey } from '../../src/cluster/documents/multiGet.js';
import { BulkBody } from '../../src/documents/bulkBody.js';
import { IdComparison } from '../../src/coordinator/follow/compareIds.js';
import type { Replication, Refused } from '../../src/protocol/replication.js';
import { resync } from '../../src/coordinator/follow/resync.js';
import { shardOf } from '../../src/protocol/shardOf.js';
import { stampOf } from '../../src/protocol/stamp.js';
import { follow, openShards } from './pair.js';
import { inSmallWorld, type SmallWorld } from './small.js';
import type { Rule } from './withoutRules.js';

const SEEDS = 20;
const ROUTINGS = [undefined, 'r0', 'r1', 'r2', 'r3', 'r5'];

/** What an index has, by routing and id. */
function contentOf({ engine }: SmallWorld, index: string): string[] {
  return engine.indexes
    .get(index)
    .shards.flatMap(({ primary }) => [...primary.entries.values()])
    .filter(({ source }) => source !== undefined)
    .map(({ id, routing, source }) => `${id}?${routing ?? ''}=${source}`)
    .sort();
}

interface Answer {
  readonly _seq_no: number;
  readonly _primary_term: number;
}

interface Play {
  /** The share of writes that a gateway copies, soon or late. */
  readonly copied: number;
  /** Documents are deleted under the old routing before they are written under the new one. */
  readonly deletes: boolean;
}

/** @returns what both indexes have in the end */
async function play(small: SmallWorld, shards: readonly [number, number], { copied, deletes }: Play) {
  const { world, cluster } = small;
  const { random } = world;
  const replication = await openShards(small, shards);
  const late: (() => Promise<void>)[] = [];
  const entries: DocumentKey[] = [];
  let cursors = Array.from({ length: shards[0] }, () => -1);
  const copyOf = (key: DocumentKey, { _seq_no: seqNo, _primary_term: term }: Answer, source?: string) => {
    if (!random.chance(copied)) return;
    late.push(async () => {
      const body = new BulkBody({});
      const version = stampOf(replication.epoch, term, seqNo);
      if (source) body.index({ ...key, version, source: Buffer.from(source) });
      else body.delete({ ...key, version });
      await bulk(cluster, 'feed', body.take());
    });
  };
  const pathOf = ({ id, routing }: DocumentKey): string =>
    `/c-v1/_doc/${id}${routing === undefined ? '' : `?routing=${routing}`}`;
  const write = async (key: DocumentKey, v: number): Promise<void> => {
    const answer = await cluster.connection.json<Answer>({ method: 'PUT', path: pathOf(key), body: { v } });
    copyOf(key, answer, JSON.stringify({ v }));
  };
  const remove = async (key: DocumentKey): Promise<void> => {
    if (copied > 0) entries.push(key);
    const answer = await cluster.connection.send({ method: 'DELETE', path: pathOf(key) });
    copyOf(key, JSON.parse(answer.body.toString()) as Answer);
  };
  const steps = [
    async () => {
      cursors = await follow(replication, cursors);
    },
    async () => void (await resync(replication, entries, {})),
    async () => {
      const comparison = new IdComparison(replication);
      await resync(replication, await comparison.slice(1_000), {});
    },
    async () => await late.splice(random.int(0, late.length - 1), 1)[0]?.(),
  ];
  const noise = { id: 'noise', routing: undefined };
  let key: DocumentKey = { id: 'd', routing: random.pick(ROUTINGS) };
  for (let n = 0; n < 12; n++) {
    // other documents, so that the numbers of shards differ
    for (let m = random.int(0, 4); m > 0; m--)
      await write({ id: `${noise.id}${m}`, routing: random.pick(ROUTINGS) }, n);
    const next = { id: 'd', routing: random.pick(ROUTINGS) };
    const isElsewhere = shardOf(next, replication.leader) !== shardOf(key, replication.leader);
    if (n > 0 && (deletes || isElsewhere)) await remove(key);
    key = next;
    if (random.chance(0.9)) await write(key, n);
    for (let m = random.int(0, 4); m > 0; m--) await random.pick(steps)();
  }
  for (const copy of late.splice(0)) await copy();
  cursors = await follow(replication, cursors);
  await resync(replication, entries, {});
  const comparison = new IdComparison(replication);
  await resync(replication, await comparison.slice(10_000), {});
  return [contentOf(small, 'c-v1'), contentOf(small, 'c-v2')] as const;
}

const PLAYS: readonly Play[] = [
  { copied: 0, deletes: true },
  { copied: 0, deletes: false },
  { copied: 0.8, deletes: true },
  { copied: 0.8, deletes: false },
];
const SHARDS = [
  [2, 1],
  [5, 1],
  [2, 3],
  [3, 2],
  [1, 2],
  [3, 3],
] as const;

async function countWrong(
  without: readonly Rule[],
  shards: readonly [number, number],
  plays: readonly Play[],
): Promise<string[]> {
  const wrong: string[] = [];
  for (let seed = 1; seed <= SEEDS; seed++) {
    const how = plays[seed % plays.length] as Play;
    const [first, second] = await inSmallWorld(seed, { without, slowMs: 1, replicationMs: 5 }, (small) =>
      play(small, shards, how),
    );
    // the noise has one id under several routings
    const of = (content: readonly string[]): string => content.filter((one) => one.startsWith('d?')).join();
    if (of(first) !== of(second)) wrong.push(`seed ${seed}: ${of(first)} and ${of(second)}`);
  }
  return wrong;
}

describe('a document that changes its routing', () => {
  it.each(SHARDS)('is the same on both, from %i shards to %i', { timeout: 600_000 }, async (...shards) => {
    expect(await countWrong([], shards, PLAYS)).toEqual([]);
  });

  it.each(['ids are reconciled', 'a 409 is looked into', 'reconciled versions'] as const)(
    'is lost without: %s',
    { timeout: 600_000 },
    async (rule) => {
      expect(await countWrong([rule], [2, 1], PLAYS)).not.toEqual([]);
    },
  );
});

it('two documents of one id that meet in a shard: one is there, and the other is rejected', async () => {
  await inSmallWorld(1, {}, async (small) => {
    const replication = await openShards(small, [2, 1]);
    const [a, b] = twoShards(replication);
    for (const routing of [a, b])
      await small.cluster.connection.json({
        method: 'PUT',
        path: `/c-v1/_doc/d?routing=${routing}`,
        body: { v: 1 },
      });
    const refused: Refused[] = [];
    await follow(replication, [-1, -1], undefined, refused);
    expect(contentOf(small, 'c-v2')).toHaveLength(1);
    // by each of the two, and the same one
    expect(new Set(refused.map(({ key }) => key.routing)).size).toBe(1);
    expect(refused[0]?.reason).toMatch(/c-v1 has this id twice: with routing "r\d", and with routing "r\d"/);
    const again = await resync(replication, [{ id: 'd', routing: refused[0]?.key.routing }], {});
    expect(again?.refused).toHaveLength(1);
    const kept = refused[0]?.key.routing === a ? b : a;
    await small.cluster.connection.json({ method: 'DELETE', path: `/c-v1/_doc/d?routing=${kept}` });
    const result = await resync(replication, [{ id: 'd', routing: refused[0]?.key.routing }], {});
    expect(result?.refused).toEqual([]);
    expect(contentOf(small, 'c-v2')).toEqual(contentOf(small, 'c-v1'));
  });
});

it('a document that is refused under its new routing is gone under the old one', async () => {
  await inSmallWorld(1, {}, async (small) => {
    const replication = await openShards(small, [2, 1]);
    const [a, b] = twoShards(replication);
    const send = (method: 'PUT' | 'DELETE', routing: string, v: string): Promise<unknown> =>
      small.cluster.connection.json({ method, path: `/c-v1/_doc/d?routing=${routing}`, body: { v } });
    await send('PUT', a, 'fits');
    const cursors = await follow(replication, [-1, -1]);
    expect(contentOf(small, 'c-v2')).toHaveLength(1);
    await send('DELETE', a, '');
    await send('PUT', b, 'does not');
    small.engine.refuses = (source) => source?.includes('does not') ?? false;
    const refused: Refused[] = [];
    await follow(replication, cursors, undefined, refused);
    expect(refused.map(({ key }) => key)).toEqual([{ id: 'd', routing: b }]);
    const missing = await new IdComparison(replication).slice(1_000);
    expect(missing).toEqual([{ id: 'd', routing: a }]);
    await resync(replication, missing, {});
    expect(contentOf(small, 'c-v2')).toEqual([]);
    expect(await new IdComparison(replication).slice(1_000)).toEqual([]);
  });
});

function twoShards({ leader }: Replication): [string, string] {
  const [a, b] = [0, 1].map((shard) =>
    ['r0', 'r1', 'r2', 'r3', 'r5'].find((routing) => shardOf({ id: 'd', routing }, leader) === shard),
  );
  return [a as string, b as string];
}
