// What `npm test` leaves out and `npm run test:nightly` runs as well, by name. This is the only such list.
//
// Besides, the following tests try more at night than for each commit (they ask `isNight`): betweenClusters (more pairs of
// engines), the cases (all of them, on both engines), kill and killBack (a migration of its own for each kill), mirrorKill
// (more places to be killed at), routes (the routes `client` and `pipeline`) and waysOut (every row of its table). More seeds
// and more time come from package.json.

/** `npm run test:nightly` sets it. */
export const isNight = Boolean(process.env['TWINDEX_NIGHTLY']);

/** `npm run matrix` sets it, and names the files to run: none of them is left out, but single tests are. */
export const areFilesNamed = Boolean(process.env['TWINDEX_NAMED_FILES']);

const integration = (names: readonly string[]): string[] =>
  names.map((name) => `tests/integration/${name}.test.ts`);

/** Long, and others try the same: the simulation, cases of tests/cases, or the shorter tests of the same folder. */
const LONG = integration([
  'cli/history',
  'cli/reingest',
  'client/migration',
  'dashboard/actions',
  'dashboard/connection',
  'dashboard/hostile',
  'dashboard/many',
  'dashboard/screenshots',
  'dashboard/whole',
  'demoInSync',
  'gateway/memoryBounds',
  'gateway/python',
  'migration/abort',
  'migration/changedByHand',
  'migration/damage',
  'migration/detach',
  'migration/dropping',
  'migration/holds',
  'migration/interrupted',
  'migration/operators',
  'migration/postgres',
  'migration/routing',
  'migration/routingRequired',
  'migration/stale',
  'migration/standBy',
  'migration/troubles',
  'migration/turnedAway',
  'migration/unanswered',
  'migration/windowsInFlight',
  'mirror/away',
  'mirror/counted',
  'mirror/counters',
  'mirror/layouts',
  'mirror/reingest',
  'queries/evidence',
  'secured/roles',
  'secured/secrets',
  'verify/mirrored',
  'verify/soak',
]);

/**
 * Decided by twindex, whatever the engine is. For each commit they run on OpenSearch only. A file that tests an API in
 * which the engines differ does not belong here.
 */
const SAME_ON_BOTH_ENGINES = integration([
  'api',
  'cli/*',
  'client/unanswered',
  'dashboard/*',
  'demo',
  'demoWorkload',
  'gateway/command',
  'gateway/hostile/*',
  'gateway/large',
  'gateway/ownIndexes',
  'gateway/reads',
  'gateway/slow',
  'gateway/tls',
  'gateway/traces',
  'migration/following',
  'migration/hooks',
  'migration/layouts',
  'migration/nonDeterministic',
  'migration/reingest',
  'migration/rejected',
  'migration/rollback',
  'migration/steering',
  'migration/throttle',
  'migration/waysOut',
  'mirror/ablations',
  'mirror/answers',
  'mirror/concurrent',
  'mirror/firstContact',
  'mirror/gathering',
  'mirror/keptFields',
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
  'queries/gate',
  'secured/signatures',
  'verify/damage',
]);

