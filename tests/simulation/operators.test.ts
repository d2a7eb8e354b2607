// Two or three users who steer one migration at random moments, while its coordinators die, stand still, and requests are lost.
import { expect, it } from 'vitest';
import type { CommandName } from '../../src/protocol/record.js';
import { Random } from './random.js';
import { runSeed } from './simulation.js';

const SEEDS = Number(process.env['TWINDEX_SEEDS'] ?? 60);
const FIRST = Number(process.env['TWINDEX_FIRST_SEED'] ?? 1);

const MOVES = [
  'cutover',
  'switch',
  'rollback',
  'finalize',
  'abort',
] as const satisfies readonly CommandName[];
const OTHERS = ['pause', 'resume', 'throttle', 'verify'] as const satisfies readonly CommandName[];

/** Pairs and triples: at least two of them move something. */
function drawOperators(random: Random): CommandName[][] {
  const first: CommandName[] = [random.pick(MOVES)];
  const second: CommandName[] = [random.pick(MOVES)];
  if (random.chance(0.5)) return [first, second];
  const third = random.chance(0.5) ? random.pick(MOVES) : random.pick(OTHERS);
  return random.chance(0.5) ? [first, second, [third]] : [[...first, third], second];
}

it('are all answered, and the migration ends up where somebody wanted it', { timeout: 600_000 }, async () => {
  const answers = new Map<string, number>();
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
    const operators = drawOperators(new Random(seed));
    const scenario = {
      operators,
      // a pause that was asked for is not to be the end
      commands: ['resume', 'rollback', 'abort'] as const,
      layout: 'two-aliases',
      impatient: false,
    } as const;
    const { violations, heard } = await runSeed(seed, { scenario });
    expect(violations, `seed ${seed}: ${JSON.stringify(operators)}`).toEqual([]);
    for (const { outcome } of heard) answers.set(outcome, (answers.get(outcome) ?? 0) + 1);
  }
  console.log(`${SEEDS} seeds: ${JSON.stringify(Object.fromEntries(answers))}`);
  // without both, nothing was said of commands that stand against each other
  expect(answers.get('done')).toBeGreaterThan(SEEDS / 4);
  expect(answers.get('unsafe')).toBeGreaterThan(SEEDS / 20);
});
