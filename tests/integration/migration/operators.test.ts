// Two or three users who steer one migration at random moments on a real engine, while its coordinators are replaced:
// each hears what has become of every command, and the migration ends up where somebody wanted it.
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, it } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { isTwindexError } from '../../../src/errors.js';
import { waitingCommands } from '../../../src/journal/commands.js';
import type { CommandName, MigrationRecord } from '../../../src/protocol/record.js';
import { nextMove, type Phase, phaseOf } from '../../../src/protocol/states.js';
import { steer } from '../../../src/coordinator/migration/steering/sendCommand.js';
import { Random } from '../../simulation/random.js';
import { testCluster } from '../engine.js';
import { PRICES, Subject } from './harness.js';

/** Of pairs and triples; 200 at night. */
const ROUNDS = Number(process.env['TWINDEX_ROUNDS'] ?? 12);
const SEED = Number(process.env['TWINDEX_FIRST_SEED'] ?? 1);
const FOREVER_MS = 180_000;

/** Nothing that ends the migration: the next round goes on with it. */
const COMMANDS = ['cutover', 'switch', 'rollback', 'pause', 'resume', 'throttle', 'verify'] as const;
const WHERE: { readonly [C in CommandName]?: Phase } = {
  cutover: 'cutover',
  switch: 'switched',
  rollback: 'ready',
};

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
});

it('are all answered, and the migration ends up where somebody wanted it', {
  timeout: 3_600_000,
}, async () => {
  const subject = await Subject.create(cluster, {
    before: { mappings: PRICES.before },
    mappings: PRICES.after,
    migrations: PRICES.migrations,
  });
  await subject.fill(20, (n) => ({ n, price: `${n},50 EUR` }));
  const random = new Random(SEED);
  const coordinators = startCoordinators(subject);
  await subject.until('ready', ({ phase }) => phase === 'ready');
  const answers = new Map<string, number>();
  for (let round = 1; round <= ROUNDS; round++) {
    const { phase: before, record } = await subject.status();
    if (record.paused) await give(subject, 'resume');
    const given = Array.from({ length: random.int(2, 3) }, () => ({
      command: random.pick(COMMANDS),
      afterMs: random.int(0, 1_500),
    }));
    const what = `seed ${SEED}, round ${round}, from ${before}: ${JSON.stringify(given)}`;
    const disturbance = random.chance(0.7) ? coordinators.replace(random.fork()) : undefined;
    const heard = await Promise.all(
      given.map(async ({ command, afterMs }) => {
        await sleep(afterMs);
        return await give(subject, command);
      }),
    );
    await disturbance;
    for (const outcome of heard) answers.set(outcome, (answers.get(outcome) ?? 0) + 1);
    expect(heard, what).not.toContain('forever');
    await expect.poll(() => countWaiting(subject), { timeout: FOREVER_MS, message: what }).toBe(0);
    const { phase } = await subject.until(`at rest (${what})`, ({ record: now }) => isAtRest(now));
    const wanted = [before, 'verifying', 'ready', ...given.flatMap(({ command }) => WHERE[command] ?? [])];
    expect(wanted, what).toContain(phase);
  }
  console.log(
    `${ROUNDS} rounds, ${coordinators.count} coordinators: ${JSON.stringify(Object.fromEntries(answers))}`,
  );
  expect(answers.get('done')).toBeGreaterThan(ROUNDS / 2);
});

async function give(subject: Subject, command: CommandName): Promise<string> {
  const signal = AbortSignal.timeout(FOREVER_MS);
  try {
    // where nobody coordinates, it is in the queue, and this user was told so
    return (await steer(cluster, subject.name, command, { signal })).type;
  } catch (error) {
    if (signal.aborted) return 'forever';
    if (!isTwindexError(error)) throw error;
    return error.code;
  }
}

const countWaiting = async (subject: Subject): Promise<number> =>
  (await waitingCommands(cluster, (await subject.status()).record)).length;

const isAtRest = (record: MigrationRecord): boolean =>
  record.commands.pending.length === 0 &&
  (record.paused ||
    (record.state === 'mirroring' && nextMove(record).type === 'stay' && phaseOf(record) !== 'verifying'));

interface Coordinators {
  readonly count: number;
  /** The one that runs hands the migration back, and the next one begins a while later. */
  replace(random: Random): Promise<void>;
}

function startCoordinators(subject: Subject): Coordinators {
  const begin = () => subject.start('ready', { stay: true, asItIs: true });
  let running = begin();
  let count = 1;
  return {
    get count() {
      return count;
    },
    async replace(random) {
      await sleep(random.int(0, 2_000));
      await running.stop();
      await sleep(random.int(0, 1_500));
      running = begin();
      count++;
    },
  };
}
