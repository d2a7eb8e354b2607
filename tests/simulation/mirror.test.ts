// The same with gateways between: the real write path, its leases, copies and ledger, in processes that die and come
// again; some applications write past them.
import { expect, it } from 'vitest';
import { runSeeds } from './seeds.js';
import { runSeed } from './simulation.js';

const SEEDS = 35;
const scenario = { gateways: 2 };

it('loses nothing and brings nothing back when gateways write both indexes', {
  timeout: 3_600_000,
}, async () => {
  await runSeeds('mirror.test.ts', SEEDS, { scenario });
});

it('plays the same run for the same seed', async () => {
  for (const seed of [1, 2, 3, 4]) {
    const [once, again] = [await runSeed(seed, { scenario }), await runSeed(seed, { scenario })];
    expect(again).toEqual(once);
  }
});
