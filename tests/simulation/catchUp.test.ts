// The real machine, its steps, following and verification against a simulated engine, while applications write past
// them: late, lost and reordered requests, fail-overs, forgotten tombstones, dead and stopped coordinators.
import { expect, it } from 'vitest';
import { runSeeds } from './seeds.js';
import { runSeed } from './simulation.js';

const SEEDS = 50;

it('loses nothing and brings nothing back when twindex follows', { timeout: 3_600_000 }, async () => {
  await runSeeds('catchUp.test.ts', SEEDS);
});

it('plays the same run for the same seed', async () => {
  for (const seed of [1, 2, 3, 4]) {
    const [once, again] = [await runSeed(seed), await runSeed(seed)];
    expect(again).toEqual(once);
  }
});
