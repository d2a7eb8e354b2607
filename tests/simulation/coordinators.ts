// The processes that carry out the migration, one after the other: each may die, stand still, or fail.
import { connect } from '../../src/cluster/cluster.js';
import { isTwindexError } from '../../src/errors.js';
import { EventBus } from '../../src/events.js';
import { loadRecord } from '../../src/journal/journal.js';
import { isOver, type MigrationRecord } from '../../src/protocol/record.js';
import { OutcomeUnknown } from '../../src/coordinator/migration/succession/effects.js';
import { type Gate, runMigration } from '../../src/coordinator/migration/runMigration.js';
import type { IndexDefinition } from '../../src/schema/types.js';
import type { Faults } from './faults.js';
import type { Invariants, Names } from './invariants.js';
import type { Scenario } from './scenario.js';
import type { Process, World } from './world.js';

interface CoordinatorsParts {
  readonly world: World;
  readonly scenario: Scenario;
  readonly names: Names;
  readonly definition: IndexDefinition;
  readonly faults: Faults;
  readonly invariants: Invariants;
  readonly onState: (to: string) => void;
  readonly log: ((line: string) => void) | undefined;
}

export class Coordinators {
  readonly #parts: CoordinatorsParts;
  /** How many there were. */
  count = 0;
  /** How the migration has ended. */
  over: 'finalized' | 'aborted' | undefined;

  constructor(parts: CoordinatorsParts) {
    this.#parts = parts;
  }

  /** Starts coordinators until the migration is over: the next one when the last has died, stands still, or failed. */
  async run(): Promise<void> {
    const { world, invariants, faults } = this.#parts;
    const { clock } = world;
    while (!this.over) {
      this.count++;
      const process = world.startProcess(`coordinator-${world.nextNumber()}`);
      faults.threaten(process);
      const run: { paused: boolean; ended: string | undefined } = { paused: false, ended: undefined };
      faults.onPause = () => {
        run.paused = true;
      };
      void this.#watch(process, run);
      while (run.ended === undefined && !process.dead && !run.paused) await clock.sleep(50);
      const { ended, paused } = run;
      this.#note(process, process.dead ? 'is dead' : paused ? 'stands still' : (ended ?? ''));
      // somebody else has it: as the one that stood still, or waits for an answer that will never come
      const held = ended?.startsWith('lease held') ?? false;
      if (held) this.count--;
      await clock.sleep(held ? 5_000 : world.random.delay(500, 4_000));
      if (this.count > 60) return invariants.violated('too many coordinators were needed');
    }
  }

  async #watch(process: Process, run: { ended: string | undefined }): Promise<void> {
    run.ended = await this.#parts.world.within(process, () => this.#runCoordinator(process));
  }

  #note({ name }: Process, text: string): void {
    const { world, log } = this.#parts;
    log?.(`${world.clock.now.toFixed(1).padStart(9)} ${name} ${text}`);
  }

  /** @returns how it ended */
  async #runCoordinator(process: Process): Promise<string> {
    const { graceMs, leaseMs, maxWritePauseMs, layout, commands } = this.#parts.scenario;
    const { names, definition } = this.#parts;
    const until: Gate = commands.length === 0 ? 'finalized' : 'ready';
    const bus = new EventBus();
    bus.on('state', ({ from, to }) => {
      this.#note(process, `${from} -> ${to}`);
      this.#parts.onState(to);
    });
    bus.on('note', ({ text }) => this.#note(process, `notes: ${text}`));
    try {
      const cluster = await connect({ nodes: [process.origin], requestTimeoutMs: 5_000 });
      const begun = await loadRecord(cluster, names.name);
      if (begun && isOver(begun.source)) return this.#endsAs(begun.source);
      const { record } = await runMigration(
        cluster,
        definition,
        {
          until,
          stay: true,
          graceMs,
          leaseMs,
          maxWritePauseMs,
          maxLagMs: 5_000,
          dropRejected: false,
          maxRejected: 100,
          bus,
          signal: new AbortController().signal,
        },
        begun
          ? undefined
          : {
              source: { index: names.source, version: 1 },
              target: { index: names.target, version: 2 },
              layout,
            },
      );
      return this.#endsAs(record);
    } catch (error) {
      // it was brought to its end meanwhile: the next one sees that
      if (isTwindexError(error, 'not_found') && error.message.startsWith('no migration')) return 'over';
      return this.#failedAs(error);
    }
  }

  #endsAs(record: MigrationRecord): string {
    if (record.state === 'finalized' || record.state === 'aborted') this.over = record.state;
    return record.state;
  }

  #failedAs(error: unknown): string {
    const expected = isTwindexError(error, 'fenced', 'unanswered', 'unreachable', 'overloaded', 'blocked');
    if (isTwindexError(error, 'lease_held')) return `lease held: ${error.message}`;
    if (expected || error instanceof OutcomeUnknown) return (error as Error).message;
    this.#parts.invariants.violated(`a coordinator failed: ${(error as Error).stack}`);
    return 'failed';
  }
}
