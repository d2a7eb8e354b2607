// One run: an index of a simulated cluster is migrated by the real code while applications write it and things go
// wrong, all of it drawn from a seed. The same seed gives the same run.
import type { MigrationRecord } from '../../src/protocol/record.js';
import { Application, type Key } from './application.js';
import { Coordinators } from './coordinators.js';
import { SimulatedEngine } from './engine/engine.js';
import { drawWeather, Faults, isCalm, type Weather } from './faults.js';
import { Gateways } from './gateways.js';
import { armGuardian } from './guardian.js';
import { Invariants, type Names } from './invariants.js';
import { SimulatedNetwork } from './network.js';
import { Operator } from './operator.js';
import { type Heard, Operators } from './operators.js';
import { definitionOf, drawScenario, MAX_MS, namesOf, type Scenario } from './scenario.js';
import { inWorld, World } from './world.js';

export interface RunOptions {
  /** Rules that are taken out. */
  readonly without?: readonly string[];
  readonly weather?: Partial<Weather>;
  readonly scenario?: Partial<Scenario>;
  /** Gets a line for each request and answer. */
  readonly log?: (line: string) => void;
}

export interface RunResult {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly requests: number;
  readonly events: number;
  readonly virtualMs: number;
  readonly switches: number;
  readonly cutOvers: number;
  readonly coordinators: number;
  readonly over: string;
  /** What several users who steer at the same time were answered. */
  readonly heard: readonly Heard[];
  /** Two runs of one seed have the same. */
  readonly fingerprint: string;
}

/** Longer than an application waits for an answer, than a replica takes, and than what comes very late. */
const TAIL_MS = 17_000;

export async function runSeed(seed: number, options: RunOptions = {}): Promise<RunResult> {
  const world = new World(seed, options.without);
  const run = new Run(world, options);
  return await inWorld(world, () => run.play(seed));
}

class Run {
  readonly #world: World;
  readonly #scenario: Scenario;
  readonly #faults: Faults;
  readonly #engine: SimulatedEngine;
  readonly #network: SimulatedNetwork;
  readonly #names: Names;
  readonly #applications: Application[];
  readonly #invariants: Invariants;
  readonly #gateways: Gateways;
  readonly #log: RunOptions['log'];
  readonly #coordinators: Coordinators;
  #operators: Operators | undefined;
  #ended = false;