/** Test files by the project that leaves them out. */
export const FILES_AT_NIGHT = {
  opensearch: LONG,
  elasticsearch: [...SAME_ON_BOTH_ENGINES, ...LONG],
  // a cluster of three nodes has to be started; a real Prometheus has to see alerts begin and end
  chaos: ['tests/chaos/nodeKill.test.ts', 'tests/chaos/alerts.test.ts'],
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
    'that does not start gives the end of its log, and leaves nothing',
  ],
  'tests/chaos/fencing.test.ts': [
    'exits 4 while the first is alive, and says who has it',
    'right before moveWriters can do nothing when it wakes up behind its successor',
    'right before moveReaders can do nothing when it wakes up behind its successor',
    'right before deleteSource can do nothing when it wakes up behind its successor',
    'right before swapToken can do nothing when it wakes up behind its successor',
    'right before feed can do nothing when it wakes up behind its successor',
    'takes over at once from one that was ended with SIGTERM',
  ],
  'tests/chaos/mirrorKill.test.ts': [
    'goes on when its coordinator is killed around what it does for them, and nothing is lost',
  ],
  'tests/chaos/worker.test.ts': [
    'that are stopped hand back what they have begun, and nothing is copied twice',
    'that stand still are replaced, and write nothing when they wake up',
    'hand the documents that are refused to the coordinator, which keeps them',
    'with another index file are refused before they get a window, and those with the same one copy all',
  ],
  'tests/integration/cli/fleet.test.ts': [
    'where documents change their shape all go to ready, nobody stays, and --until takes all further',
    'plans that were kept are carried out, and one that is stale fails alone',
    'one that somebody else coordinates fails with exit code 4; the others are done',
    'an outage needs --allow-outage for several, too; the others go on without',
    'one that somebody pauses frees its place, too',
    'what waits for a person frees its place: the others are begun, and summary and exit code say so',
    'one that is no longer what its plan was shown for is left alone, and fails',
    'what is interrupted says so of what was under way and of what was not begun, and goes on when run again',
  ],
  'tests/integration/migration/reingest.test.ts': [
    'is named when it gives nothing to iterate, and what came before stays',
    'is named when it gives no object, and what came before stays',
    'is named when it gives no source, and what came before stays',
    'is named when it gives a negative version, and what came before stays',
    'is named when it gives what JSON has no word for, and what came before stays',
    'is named when it gives a cursor that is none, and what came before stays',
    'goes there, back and there again without losing what v1 never had',
    'is rejected, and not replaced by an older state, until the application writes it',
    'counts what only v1 has once, also when it is killed before that is saved',
    'finds and mends damage to what v1 has newer, and to what is missing',
    'gives way to what is written and deleted meanwhile, before and after a document is read',
  ],
  'tests/integration/migration/rollback.test.ts': [
    'that comes before the grace is over says until when it waits, and where everybody is meanwhile',
    'of the readers loses nothing',
    'can be repeated: forth and back twice, then to the end',
    'leaves the leader as it was after a rollback of the writers',
    'does not wait for the grace once more where gateways write both indexes',
  ],
  'tests/integration/migration/throttle.test.ts': [
    'does not take its own reads for those of others',
    'is slowed down, paused, and let go again from elsewhere',
  ],
  'tests/integration/mirror/migration.test.ts': [
    'is not finalized while documents of the old version are seen, and leaves nothing behind',
  ],
  'tests/integration/verify/damage.test.ts': [
    'from 2 shards to 3 finds every kind of damage and nothing else, and --repair mends all of it',
    'from 2 shards to 2 finds every kind of damage and nothing else, and --repair mends all of it',
    'nothing is found, however much is written and deleted',
  ],
  'tests/simulation/ablations.test.ts': [
    'when all of it came through gateways',
    'when they do behind gateways',
    "'the checkpoint read before the refresh'",
    "'ids that are reconciled'",
    "'the block and closed aliases'",
    "'closed feeds'",
  ],
  'tests/integration/migration/pipeline.test.ts': [
    'says when the pipeline makes something else of a document each time',
  ],
  'tests/integration/cli/stay.test.ts': [
    'cutover stays until SIGINT, and has done what it was asked for',
    'cutover stays until SIGTERM, and has done what it was asked for',
    'switch stays until SIGINT, and has done what it was asked for',
    'resume stays, too, and a SIGINT ends it well',
    'a SIGINT before the move is an interruption',
  ],
  'tests/integration/cli/rejected.test.ts': [
    'leaves out what it is told to, one by one, and no older state of it stays',
  ],
  'tests/integration/migration/layouts.test.ts': [
    'moves the readers, then the writers, where each has an alias',
    'leaves no setting that was not declared',
  ],
  'tests/integration/migration/steering.test.ts': [
    'that nobody coordinates is told so, and carries it out when it goes on',
    'keeps the leader closed where it is asked to',
  ],
  'tests/integration/migration/hooks.test.ts': [
    'that fails ends a run that would not stay, before anything has moved',
  ],
  'tests/integration/migration/following.test.ts': [
    'lose no more of their layout than the line breaks',
    'goes on in pages where scrolls are lost',
  ],
  'tests/integration/migration/server.test.ts': ['finds and mends damage to a document that has no stamp'],
  'tests/integration/mirror/answers.test.ts': [
    'while readers are on it: a write is done, and its client is told that they do not see it yet',
  ],
  'tests/integration/mirror/firstContact.test.ts': [
    'refuses every write when the journal has lost the migration',
  ],
  'tests/integration/gateway/hostile/unanswered.test.ts': [
    'is not given up while its node takes it slowly, however long that lasts',
  ],
  'tests/integration/reads/recorded.test.ts': ['on the route reingest'],
};
