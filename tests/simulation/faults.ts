// What goes wrong in one run, drawn from its seed. After a while nothing does any more, so that the run can end.
import type { Moment, SimulatedEngine } from './engine/engine.js';
import type { Fate } from './network.js';
import type { Random } from './random.js';
import type { HttpRequest, Process, World } from './world.js';

/** Chances, and bounds. */
export interface Weather {
  readonly slowMs: number;
  readonly lost: number;
  readonly refused: number;
  readonly busy: number;
  /** A request waits inside the cluster, after its name was resolved. */
  readonly heldUp: number;
  readonly heldUpMaxMs: number;
  readonly failOvers: number;
  /** Of one just after an operation was applied. */
  readonly failOverChance: number;
  readonly forgets: number;
  /** Coordinators that are killed or stopped. */
  readonly accidents: number;
  /** Instead of one that is drawn. */
  readonly accident: AccidentPlan | undefined;
  /** A request is long on its way. */
  readonly late: number;
  /** Of those whose name is resolved when they arrive, which may be at any time; others are refused or done within the grace. */
  readonly veryLateMs: number;
  readonly replicationMs: number;
  /** From then on all is calm. */
  readonly untilMs: number;
}

export function drawWeather(random: Random, graceMs: number): Weather {
  const rough = random.chance(0.15) ? 0 : random.next(); // some runs are calm, some are terrible
  const some = (chance: number, value: number): number => (random.chance(chance) ? value * rough : 0);
  return {
    slowMs: random.pick([1, 3, 10]),
    lost: some(0.6, 0.04),
    refused: some(0.3, 0.03),
    busy: some(0.3, 0.05),
    heldUp: some(0.6, 0.1),
    heldUpMaxMs: graceMs * 0.8,
    failOvers: rough > 0 && random.chance(0.6) ? random.int(1, 4) : 0,
    forgets: rough > 0 && random.chance(0.5) ? random.int(1, 4) : 0,
    failOverChance: 0.01,
    accidents: rough > 0 && random.chance(0.6) ? random.int(1, 3) : 0,
    accident: undefined,
    late: rough > 0 ? 0.02 : 0,
    veryLateMs: 15_000,
    replicationMs: random.pick([0.5, 3, 15]),
    untilMs: random.pick([10_000, 25_000]),
  };
}

interface AccidentPlan {
  /** Counted only in this state. */
  readonly state?: string | undefined;
  readonly kind: 'kill before' | 'kill after' | 'pause';
  readonly pauseMs?: number;
  /** Counted are only such requests; the one that it happens at is late. */
  readonly request?: RegExp;
}

/** Nothing goes wrong: requests only overtake each other. */
export function isCalm(weather: Weather): boolean {
  const { lost, refused, busy, heldUp, failOvers, forgets, accidents, late } = weather;
  return [lost, refused, busy, heldUp, failOvers, forgets, accidents, late].every((chance) => chance === 0);
}

interface Accident extends AccidentPlan {
  /** Requests of that process until then. */
  countdown: number;
}

export class Faults {
  readonly weather: Weather;
  readonly #world: World;
  readonly #random: Random;
  readonly #accidents = new Map<Process, Accident>();
  #accidentsLeft: number;
  #failOversLeft: number;
  #forgetsLeft: number;
  /** The state that the coordinator is in, as far as anybody knows. */
  state = '';
  onPause: (process: Process) => void = () => undefined;

  constructor(world: World, weather: Weather) {
    this.#world = world;
    this.#random = world.random.fork();
    this.weather = weather;
    this.#accidentsLeft = weather.accidents;
    this.#failOversLeft = weather.failOvers;
    this.#forgetsLeft = weather.forgets;
  }

  get calm(): boolean {
    return this.#world.clock.now > this.weather.untilMs;
  }

  fateOf(process: Process, request: HttpRequest): Fate {
    const random = this.#random;
    const { weather, calm } = this;
    const accident = this.#accidentOf(process, request);
    const late = accident?.request !== undefined || (!calm && random.chance(weather.late));
    const farMs = isResolvedOnArrival(request) ? weather.veryLateMs : weather.heldUpMaxMs;
    const toEngineMs = late ? random.next() * farMs : random.delay(weather.slowMs, weather.slowMs * 5);
    const toClientMs = random.delay(weather.slowMs, weather.slowMs * 5);
    const loses =
      !calm && random.chance(weather.lost) ? random.pick(['request', 'answer'] as const) : undefined;
    return {
      kills:
        accident?.kind === 'kill before' ? 'before' : accident?.kind === 'kill after' ? 'after' : undefined,
      refused: !calm && random.chance(weather.refused),
      toEngineMs,
      toClientMs,
      loses: accident?.request ? undefined : loses,
      breaks: random.pick(['early', 'early', 'late', 'late', undefined]),
      busyStatus: !calm && random.chance(weather.busy) ? random.pick([429, 503]) : undefined,
    };
  }

