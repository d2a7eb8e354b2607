// What is played: an index and its layout, who writes and how, and what users ask for. Drawn from the seed.
import type { CommandName, MigrationRecord } from '../../src/protocol/record.js';
import type { IndexDefinition } from '../../src/schema/types.js';
import { type Habits, isRejected } from './application.js';
import type { Names } from './invariants.js';
import type { Random } from './random.js';

/** No run lasts longer, in its own time. */
export const MAX_MS = 600_000;

export interface Scenario {
  readonly layout: MigrationRecord['layout'];
  readonly shards: readonly [source: number, target: number];
  readonly applications: number;
  readonly keys: number;
  readonly transform: boolean;
  readonly graceMs: number;
  readonly leaseMs: number;
  readonly maxWritePauseMs: number;
  /** What users ask for, one after the other; nothing: straight on to the end. */
  readonly commands: readonly CommandName[];
  /** Users who ask for something at the same time, each for one thing after the other, before that. */
  readonly operators: readonly (readonly CommandName[])[];
  readonly habits: Habits;
  /** Users who don't wait until what they asked for is there. */
  readonly impatient: boolean;
  /** Gateways between applications and the cluster; 0: there are none. */
  readonly gateways: number;
  /** The share of applications that write past them. */
  readonly past: number;
  /** Copies arrive, if late: the readers then find everything that was acknowledged before they were moved. */
  readonly copiesArrive: boolean;
  /** When the last of them has been replaced by a release that writes the new shape. */
  readonly releasedMs: number;
  /** From then on nobody writes: what was lost is not made good by the next write. */
  readonly writesUntilMs: number;
}

const ROUTES: readonly (readonly CommandName[])[] = [
  [],
  [],
  ['switch', 'rollback', 'finalize'],
  ['cutover', 'rollback', 'switch', 'finalize'],
  ['switch', 'rollback', 'abort'],
  ['cutover', 'verify', 'finalize'],
  ['switch', 'pause', 'resume', 'rollback', 'switch', 'rollback', 'switch', 'finalize'],
  ['abort'],
];

export function drawScenario(random: Random): Scenario {
  const layout = random.pick([
    'two-aliases',
    'two-aliases',
    'two-aliases',
    'one-alias',
    'bare-index',
  ] as const);
  const fits = (command: CommandName): boolean => layout === 'two-aliases' || command !== 'cutover';
  const route = random.pick(layout === 'bare-index' ? ROUTES.slice(0, 2) : ROUTES);
  return {
    layout,
    shards: [random.pick([1, 1, 2]), random.pick([1, 1, 2, 3])],
    applications: random.int(1, 3),
    keys: random.pick([1, 2, 5]),
    transform: random.chance(0.3),
    graceMs: random.pick([500, 1_500]),
    leaseMs: random.pick([1_500, 3_000]),
    // A request takes tens of milliseconds here, and where shards merge a hold needs some thirty, one after the other.
    maxWritePauseMs: random.pick([2_000, 3_000]),
    commands: route.filter(fits),
    operators: [],
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
    copiesArrive: false,
    releasedMs: random.pick([0, 4_000, 10_000]),
    writesUntilMs: random.pick([3_000, 8_000, 20_000, MAX_MS]),
  };
}

export function namesOf({ layout }: Scenario): Names {
  const [read, write] = layout === 'two-aliases' ? ['c-read', 'c-write'] : ['c', 'c'];
  return { name: 'c', source: layout === 'bare-index' ? 'c' : 'c-v1', target: 'c-v2', read, write };
}

export function definitionOf(
  { shards, transform, habits }: Scenario,
  { name, read, write }: Names,
): IndexDefinition {
  return {
    name,
    version: 2,
    aliases: { read, write },
    settings: { number_of_shards: shards[1], number_of_replicas: 1 },
    mappings: {},
    migrations: transform
      ? {
          2: {
            up: (doc) => {
              if (habits.rejected && isRejected(doc['v'])) throw new Error('this can not be translated');
              return { ...doc, up: true };
            },
            down: (doc) => ({ v: doc['v'] }),
          },
        }
      : {},
    file: 'index.ts',
  };
}
