// The users who steer the migration.
import type { Cluster } from '../../src/cluster/cluster.js';
import { isTwindexError } from '../../src/errors.js';
import type { CommandName } from '../../src/protocol/record.js';
import { steer } from '../../src/coordinator/migration/steering/sendCommand.js';
import { connected } from './connected.js';
import type { Faults } from './faults.js';
import { MAX_MS, type Scenario } from './scenario.js';
import type { World } from './world.js';

interface OperatorParts {
  readonly world: World;
  readonly scenario: Scenario;
  readonly name: string;
  readonly faults: Faults;
  readonly isOver: () => boolean;
}

export class Operator {
  readonly #parts: OperatorParts;

  constructor(parts: OperatorParts) {
    this.#parts = parts;
  }

  /** Users who ask for something, wait for it, and ask for the next thing. */
  async run(): Promise<void> {
    const { world, scenario, faults } = this.#parts;
    const { clock, random } = world;
    const { impatient, commands } = scenario;
    const process = world.startProcess('operator');
    await world.within(process, async () => {
      const cluster = await connected(process);
      for (const [n, command] of commands.entries()) {
        await clock.sleep(random.delay(1_500, 5_000));
        const isLast = n === commands.length - 1;
        const givesUp = impatient && !isLast && clock.now < faults.weather.untilMs;
        const patience = givesUp ? random.delay(1_000, 4_000) : MAX_MS;
        await this.#ask(cluster, command, { until: clock.now + patience, isLast });
        if (this.#parts.isOver()) return;
      }
    });
  }

  /** The last command is what the migration is to end with: it is asked for until it can be carried out. */
  async #ask(
    cluster: Cluster,
    command: CommandName,
    { until, isLast }: { readonly until: number; readonly isLast: boolean },
  ): Promise<void> {
    const { world, name } = this.#parts;
    const { clock } = world;
    while (!this.#parts.isOver() && clock.now < until) {
      const stop = new AbortController();
      const timer = clock.schedule(
        until - clock.now,
        () => stop.abort(new Error('no patience')),
        world.process,
      );
      try {
        const steered = await steer(cluster, name, command, { signal: stop.signal });
        if (steered.type === 'done') return;
      } catch (error) {
        if (stop.signal.aborted) return;
        if (isTwindexError(error, 'unsafe') && !isLast) return; // it can't be granted as things are
        if (!isTwindexError(error, 'unsafe', 'not_found', 'unanswered', 'unreachable', 'overloaded'))
          throw error;
      } finally {
        timer.cancelled = true;
      }
      await clock.sleep(500);
    }
  }
}
