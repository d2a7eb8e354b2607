// Runs seed after seed: always the same ones, so that a run of the tests says something of the code and not of its luck.
// TWINDEX_SEED=n plays one again, with a line for each request; TWINDEX_SEEDS=n runs so many from TWINDEX_FIRST_SEED on.
import { expect } from 'vitest';
import { type RunOptions, type RunResult, runSeed } from './simulation.js';

const { TWINDEX_SEED: only, TWINDEX_SEEDS: many, TWINDEX_FIRST_SEED: first = '1' } = process.env;

interface Tally {
  readonly seeds: number;
  readonly switches: number;
  readonly cutOvers: number;
  readonly coordinators: number;
}

/** @throws at the first seed that breaks something, saying how to play it again */
export async function runSeeds(file: string, seeds: number, options: RunOptions = {}): Promise<void> {
  if (only !== undefined) {
    const result = await runSeed(Number(only), { ...options, log: (line) => console.log(line) });
    expectHolds(result, file);
    return;
  }
  const began = performance.now();
  let tally: Tally = { seeds: 0, switches: 0, cutOvers: 0, coordinators: 0 };
  while (tally.seeds < Number(many ?? seeds)) {
    const result = await runSeed(Number(first) + tally.seeds, options);
    expectHolds(result, file);
    tally = add(tally, result);
  }
  // A run in which nothing is moved proves little. One seed alone may be such a run.
  expect(tally.cutOvers).toBeGreaterThan(0);
  expect(tally.switches).toBeGreaterThan(0);
  console.log(
    `${tally.seeds} seeds in ${Math.round((performance.now() - began) / 1000)} s: ${tally.cutOvers} cut-overs, ` +
      `${tally.switches} switches, ${tally.coordinators} coordinators`,
  );
}

function add(tally: Tally, { switches, cutOvers, coordinators }: RunResult): Tally {
  return {
    seeds: tally.seeds + 1,
    switches: tally.switches + switches,
    cutOvers: tally.cutOvers + cutOvers,
    coordinators: tally.coordinators + coordinators,
  };
}

function expectHolds({ seed, violations }: RunResult, file: string): void {
  const again = `TWINDEX_SEED=${seed} npx vitest run --project simulation tests/simulation/${file}`;
  expect(violations, `seed ${seed}. To play it again: ${again}`).toEqual([]);
}