  /** For a coordinator: perhaps it will die. */
  threaten(process: Process): void {
    if (this.#accidentsLeft === 0 || this.calm || this.#random.chance(0.3)) return;
    this.#accidentsLeft--;
    const random = this.#random;
    const drawn: AccidentPlan = {
      state: random.pick([
        undefined,
        'mirroring',
        'movingReaders',
        'holding',
        'holding',
        'settling',
        'finalizing',
      ]),
      kind: random.pick(['kill before', 'kill after', 'pause'] as const),
      pauseMs: random.pick([500, 3_000, 8_000]),
    };
    const plan = this.weather.accident ?? drawn;
    const most = plan.request ? 6 : plan.state === undefined ? 150 : 40;
    this.#accidents.set(process, {
      ...plan,
      countdown: Math.floor(Math.exp(random.next() * Math.log(most))),
    });
  }

  #accidentOf(process: Process, request: HttpRequest): Accident | undefined {
    const accident = this.#accidents.get(process);
    if (!accident || this.calm) return undefined;
    if (accident.state !== undefined && accident.state !== this.state) return undefined;
    if (accident.request && !accident.request.test(`${request.method} ${request.path}`)) return undefined;
    if (accident.countdown-- > 0) return undefined;
    this.#accidents.delete(process);
    if (accident.kind !== 'pause') return accident;
    process.pausedUntil = this.#world.clock.now + (accident.pauseMs ?? 3_000);
    this.onPause(process);
    return undefined;
  }

  delay(moment: Moment): Promise<void> {
    const random = this.#random;
    const { heldUp, heldUpMaxMs, replicationMs } = this.weather;
    const { clock } = this.#world;
    switch (moment) {
      case 'toPrimary':
        return clock.sleep(
          !this.calm && random.chance(heldUp) ? random.next() * heldUpMaxMs : random.delay(0.3, 3),
        );
      case 'replicate':
        return clock.sleep(random.delay(replicationMs, replicationMs * 20));
      case 'recover':
        return clock.sleep(random.delay(300, 2_000));
      case 'refresh':
      case 'read':
        return clock.sleep(random.delay(0.5, 5));
    }
  }

  /** Fail-overs and forgotten tombstones, at any time and in particular just after something was applied. */
  plague(engine: SimulatedEngine): void {
    const random = this.#random;
    const failOver = (): void => {
      if (this.#failOversLeft === 0 || this.calm) return;
      const index = random.pick([...engine.indexes.byName.values()]);
      if (!index || index.closed) return;
      this.#failOversLeft--;
      engine.failOver(index, random.pick(index.shards));
    };
    for (let n = 0; n < this.#failOversLeft; n++)
      if (random.chance(0.4)) this.#world.clock.schedule(random.delay(4_000, 20_000), failOver);
    for (let n = 0; n < this.#forgetsLeft; n++) {
      this.#world.clock.schedule(random.delay(4_000, 20_000), () => {
        for (const index of engine.indexes.byName.values())
          for (const shard of index.shards) shard.forgetTombstones();
      });
    }
    engine.onApplied = (index, entries) => {
      if (
        entries.length === 0 ||
        this.#failOversLeft === 0 ||
        this.calm ||
        !random.chance(this.weather.failOverChance)
      )
        return;
      this.#world.clock.schedule(random.next() * this.weather.replicationMs * 2, () => {
        const shard = random.pick(index.shards);
        if (this.#failOversLeft === 0 || index.closed || index.deleted || shard.recovering) return;
        this.#failOversLeft--;
        engine.failOver(index, shard);
      });
    };
  }
}

/** A name that is an alias: it may be closed by then. */
function isResolvedOnArrival({ method, path }: HttpRequest): boolean {
  return method !== 'GET' && /\/(_bulk|_doc|_update|_create)\b/.test(path) && !path.startsWith('/twindex-');
}