  constructor(world: World, { scenario, weather, without = [], log }: RunOptions) {
    const random = world.random;
    this.#world = world;
    this.#log = log;
    this.#scenario = { ...drawScenario(random.fork()), ...scenario };
    this.#faults = new Faults(world, { ...drawWeather(random.fork(), this.#scenario.graceMs), ...weather });
    this.#engine = new SimulatedEngine({
      random: random.fork(),
      delay: (moment) => this.#faults.delay(moment),
      nodeIsLost: () => random.chance(0.5),
      without: new Set(without),
    });
    this.#network = new SimulatedNetwork(world, this.#engine, (process, request) =>
      this.#faults.fateOf(process, request),
    );
    this.#network.log = log;
    world.network = this.#network;
    world.armGuardian = (name, leaseMs) => armGuardian(world, name, leaseMs);
    this.#names = namesOf(this.#scenario);
    const definition = definitionOf(this.#scenario, this.#names);
    this.#gateways = new Gateways({
      world,
      network: this.#network,
      faults: this.#faults,
      definition,
      leaseMs: this.#scenario.leaseMs,
      onBug: (error) => this.#crashed('a gateway', error),
    });
    this.#applications = this.#makeApplications();
    this.#invariants = new Invariants(
      this.#engine,
      this.#names,
      this.#applications,
      () => world.clock.now,
      this.#scenario.copiesArrive,
    );
    this.#network.onBug = (error) =>
      this.#invariants.violated(`the simulated engine threw ${(error as Error).stack}`);
    this.#coordinators = new Coordinators({
      world,
      scenario: this.#scenario,
      names: this.#names,
      definition,
      faults: this.#faults,
      invariants: this.#invariants,
      onState: (to) => this.#onState(to),
      log,
    });
  }

  async play(seed: number): Promise<RunResult> {
    const { clock } = this.#world;
    this.#log?.(JSON.stringify({ ...this.#scenario, ...this.#faults.weather }));
    this.#createSource();
    this.#faults.plague(this.#engine);
    this.#gateways.start(this.#scenario.gateways);
    for (const application of this.#applications)
      void application.run().catch((error: unknown) => this.#crashed('an application', error));
    clock.schedule(this.#scenario.writesUntilMs, () => {
      for (const application of this.#applications) application.stop();
    });
    this.#invariants.watch(clock, () => this.#faults.calm);
    void this.#story().catch((error: unknown) => this.#crashed('the story', error));
    const inTime = await clock.runUntil(() => this.#ended, MAX_MS);
    if (!inTime && this.#invariants.violations.length === 0)
      this.#invariants.violated(`I6: it does not end: ${await this.#describe()}`);
    return {
      seed,
      violations: this.#invariants.violations,
      requests: this.#network.requests,
      events: clock.events,
      virtualMs: Math.round(clock.now),
      switches: this.#invariants.switches,
      cutOvers: this.#invariants.cutOvers,
      coordinators: this.#coordinators.count,
      over: this.#coordinators.over ?? 'not over',
      heard: this.#operators?.heard ?? [],
      fingerprint: `${this.#network.requests}:${clock.events}:${clock.now}`,
    };
  }

  /** The migration from its beginning to its end, a while after it, and what holds then. */
  async #story(): Promise<void> {
    const { clock } = this.#world;
    await clock.sleep(200);
    void this.#steer().catch((error: unknown) => this.#crashed('steering', error));
    await this.#coordinators.run();
    await clock.sleep(300);
    for (const application of this.#applications) application.stop();
    this.#invariants.stopWatching();
    // what is on its way arrives, replicas are built
    await clock.sleep(TAIL_MS);
    const { over } = this.#coordinators;
    if (over) this.#invariants.checkEnd(over, this.#scenario.layout === 'two-aliases');
    this.#gateways.stop();
    this.#ended = true;
  }

  /** First all of them at the same time, then one. */
  async #steer(): Promise<void> {
    const isOver = () => this.#coordinators.over !== undefined;
    const { operators, commands } = this.#scenario;
    if (operators.length > 0) {
      const { name } = this.#names;
      const [world, invariants] = [this.#world, this.#invariants];
      this.#operators = new Operators({ world, name, commands: operators, invariants, isOver });
      await this.#operators.run();
    }
    if (commands.length === 0) return;
    const operator = new Operator({
      world: this.#world,
      scenario: this.#scenario,
      name: this.#names.name,
      faults: this.#faults,
      isOver,
    });
    await operator.run();
  }

  #onState(to: string): void {
    this.#faults.state = to;
    if (to === 'movingReaders') this.#invariants.roundBegan = this.#world.clock.now;
    if (to === 'movingReaders' || to === 'holding' || to === 'settling')
      for (const application of this.#applications) application.hurry(400);
  }

  #crashed(who: string, error: unknown): void {
    this.#invariants.violated(`${who} crashed: ${(error as Error).stack}`);
    this.#ended = true;
  }

  async #describe(): Promise<string> {
    const entry = this.#engine.indexes.byName.get('twindex-journal')?.shards[0]?.get('migration:c');
    if (!entry) return 'no record';
    const record = JSON.parse(entry.source as string) as MigrationRecord;
    return `${record.state}, goal ${record.goal}, ${record.message}`;
  }

  #makeApplications(): Application[] {
    const { applications, keys, gateways, past, transform, releasedMs } = this.#scenario;
    const { random } = this.#world;
    return Array.from({ length: applications }, (_, n) => {
      const own = Array.from(
        { length: keys },
        (__, k): Key => ({
          id: `d${n}${k}`,
          routing: random.chance(0.2) ? 'r' : undefined,
        }),
      );
      const names = random.pick([undefined, 1, 2]);
      const releasesMs = random.next() * releasedMs;
      const direct = gateways === 0 || random.chance(past);
      const mirrored = !direct && isCalm(this.#faults.weather);
      return new Application({
        world: this.#world,
        name: `application-${n + 1}`,
        keys: own,
        mirrored,
        isMigrated: () => this.#engine.indexes.byName.has(this.#names.target),
        alias: this.#names.write,
        // a script can't be translated
        habits: { ...this.#scenario.habits, ...(transform ? { scripts: 0 } : {}) },
        transport: direct
          ? (process, request) => this.#network.send(process, request, undefined)
          : this.#gateways.transport(n % gateways),
        version:
          direct || !transform ? () => undefined : () => (this.#world.clock.now < releasesMs ? names : 2),
        onDone: (key, writes) => {
          this.#invariants.checkDone(key, writes);
          if (mirrored) this.#invariants.checkMirrored(key, writes);
        },
      });
    });
  }

  #createSource(): void {
    const { layout, shards } = this.#scenario;
    const { source, read, write } = this.#names;
    this.#engine.createIndex(source, {
      settings: { number_of_shards: shards[0], number_of_replicas: 1 },
      aliases: layout === 'bare-index' ? {} : { [read]: {}, [write]: {} },
    });
  }
}
