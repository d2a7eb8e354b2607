// What `npm test` leaves out and `npm run test:nightly` runs as well, by name. This is the only such list.
//
// Besides, the following tests try more at night than for each commit (they ask `isNight`): betweenClusters (more pairs of
// engines), kill and killBack (a migration of its own for each kill), mirrorKill (more places to be killed at), routes
// (the route `pipeline`) and waysOut (every row of its table). More seeds and more time come from package.json.

/** `npm run test:nightly` sets it. */
export const isNight = Boolean(process.env['TWINDEX_NIGHTLY']);

const integration = (names: readonly string[]): string[] =>
  names.map((name) => `tests/integration/${name}.test.ts`);

/** Takes many minutes, and shorter tests try the same. */
const LONG = integration(['mirror/counters', 'mirror/reingest', 'verify/mirrored', 'verify/soak']);

/**
 * Decided by twindex, whatever the engine is. For each commit they run on OpenSearch only. A file that tests an API in
 * which the engines differ does not belong here.
 */
const SAME_ON_BOTH_ENGINES = integration([
  'cli/*',
  'client/migration',
  'client/unanswered',
  'demo',
  'demoInStep',
  'demoWorkload',
  'gateway/command',
  'gateway/hostile/*',
  'gateway/large',
  'gateway/ownIndexes',
  'gateway/python',
  'gateway/reads',
  'gateway/slow',
  'gateway/tls',
  'migration/abort',
  'migration/changedByHand',
  'migration/damage',
  'migration/detach',
  'migration/dropping',
  'migration/holds',
  'migration/hooks',
  'migration/interrupted',
  'migration/layouts',
  'migration/nonDeterministic',
  'migration/operators',
  'migration/postgres',
  'migration/reingest',
  'migration/rejected',
  'migration/rollback',
  'migration/routing',
  'migration/stale',
  'migration/standBy',
  'migration/steering',
  'migration/throttle',
  'migration/troubles',
  'migration/turnedAway',
  'migration/unanswered',
  'migration/waysOut',
  'migration/windowsInFlight',
  'mirror/ablations',
  'mirror/away',
  'mirror/concurrent',
  'mirror/counted',
  'mirror/firstContact',
  'mirror/gathering',
  'mirror/keptFields',
  'mirror/layouts',
  'mirror/migration',
  'mirror/names',
  'mirror/otherShape',
  'mirror/phases',
  'mirror/readers',
  'mirror/shapes',
  'mirror/unanswered',
  'mirror/unread',
  'plan/sample',
  'plan/sampledDocuments',
  'plan/scratchIndex',
  'queries/evidence',
  'queries/gate',
  'verify/damage',
]);

/** Test files by the project that leaves them out. */
export const FILES_AT_NIGHT = {
  opensearch: LONG,
  elasticsearch: [...SAME_ON_BOTH_ENGINES, ...LONG],
  // a cluster of three nodes has to be started
  chaos: ['tests/chaos/nodeKill.test.ts'],
} as const;

/** Titles of single tests by the end of their file's path; tests/setup/onlyAtNight.ts skips them. */
export const TESTS_AT_NIGHT: Readonly<Record<string, readonly string[]>> = {
  'tests/chaos/betweenClusters.test.ts': [
    'the coordinator is killed between what it does in the one and in the other cluster, and nothing is lost',
    'the old cluster is away for a while: it is said which one, and what was begun goes on later',
    'the old cluster is gone for good after the switch: clients of both shapes go on, and it is given up',
    'a gateway that does not reach the journal reads the old cluster for as long as that is right',
  ],
  'tests/chaos/engineLifetime.test.ts': [
    'forms, goes on without one of them, takes it back, and leaves nothing when it is stopped',
  ],
  'tests/chaos/fencing.test.ts': [
    'right before moveReaders can do nothing when it wakes up behind its successor',
    'right before deleteSource can do nothing when it wakes up behind its successor',
    'right before swapToken can do nothing when it wakes up behind its successor',
    'right before feed can do nothing when it wakes up behind its successor',
  ],
  'tests/chaos/worker.test.ts': ['that stand still are replaced, and write nothing when they wake up'],
  'tests/integration/cli/fleet.test.ts': [
    'one that somebody else coordinates fails with exit code 4; the others are done',
    'an outage needs --allow-outage for several, too; the others go on without',
  ],
};
