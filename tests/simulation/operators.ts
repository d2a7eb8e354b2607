// Several users who steer one migration at the same time and know nothing of each other: each is to hear what has become of every
// command, and the migration is to end up where somebody wanted it.
import type { Cluster } from '../../src/cluster/cluster.js';
import { isTwindexError, messageOf } from '../../src/errors.js';
import { waitingCommands } from '../../src/journal/commands.js';
import { loadRecord } from '../../src/journal/journal.js';
import { type CommandName, isOver, type MigrationRecord } from '../../src/protocol/record.js';
import { nextMove, type Phase, phaseOf } from '../../src/protocol/states.js';
import { steer } from '../../src/coordinator/migration/steering/sendCommand.js';
import { connected } from './connected.js';
import type { Invariants } from './invariants.js';
import type { World } from './world.js';

export interface Heard {
  readonly command: CommandName;
  /** `done`, `nobodyCoordinates`, or the code of the error that it was answered with. */
  readonly outcome: string;
}

interface OperatorsParts {
  readonly world: World;
  readonly name: string;
  /** By user: what each asks for, one after the other. */
  readonly commands: readonly (readonly CommandName[])[];
  readonly invariants: Invariants;
  readonly isOver: () => boolean;
}

/** In the time of the simulation: longer than everything that passes by itself. */
const FOREVER_MS = 200_000;
const LONGEST_PAUSE_MS = 6_000;

const WHERE: { readonly [C in CommandName]?: readonly Phase[] } = {
  cutover: ['cutover'],
  switch: ['switched'],
  finalize: ['finalized'],
  abort: ['aborted'],
};
/** Where a migration stays that nobody has steered, and where it is taken back to. */
const AT_FIRST: readonly Phase[] = ['copying', 'verifying', 'ready'];

export class Operators {
  readonly #parts: OperatorsParts;
  readonly heard: Heard[] = [];

  constructor(parts: OperatorsParts) {
    this.#parts = parts;
  }

  /** Returns when every command was answered, and the migration rests. */
  async run(): Promise<void> {
    const { world, commands } = this.#parts;
    // Often they begin at the same moment: then their commands wait in the queue together.
    const together = world.random.chance(0.5) ? world.random.delay(0, LONGEST_PAUSE_MS) : undefined;
    const firstMs = () => together ?? world.random.delay(0, LONGEST_PAUSE_MS);
    await Promise.all(commands.map((wanted, n) => this.#operate(`operator-${n + 1}`, wanted, firstMs)));
    const process = world.startProcess('observer');
    await world.within(process, async () => this.#checkRest(await connected(process)));
  }

  async #operate(who: string, wanted: readonly CommandName[], firstMs: () => number): Promise<void> {
    const { world } = this.#parts;
    const process = world.startProcess(who);
    await world.within(process, async () => {
      const cluster = await connected(process);
      while (!(await loadRecord(cluster, this.#parts.name).catch(() => undefined)))
        await world.clock.sleep(100);
      for (const [n, command] of wanted.entries()) {
        await world.clock.sleep(n === 0 ? firstMs() : world.random.delay(0, LONGEST_PAUSE_MS));
        if (this.#parts.isOver()) return;
        const outcome = await this.#give(cluster, who, command);
        this.heard.push({ command, outcome });
      }
    });
  }

  async #give(cluster: Cluster, who: string, command: CommandName): Promise<string> {
    const { world, name, invariants } = this.#parts;
    const began = world.clock.now;
    const forever = new AbortController();
    const timer = world.clock.schedule(FOREVER_MS, () => forever.abort(new Error('forever')));
    try {
      return (await steer(cluster, name, command, { signal: forever.signal })).type;
    } catch (error) {
      if (forever.signal.aborted) {
        const waited = Math.round(world.clock.now - began);
        invariants.violated(`C1: ${who} waits for ${command} forever (${waited} ms)`);
      } else if (!isTwindexError(error) || error.message.includes('see twindex history')) {
        // the second: it is in no queue and has no outcome
        invariants.violated(`C2: ${who} hears of ${command}: ${messageOf(error)}`);
      }
      return isTwindexError(error) ? error.code : 'none';
    } finally {
      timer.cancelled = true;
    }
  }

  async #checkRest(cluster: Cluster): Promise<void> {
    const { world, name, commands, invariants } = this.#parts;
    const end = world.clock.now + FOREVER_MS;
    let record: MigrationRecord | undefined;
    let open = 0;
    while (world.clock.now < end) {
      record = (await loadRecord(cluster, name).catch(() => undefined))?.source ?? record;
      if (record && isOver(record)) break;
      const waiting = record && (await waitingCommands(cluster, record).catch(() => undefined));
      open = (waiting?.length ?? 1) + (record?.commands.pending.length ?? 1);
      if (record && open === 0 && isAtRest(record)) break;
      await world.clock.sleep(500);
    }
    if (!record) return invariants.violated('C3: there is no migration');
    if (!isOver(record) && open > 0) invariants.violated(`C3: ${open} commands have no outcome`);
    const wanted = [...AT_FIRST, ...commands.flat().flatMap((command) => WHERE[command] ?? [])];
    if (!wanted.includes(phaseOf(record)))
      invariants.violated(
        `C4: it is ${phaseOf(record)} (${record.state}, goal ${record.goal}), which nobody asked for`,
      );
  }
}

const isAtRest = (record: MigrationRecord): boolean =>
  record.paused || (record.state === 'mirroring' && nextMove(record).type === 'stay');
