// Each of these rules is taken out of the code, or of what it asks of the engine: soon a run goes wrong. So the
// simulation would see it. (The rules of a single round or resync: follow.test.ts.)
import { describe, expect, it } from 'vitest';
import { type RunOptions, runSeed } from './simulation.js';
import type { Rule } from './withoutRules.js';

interface Ablation {
  readonly name: string;
  readonly rules: readonly Rule[];
  /** In which the rule is soon missed. */
  readonly scenario: NonNullable<RunOptions['scenario']>;
  readonly weather?: RunOptions['weather'];
  /** Where the search begins (1), for a rule that is missed in few seeds. */
  readonly firstSeed?: number;
  /** How it goes wrong, where the weather is such that something else may, too. */
  readonly says?: RegExp;
}

const MOST_SEEDS = 150;

const calm = { lost: 0, refused: 0, busy: 0, heldUp: 0, failOvers: 0, forgets: 0, accidents: 0, late: 0 };
const isForward = { layout: 'two-aliases', commands: [], transform: false } as const;
const steered = { layout: 'two-aliases', impatient: false, transform: false } as const;
const back = { ...steered, commands: ['switch', 'rollback', 'switch', 'finalize'] } as const;
/** The coordinator dies while such a request is on its way, which may be long. */
const dying = (state: string, request: RegExp) => ({
  accidents: 3,
  accident: { state, kind: 'kill after', request } as const,
});
const habits = { meanMs: 3, silenceMs: 100, deletes: 0.05, scripts: 0, timeoutMs: 6_000 };
const often = { ...habits, meanMs: 5, silenceMs: 500, deletes: 0.5 };
const mirrored = { gateways: 2, past: 0, keys: 2, applications: 3, habits: often };

const ARRIVING: Omit<Ablation, 'name' | 'rules'> = {
  scenario: {
    ...steered,
    commands: ['cutover', 'rollback', 'cutover', 'switch', 'finalize'],
    gateways: 2,
    past: 0,
    copiesArrive: true,
    applications: 3,
    keys: 2,
    habits,
  },
  // the round is over before a gateway looks again
  weather: { ...calm, slowMs: 1 },
};

/** Documents change their routing, and their shards meet in one of the target. */
const MOVING = {
  ...steered,
  commands: ['cutover', 'switch', 'finalize'],
  shards: [3, 1],
  applications: 2,
  keys: 5,
  habits: { ...habits, meanMs: 20, deletes: 0.1, moves: 0.3 },
  writesUntilMs: 4_000,
} as const;

/** The transform throws at some documents, in several shards at once. */
const REJECTING = {
  ...steered,
  transform: true,
  commands: ['cutover', 'switch', 'finalize'],
  shards: [3, 2],
  applications: 3,
  keys: 30,
  habits: { ...habits, meanMs: 2, silenceMs: 4_000, deletes: 0, rejected: true },
  writesUntilMs: 6_000,
} as const;

