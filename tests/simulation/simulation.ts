// One run: an index of a simulated cluster is migrated by the real code while applications write it and things go
// wrong, all of it drawn from a seed. The same seed gives the same run.
import { type Cluster, connect } from '../../src/cluster/cluster.js';
import { isTwindexError } from '../../src/errors.js';
import { EventBus } from '../../src/events.js';
import { loadRecord } from '../../src/journal/journal.js';
import { isOver, type MigrationRecord } from '../../src/journal/record.js';
import { type Border, runMigration } from '../../src/migration/run.js';
import { OutcomeUnknown } from '../../src/migration/effects.js';
import { steer } from '../../src/migration/steer.js';
import type { WishName } from '../../src/journal/wishes.js';
import type { IndexDefinition } from '../../src/schema/types.js';
import { connected } from './connected.js';
import { Application, type Habits, type Key } from './application.js';
import { SimulatedEngine } from './engine/engine.js';
import { drawWeather, Faults, isCalm, type Weather } from './faults.js';
import { Gateways } from './gateways.js';
import { armGuardian } from './guardian.js';
import { Invariants, type Names } from './invariants.js';
import { SimulatedNetwork } from './network.js';
import type { Random } from './random.js';
import { inWorld, type Process, World } from './world.js';

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
  /** Two runs of one seed have the same. */
  readonly fingerprint: string;
}

interface Scenario {
  readonly layout: MigrationRecord['layout'];
  readonly shards: readonly [source: number, target: number];
  readonly applications: number;
  readonly keys: number;
  readonly transform: boolean;
  readonly graceMs: number;
  readonly leaseMs: number;
  readonly maxWritePauseMs: number;
  /** What users ask for, one after the other; nothing: straight on to the end. */
  readonly wishes: readonly WishName[];
  readonly habits: Habits;
  /** Users who don't wait until what they asked for is there. */
  readonly impatient: boolean;
  /** Gateways between applications and the cluster; 0: there are none. */
  readonly gateways: number;
  /** The share of applications that write past them. */
  readonly past: number;
  /** When the last of them has been replaced by a release that writes the new shape. */
  readonly releasedMs: number;
  /** From then on nobody writes: what was lost is not made good by the next write. */
  readonly writesUntilMs: number;
}

const ROUTES: readonly (readonly WishName[])[] = [
  [],
  [],
  ['switch', 'rollback', 'finalize'],
  ['cutover', 'rollback', 'switch', 'finalize'],
  ['switch', 'rollback', 'abort'],
  ['cutover', 'verify', 'finalize'],
  ['switch', 'pause', 'resume', 'rollback', 'switch', 'rollback', 'switch', 'finalize'],
  ['abort'],
];

function drawScenario(random: Random): Scenario {
  const layout = random.pick([
    'two-aliases',
    'two-aliases',
    'two-aliases',
    'one-alias',
    'bare-index',
  ] as const);
  const fits = (wish: WishName): boolean => layout === 'two-aliases' || wish !== 'cutover';
  const route = random.pick(layout === 'bare-index' ? ROUTES.slice(0, 2) : ROUTES);
  return {
    layout,
    shards: [random.pick([1, 1, 2]), random.pick([1, 1, 2, 3])],
    applications: random.int(1, 3),
    keys: random.pick([1, 2, 5]),
    transform: random.chance(0.3),
    graceMs: random.pick([500, 1_500]),
    leaseMs: random.pick([1_500, 3_000]),
    maxWritePauseMs: random.pick([1_000, 3_000]),
    wishes: route.filter(fits),
    habits: {
      meanMs: random.pick([5, 20, 80]),
      silenceMs: random.pick([500, 2_000]),
      deletes: random.pick([0.1, 0.3, 0.5]),
      scripts: 0.2,
      timeoutMs: 6_000,
    },
    impatient: random.chance(0.2),
    gateways: 0,
    past: random.pick([0, 0, 0.4]),
    releasedMs: random.pick([0, 4_000, 10_000]),
    writesUntilMs: random.pick([3_000, 8_000, 20_000, MAX_MS]),
  };
}

