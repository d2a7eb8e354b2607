// Copies and intents of many clients in few requests, and what becomes of those that are not answered.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { TwindexError } from '../../../src/errors.js';
import { CopyBatcher } from '../../../src/writers/mirror/copies/copyBatcher.js';
import { Ledger } from '../../../src/writers/mirror/copies/deleteLedger.js';
import { testCluster } from '../engine.js';
import { intercepted, Stage } from './stage.js';

const copyOf = (n: number, text?: string) => ({
  key: { id: `d${n}`, routing: undefined },
  version: BigInt(n + 1),
  source: Buffer.from(JSON.stringify({ n, text })),
});
const later = (ms: number): number => performance.now() + ms;

function laneOf(stage: Stage, cluster = stage.cluster) {
  return { cluster, index: stage.target, alias: `twindex.${stage.name}.Mirror.1`, refresh: undefined };
}

describe('copies of many clients', () => {
  it('go together, at most two requests at a time', async () => {
    const stage = await Stage.set(await testCluster());
    let [sent, underWay, most] = [0, 0, 0];
    const cluster = intercepted(stage.cluster, async (_request, send) => {
      sent++;
      most = Math.max(most, ++underWay);
      return await send().finally(() => underWay--);
    });
    const copier = new CopyBatcher();
    // more bytes than go in one request
    const copies = Array.from({ length: 3_500 }, (_, n) =>
      copier.copy(laneOf(stage, cluster), copyOf(n, 'x'.repeat(3_000)), later(60_000)),
    );
    const more = (async () => {
      for (let n = 3_500; n < 3_600; n++) {
        copies.push(copier.copy(laneOf(stage, cluster), copyOf(n), later(60_000)));
        await sleep(1);
      }
    })();
    await more;
    expect(new Set((await Promise.all(copies)).map(({ type }) => type))).toEqual(new Set(['done']));
    expect(most).toBe(2);
    expect(sent).toBeLessThan(40);
    expect(copier.pending).toBe(0);
  });

  it('are sent again with the same stamp when no answer comes, until their time is over', async () => {
    const stage = await Stage.set(await testCluster());
    let lost = 0;
    const cluster = intercepted(stage.cluster, async (_request, send) => {
      const answer = await send();
      if (lost++ < 2) throw new TwindexError('unanswered', 'reset');
      return answer;
    });
    const copier = new CopyBatcher();
    // the first try was done: the second finds it there
    expect(await copier.copy(laneOf(stage, cluster), copyOf(0), later(60_000))).toEqual({ type: 'conflict' });
    lost = Number.NEGATIVE_INFINITY;
    const outcome = await copier.copy(laneOf(stage, cluster), copyOf(1), later(400));
    expect(outcome.type).toBe('unanswered');
    expect(await stage.documents(stage.target)).toEqual({ d0: { n: 0 }, d1: { n: 1 } });
  });

  it('are given up at once when their generation is closed, and each for itself when one is refused', async () => {
    const stage = await Stage.set(await testCluster(), {
      mappings: { dynamic: 'strict', properties: { n: { type: 'long' } } },
    });
    const copier = new CopyBatcher();
    const bad = { ...copyOf(1), source: Buffer.from('{"other":1}') };
    const outcomes = await Promise.all(
      [copyOf(0), bad, { ...copyOf(2), source: undefined }].map(async (copy) =>
        copier.copy(laneOf(stage), copy, later(60_000)),
      ),
    );
    expect(outcomes.map(({ type }) => type)).toEqual(['done', 'refused', 'done']);
    await stage.close(1);
    expect((await copier.copy(laneOf(stage), copyOf(3), later(60_000))).type).toBe('fenced');
    const never = { ...laneOf(stage), alias: `twindex.${stage.name}.Mirror.9` };
    for (const copy of [copyOf(3), { ...copyOf(3), source: undefined }])
      expect((await copier.copy(never, copy, later(60_000))).type).toBe('fenced');
  });
});

describe('intents of many clients', () => {
  it('go together, one request at a time, and are there once for a document and a generation', async () => {
    const stage = await Stage.set(await testCluster());
    let [sent, underWay, most] = [0, 0, 0];
    const cluster = intercepted(stage.cluster, async (_request, send) => {
      sent++;
      most = Math.max(most, ++underWay);
      return await send().finally(() => underWay--);
    });
    const ledger = new Ledger(cluster);
    const roles = { ledgerAlias: `twindex.${stage.name}.Ledger.1`, generation: 7 };
    const entered = await Promise.all(
      Array.from({ length: 300 }, async (_, n) =>
        ledger.enter(roles, { id: `d${n % 100}`, routing: undefined }),
      ),
    );
    expect(new Set(entered.map(({ type }) => type))).toEqual(new Set(['entered']));
    expect(sent).toBeLessThan(5);
    expect(most).toBe(1);
    expect(await stage.ledger()).toHaveLength(100);
  });

  it('say that the roles have changed when the ledger is not there any more', async () => {
    const stage = await Stage.set(await testCluster());
    const ledger = new Ledger(stage.cluster);
    const gone = { ledgerAlias: `twindex.${stage.name}.Ledger.9`, generation: 1 };
    expect(await ledger.enter(gone, { id: 'a', routing: undefined })).toEqual({ type: 'closed' });
  });
});