const ABLATIONS: readonly Ablation[] = [
  {
    name: 'ids that are reconciled',
    rules: ['ids are reconciled'],
    scenario: MOVING,
    weather: calm,
  },
  {
    name: 'the checkpoint read before the refresh',
    rules: ['checkpoint before refresh'],
    scenario: { ...steered, commands: ['cutover', 'switch', 'finalize'], applications: 3, keys: 6 },
    weather: { ...calm, slowMs: 10 },
  },
  { name: 'the write block', rules: ['block'], scenario: isForward, weather: { heldUp: 0.3 } },
  { name: 'the block and closed aliases', rules: ['block', 'close the aliases'], scenario: isForward },
  { name: 'the count proof', rules: ['count proof'], scenario: isForward },
  {
    name: 'a round without an upper bound before the readers are moved',
    rules: ['round without bound'],
    scenario: { ...isForward, applications: 3, keys: 1, habits },
    weather: { ...calm, slowMs: 10 },
  },
  {
    name: 'the fencing token',
    firstSeed: 22,
    rules: ['token'],
    scenario: back,
    weather: { accidents: 3, accident: { state: 'holding', kind: 'pause', pauseMs: 6_000 } },
  },
  {
    name: 'the grace',
    firstSeed: 17,
    rules: [],
    scenario: { ...isForward, graceMs: 0 },
    weather: { heldUp: 0.3, heldUpMaxMs: 1_500 },
  },
  {
    name: 'closed feeds',
    firstSeed: 127,
    rules: ['feeds are closed'],
    scenario: { ...back, keys: 2, applications: 3, habits: often, graceMs: 500, leaseMs: 1_500 },
    weather: { ...dying('mirroring', /Feed/), forgets: 6, veryLateMs: 15_000 },
  },
  {
    name: 'taking leftover blocks off',
    rules: ['heal blocks'],
    scenario: { ...back, graceMs: 500, leaseMs: 1_500 },
    // a block that lands after the grace is more than is assumed
    weather: { ...calm, ...dying('holding', /_block/), heldUpMaxMs: 5_000, untilMs: 15_000 },
    says: /does not end: .* accepts no writes/,
  },
  {
    name: 'closed generations',
    firstSeed: 22,
    rules: ['generations are closed'],
    scenario: { ...back, ...mirrored, graceMs: 500 },
    weather: { late: 0.1, forgets: 6, untilMs: 25_000 },
  },
  {
    name: 'waiting until all have prepared, where no counts are compared',
    rules: ['all have prepared', 'count proof'],
    scenario: {
      ...steered,
      impatient: true,
      commands: ['cutover', 'switch', 'finalize'],
      ...mirrored,
      graceMs: 0,
    },
    weather: { ...calm, late: 0.3, veryLateMs: 6_000 },
    firstSeed: 407,
  },
  {
    name: 'the intent before a delete, where no counts are compared',
    firstSeed: 99,
    rules: ['intent', 'count proof'],
    scenario: {
      ...steered,
      commands: ['cutover', 'switch', 'finalize'],
      gateways: 2,
      past: 0,
      keys: 2,
      habits: { ...habits, deletes: 0.5 },
    },
  },
  {
    name: 'waiting, before the readers are moved, until every gateway awaits its copies',
    rules: ['copies are awaited'],
    ...ARRIVING,
    says: /R3/,
  },
];

describe('readers find what was acknowledged before they were moved', () => {
  it('when all of it came through gateways', async () => {
    const { scenario, weather = {} } = ARRIVING;
    for (let seed = 1; seed <= 12; seed++)
      expect((await runSeed(seed, { scenario, weather })).violations).toEqual([]);
  });
});

describe('nothing goes wrong', () => {
  it.each([
    ['when documents change their routing', MOVING],
    ['when they do behind gateways', { ...MOVING, gateways: 2, past: 0 }],
    ['when they do, and shards are split', { ...MOVING, shards: [1, 2] }],
    ['when they do, and shards are split and merged', { ...MOVING, shards: [2, 3] }],
    [
      'when they do, on the way back, too',
      { ...MOVING, shards: [2, 1], commands: ['switch', 'rollback', 'switch', 'finalize'] },
    ],
    ['when documents are rejected in several shards', REJECTING],
  ] as const)('%s', { timeout: 600_000 }, async (_, scenario) => {
    for (let seed = 1; seed <= 10; seed++)
      expect(
        (await runSeed(seed, { scenario: { ...scenario }, weather: calm })).violations,
        `seed ${seed}`,
      ).toEqual([]);
  });
});

describe('a run goes wrong without', () => {
  it.each(ABLATIONS)(
    '$name',
    { timeout: 600_000 },
    async ({ name, rules, scenario, weather = {}, says = /./, firstSeed = 1 }) => {
      let violations: readonly string[] = [];
      for (let tried = 0; tried < MOST_SEEDS && violations.length === 0; tried++) {
        const result = await runSeed(firstSeed + tried, { without: rules, scenario, weather });
        violations = result.violations.filter((violation) => says.test(violation));
        if (violations.length > 0)
          console.log(`without ${name}, seed ${firstSeed + tried}: ${violations.join('\n')}`);
      }
      expect(violations).not.toEqual([]);
    },
  );
});
