// Both indexes read side by side: what is the same on both is found to be so without being looked up, and nothing else is.
import { describe, expect, it } from 'vitest';
import { bulk } from '../../src/cluster/documents/bulk.js';
import { BulkBody } from '../../src/documents/bulkBody.js';
import type { Replication } from '../../src/protocol/replication.js';
import type { Hit } from '../../src/documents/hits.js';
import { stampOf } from '../../src/protocol/stamp.js';
import { Join } from '../../src/coordinator/verify/join.js';
import { openShards } from './pair.js';
import { inSmallWorld, type SmallWorld } from './small.js';

const SEEDS = 8;
const DOCUMENTS = 120;

interface Found {
  readonly equal: number;
  readonly differing: readonly string[];
  readonly followerOnly: readonly string[];
  readonly seen: number;
}

interface Expected {
  /** By id. */
  readonly different: readonly string[];
  readonly followerOnly: readonly string[];
  readonly inSecond: number;
}

/** Fills both indexes, the follower in an order of its own within `distance` documents, with a few differences. */
async function fill({ world, cluster }: SmallWorld, distance: number): Promise<Expected> {
  const { random } = world;
  const different: string[] = [];
  const followerOnly: string[] = [];
  let inSecond = 0;
  const copies: { readonly at: number; readonly write: (body: BulkBody) => void }[] = [];
  for (let n = 0; n < DOCUMENTS; n++) {
    const id = `d${n}`;
    const routing = random.chance(0.2) ? `r${random.int(0, 3)}` : undefined;
    const query = routing === undefined ? '' : `?routing=${routing}`;
    const { _seq_no, _primary_term } = await cluster.connection.json<{
      readonly _seq_no: number;
      readonly _primary_term: number;
    }>({ method: 'PUT', path: `/c-v1/_doc/${id}${query}`, body: { n } });
    const stamp = stampOf(1, _primary_term, _seq_no);
    const fault = random.chance(0.1)
      ? random.pick(['content', 'stamp', 'routing', 'missing', 'alone'] as const)
      : '';
    if (fault !== '' && fault !== 'alone') different.push(id);
    if (fault === 'routing') followerOnly.push(id);
    if (fault === 'alone') followerOnly.push(`only-${id}`);
    inSecond += fault === 'missing' ? 0 : fault === 'alone' ? 2 : 1;
    const key = { id, routing: fault === 'routing' ? 'elsewhere' : routing };
    const source = Buffer.from(JSON.stringify({ n: fault === 'content' ? -1 : n }));
    const version = fault === 'stamp' ? stampOf(1, _primary_term, _seq_no + 1_000) : stamp;
    copies.push({
      at: n + random.int(0, distance),
      write: (body) => {
        if (fault !== 'missing') body.index({ ...key, version, source });
        if (fault === 'alone') body.index({ ...key, id: `only-${id}`, version, source });
      },
    });
  }
  for (const { write } of copies.sort((a, b) => a.at - b.at)) {
    const body = new BulkBody({});
    write(body);
    const bytes = body.take();
    if (bytes.length > 0) await bulk(cluster, 'feed', bytes);
  }
  return { different: different.sort(), followerOnly: followerOnly.sort(), inSecond };
}

async function joined(
  replication: Replication,
  limits: { readonly turn: number; readonly waiting: number },
): Promise<Found> {
  const differing: string[] = [];
  const followerOnly: string[] = [];
  let equal = 0;
  let seen = 0;
  const note = (into: string[]) => (hits: readonly Hit[]) => {
    into.push(...hits.map(({ id }) => id));
    return Promise.resolve();
  };
  const join = new Join({
    replication,
    limits,
    onEqual: (documents) => {
      equal += documents;
    },
    onDiffering: note(differing),
    onFollowerOnly: note(followerOnly),
    onFollower: (hits) => {
      seen += hits.length;
    },
  });
  while (!join.done) await join.slice(5);
  return { equal, differing: differing.sort(), followerOnly: followerOnly.sort(), seen };
}

