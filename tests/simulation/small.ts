// A small world for one piece of the code: a cluster, a network and a process that works with it.
import type { Cluster } from '../../src/cluster/cluster.js';
import { connected } from './connected.js';
import { SimulatedEngine } from './engine/engine.js';
import { drawWeather, Faults, type Weather } from './faults.js';
import { SimulatedNetwork } from './network.js';
import type { Rule } from './withoutRules.js';
import { inWorld, World } from './world.js';

const CALM = { lost: 0, refused: 0, busy: 0, heldUp: 0, failOvers: 0, forgets: 0, accidents: 0, late: 0 };
const MAX_MS = 600_000;

export interface SmallWorld {
  readonly world: World;
  readonly engine: SimulatedEngine;
  readonly cluster: Cluster;
}

/** Runs the work in a world of this seed, with calm weather where nothing else is said. */
export async function inSmallWorld<T>(
  seed: number,
  { without, ...weather }: Partial<Weather> & { readonly without?: readonly Rule[] },
  work: (small: SmallWorld) => Promise<T>,
): Promise<T> {
  const world = new World(seed, without);
  const faults = new Faults(world, { ...drawWeather(world.random, 500), ...CALM, ...weather });
  const engine = new SimulatedEngine({
    random: world.random.fork(),
    delay: (moment) => faults.delay(moment),
    nodeIsLost: () => true,
  });
  const network = new SimulatedNetwork(world, engine, (process, request) => faults.fateOf(process, request));
  world.network = network;
  const process = world.startProcess('process');
  let outcome: PromiseSettledResult<T> | undefined;
  await inWorld(world, async () => {
    const working = world.within(process, async () => {
      const cluster = await connected(process);
      return await work({ world, engine, cluster });
    });
    const settle = async (): Promise<void> => {
      [outcome] = await Promise.allSettled([working]);
    };
    void settle();
    await world.clock.runUntil(() => outcome !== undefined, MAX_MS);
  });
  if (!outcome) throw new Error(`seed ${seed} does not end`);
  if (outcome.status === 'rejected')
    throw new Error(`seed ${seed}: ${outcome.reason}`, { cause: outcome.reason });
  return outcome.value;
}