const MAX_MS = 600_000;
/** Longer than an application waits for an answer, and than a replica takes. */
const TAIL_MS = 7_000;

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
  readonly #definition: IndexDefinition;
  readonly #gateways: Gateways;
  readonly #log: RunOptions['log'];
  #over: 'finalized' | 'aborted' | undefined;
  #coordinators = 0;
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
    const { layout } = this.#scenario;
    const [read, write] = layout === 'two-aliases' ? ['c-read', 'c-write'] : ['c', 'c'];
    this.#names = { name: 'c', source: layout === 'bare-index' ? 'c' : 'c-v1', target: 'c-v2', read, write };
    this.#definition = this.#declare();
    this.#gateways = new Gateways({
      world,
      network: this.#network,
      faults: this.#faults,
      definition: this.#definition,
      leaseMs: this.#scenario.leaseMs,
      onBug: (error) => this.#crashed('a gateway', error),
    });
    this.#applications = this.#makeApplications();
    this.#invariants = new Invariants(this.#engine, this.#names, this.#applications, () => world.clock.now);
    this.#network.onBug = (error) =>
      this.#invariants.violated(`the simulated engine threw ${(error as Error).stack}`);
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
      coordinators: this.#coordinators,
      over: this.#over ?? 'not over',
      fingerprint: `${this.#network.requests}:${clock.events}:${clock.now}`,
    };
  }

  /** The migration from its beginning to its end, a while after it, and what holds then. */
  async #story(): Promise<void> {
    const { clock } = this.#world;
    await clock.sleep(200);
    if (this.#scenario.wishes.length > 0)
      void this.#steer().catch((error: unknown) => this.#crashed('steering', error));
    await this.#coordinate();
    await clock.sleep(300);
    for (const application of this.#applications) application.stop();
    this.#invariants.stopWatching();
    // what is on its way arrives, replicas are built
    await clock.sleep(TAIL_MS);
    if (this.#over) this.#invariants.checkEnd(this.#over, this.#scenario.layout === 'two-aliases');
    this.#gateways.stop();
    this.#ended = true;
  }

  /** Starts coordinators until the migration is over: the next one when the last has died, stands still, or failed. */
  async #coordinate(): Promise<void> {
    const { clock } = this.#world;
    while (!this.#over) {
      this.#coordinators++;
      const process = this.#world.startProcess(`coordinator-${this.#world.nextNumber()}`);
      this.#faults.threaten(process);
      const run: { paused: boolean; ended: string | undefined } = { paused: false, ended: undefined };
      this.#faults.onPause = () => {
        run.paused = true;
      };
      void this.#watch(process, run);
      while (run.ended === undefined && !process.dead && !run.paused) await clock.sleep(50);
      const { ended, paused } = run;
      this.#note(process, process.dead ? 'is dead' : paused ? 'stands still' : (ended ?? ''));
      // somebody else has it: as the one that stood still, or waits for an answer that will never come
      const held = ended?.startsWith('lease held') ?? false;
      if (held) this.#coordinators--;
      await clock.sleep(held ? 5_000 : this.#world.random.delay(500, 4_000));
      if (this.#coordinators > 60) return this.#invariants.violated('too many coordinators were needed');
    }
  }

  async #watch(process: Process, run: { ended: string | undefined }): Promise<void> {
    run.ended = await this.#world.within(process, () => this.#runCoordinator(process));
  }

  #note(process: Process | undefined, text: string): void {
    this.#log?.(`${this.#world.clock.now.toFixed(1).padStart(9)} ${process?.name ?? ''} ${text}`);
  }

  /** @returns how it ended */
  async #runCoordinator(process: Process): Promise<string> {
    const { graceMs, leaseMs, maxWritePauseMs, layout, wishes } = this.#scenario;
    const until: Border = wishes.length === 0 ? 'finalized' : 'ready';
    const bus = new EventBus();
    bus.on('state', ({ from, to }) => this.#onState(from, to));
    if (this.#log)
      bus.on('note', ({ text }) =>
        this.#log?.(`${this.#world.clock.now.toFixed(1).padStart(9)} ${process.name} notes: ${text}`),
      );
    try {
      const cluster = await connect({ nodes: [process.origin], requestTimeoutMs: 5_000 });
      const begun = await loadRecord(cluster, this.#names.name);
      if (begun && isOver(begun.source)) return this.#endsAs(begun.source);
      const { source, target } = this.#names;
      const { record } = await runMigration(
        cluster,
        this.#definition,
        {
          until,
          stay: wishes.length > 0,
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
          : { source: { index: source, version: 1 }, target: { index: target, version: 2 }, layout },
      );
      return this.#endsAs(record);
    } catch (error) {
      // it was brought to its end meanwhile: the next one sees that
      if (isTwindexError(error, 'not_found') && error.message.startsWith('no migration')) return 'over';
      return this.#failedAs(error);
    }
  }

  #endsAs(record: MigrationRecord): string {
    if (record.state === 'finalized' || record.state === 'aborted') this.#over = record.state;
    return record.state;
  }

  #failedAs(error: unknown): string {
    const expected = isTwindexError(error, 'fenced', 'unanswered', 'unreachable', 'overloaded', 'blocked');
    if (isTwindexError(error, 'lease_held')) return `lease held: ${error.message}`;
    if (expected || error instanceof OutcomeUnknown) return (error as Error).message;
    this.#invariants.violated(`a coordinator failed: ${(error as Error).stack}`);
    return 'failed';
  }

  #onState(from: string, to: string): void {
    const { clock } = this.#world;
    this.#faults.state = to;
    this.#log?.(`${clock.now.toFixed(1).padStart(9)} ${from} -> ${to}`);
    if (to === 'movingReaders') this.#invariants.roundBegan = clock.now;
    if (to === 'movingReaders' || to === 'holding' || to === 'settling')
      for (const application of this.#applications) application.hurry(400);
  }

  /** Users who ask for something, wait for it, and ask for the next thing. */
  async #steer(): Promise<void> {
    const { clock, random } = this.#world;
    const { impatient } = this.#scenario;
    const process = this.#world.startProcess('operator');
    await this.#world.within(process, async () => {
      const cluster = await connected(process);
      for (const [n, wish] of this.#scenario.wishes.entries()) {
        await clock.sleep(random.delay(1_500, 5_000));
        const isLast = n === this.#scenario.wishes.length - 1;
        const givesUp = impatient && !isLast && clock.now < this.#faults.weather.untilMs;
        const patience = givesUp ? random.delay(1_000, 4_000) : MAX_MS;
        await this.#ask(cluster, wish, { until: clock.now + patience, isLast });
        if (this.#over) return;
      }
    });
  }

  /** The last wish is what the migration is to end with: it is asked for until it can be granted. */
  async #ask(
    cluster: Cluster,
    wish: WishName,
    { until, isLast }: { readonly until: number; readonly isLast: boolean },
  ): Promise<void> {
    const { clock } = this.#world;
    while (!this.#over && clock.now < until) {
      const stop = new AbortController();
      const timer = clock.schedule(
        until - clock.now,
        () => stop.abort(new Error('no patience')),
        this.#world.process,
      );
      try {
        const steered = await steer(cluster, this.#names.name, wish, { signal: stop.signal });
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

  #declare(): IndexDefinition {
    const { shards, transform } = this.#scenario;
    const { name, read, write } = this.#names;
    return {
      name,
      version: 2,
      aliases: { read, write },
      settings: { number_of_shards: shards[1], number_of_replicas: 1 },
      mappings: {},
      migrations: transform
        ? {
            2: {
              up: (doc) => ({ ...doc, up: true }),
              down: (doc) => ({ v: doc['v'] }),
            },
          }
        : {},
      file: 'index.ts',
    };
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