const SHARDS = [
  [1, 1],
  [3, 3],
  [2, 1],
  [2, 5],
] as const;

describe('a join of both indexes', () => {
  it.each(SHARDS)('finds exactly what differs, from %i shards to %i', async (...shards) => {
    for (let seed = 1; seed <= SEEDS; seed++)
      await inSmallWorld(seed, { slowMs: 5 }, async (small) => {
        const replication = await openShards(small, shards);
        const { different, followerOnly, inSecond } = await fill(small, 30);
        const found = await joined(replication, { turn: 7, waiting: 1_000 });
        expect(found, `seed ${seed}`).toMatchObject({ differing: different, followerOnly });
        expect(found.equal).toBe(DOCUMENTS - different.length);
        expect(found.seen).toBe(inSecond);
      });
  });

  it('has those looked up that are too far from each other, and none of the others', async () => {
    let lookedUp = 0;
    for (let seed = 1; seed <= SEEDS; seed++)
      await inSmallWorld(seed, { slowMs: 5 }, async (small) => {
        const replication = await openShards(small, [1, 1]);
        const { different, followerOnly } = await fill(small, 80);
        const found = await joined(replication, { turn: 5, waiting: 10 });
        for (const id of different) expect(found.differing).toContain(id);
        for (const id of followerOnly) expect(found.followerOnly).toContain(id);
        expect(found.equal + found.differing.length).toBe(DOCUMENTS);
        lookedUp += found.differing.length - different.length;
      });
    expect(lookedUp).toBeGreaterThan(0);
    expect(lookedUp).toBeLessThan((SEEDS * DOCUMENTS) / 2);
  });

  it('meets what is written meanwhile at the end', async () => {
    await inSmallWorld(1, {}, async (small) => {
      const replication = await openShards(small, [1, 1]);
      await fill(small, 0);
      const differing = new Set<string>();
      const join = new Join({
        replication,
        limits: { turn: 10, waiting: 1_000 },
        onEqual: () => undefined,
        onDiffering: (hits) => {
          for (const { id } of hits) differing.add(id);
          return Promise.resolve();
        },
        onFollowerOnly: () => Promise.resolve(),
      });
      await join.slice(0);
      for (const id of ['d119', 'new'])
        await small.cluster.connection.json({
          method: 'PUT',
          path: `/c-v1/_doc/${id}`,
          body: { n: 'later' },
        });
      while (!join.done) await join.slice(5);
      expect(differing).toContain('d119');
      expect(differing).toContain('new');
    });
  });

  it('leaves nothing out when a request fails in between', async () => {
    for (let seed = 1; seed <= SEEDS; seed++)
      await inSmallWorld(seed, {}, async (small) => {
        const { random } = small.world;
        const replication = await openShards(small, [2, 1]);
        const { different, followerOnly } = await fill(small, 30);
        const found = { differing: [] as string[], followerOnly: [] as string[], equal: 0 };
        const note = (into: string[]) => (hits: readonly Hit[]) => {
          if (random.chance(0.3)) return Promise.reject(new Error('no answer'));
          into.push(...hits.map(({ id }) => id));
          return Promise.resolve();
        };
        const join = new Join({
          replication,
          limits: { turn: 7, waiting: 1_000 },
          onEqual: (documents) => {
            found.equal += documents;
          },
          onDiffering: note(found.differing),
          onFollowerOnly: note(found.followerOnly),
          onShaped: () => (random.chance(0.02) ? Promise.reject(new Error('no answer')) : Promise.resolve()),
        });
        let failures = 0;
        while (!join.done) await join.slice(5).catch(() => failures++);
        expect(failures).toBeGreaterThan(0);
        expect(found.differing.sort(), `seed ${seed}`).toEqual(different);
        expect(found.followerOnly.sort()).toEqual(followerOnly);
        expect(found.equal).toBe(DOCUMENTS - different.length);
      });
  });
});
