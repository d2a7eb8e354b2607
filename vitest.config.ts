import { defineConfig } from 'vitest/config';
import { LongestFirst } from './tests/longestFirst.js';
import { memoryFolder } from './tests/memoryFolder.js';

// Engines of a test run live for minutes, with two cores: what their compiler would win later, it would take now.
// So would a collector that works beside them.
const JAVA_OPTIONS = '-XX:TieredStopAtLevel=1 -XX:-UseG1GC -XX:+UseSerialGC';
process.env['OPENSEARCH_JAVA_OPTS'] ??= JAVA_OPTIONS;
process.env['ES_JAVA_OPTS'] ??= JAVA_OPTIONS;
const inMemory = memoryFolder();
if (inMemory) process.env['TMPDIR'] ??= inMemory;

const isSoak = Boolean(process.env['TWINDEX_SOAK']);

function integration(name: string): string {
  return `tests/integration/${name}.test.ts`;
}

/** What the engine has no part in but to carry it out: on one engine is enough for `npm test`. `npm run soak` has both. */
const DECIDED_BY_US = [
  'cli/failures',
  'cli/family',
  'cli/fleet',
  'cli/history',
  'cli/plan',
  'cli/queries',
  'cli/rejected',
  'cli/reingest',
  'cli/sample',
  'cli/verify',
  'client/unanswered',
  'demo',
  'demoInStep',
  'demoWorkload',
  'gateway/command',
  'gateway/hostile/*',
  'gateway/large',
  'gateway/reads',
  'gateway/slow',
  'gateway/tls',
  'migration/damage',
  'migration/dropping',
  'migration/hooks',
  'migration/layouts',
  'migration/postgres',
  'migration/reingest',
  'migration/rejected',
  'migration/rollback',
  'migration/steering',
  'migration/throttle',
  'migration/unanswered',
  'migration/waysOut',
  'mirror/concurrent',
  'mirror/gathering',
  'mirror/layouts',
  'mirror/migration',
  'mirror/names',
  'mirror/phases',
  'mirror/readers',
  'mirror/shapes',
  'mirror/unanswered',
  'plan/sample',
  'plan/sampledDocuments',
  'plan/scratchIndex',
  'queries/gate',
  'verify/damage',
].map(integration);

/** Long runs of what shorter ones try, too: only `npm run soak` has them. */
const LONG_RUNS = ['mirror/counters', 'mirror/reingest', 'verify/mirrored'].map(integration);

// Two cores are what a small CI machine has. The groups run one after the other: unit tests first, since they are quick.
export default defineConfig({
  test: {
    reporters: ['default', './tests/summaryReporter.ts'],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        // what examples/ import
        resolve: { alias: { twindex: new URL('src/index.ts', import.meta.url).pathname } },
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts'],
          testTimeout: 30_000,
          // The files share their modules: importing them anew for each file took most of the time.
          isolate: false,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'simulation',
          include: ['tests/simulation/**/*.test.ts'],
          setupFiles: ['./tests/simulation/setup.ts', './tests/simulation/withoutRules.ts'],
          testTimeout: 300_000,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      engineProject({
        name: 'opensearch',
        group: 1,
        include: ['tests/integration/**/*.test.ts'],
        exclude: isSoak ? [] : LONG_RUNS,
        workers: 2,
      }),
      engineProject({
        name: 'elasticsearch',
        group: 2,
        include: ['tests/integration/**/*.test.ts'],
        exclude: isSoak ? [] : [...DECIDED_BY_US, ...LONG_RUNS],
        workers: 2,
      }),
      engineProject({
        name: 'chaos',
        group: 3,
        include: ['tests/chaos/*.test.ts'],
        workers: 2,
        setup: './tests/setup/opensearch.ts',
        // engines are started there, several at a time, beside migrations that are killed
        testTimeout: 400_000,
      }),
      // what they do to their cluster, every index of it feels
      engineProject({
        name: 'cluster-wide',
        group: 4,
        include: ['tests/chaos/clusterWide/*.test.ts'],
        workers: 1,
        setup: './tests/setup/opensearch.ts',
      }),
      engineProject({
        name: 'cluster-wide-elasticsearch',
        group: 5,
        include: ['tests/chaos/clusterWide/cases.test.ts'],
        workers: 1,
        setup: './tests/setup/elasticsearch.ts',
      }),
    ],
  },
});

interface EngineProject {
  readonly name: string;
  readonly group: number;
  readonly include: string[];
  readonly exclude?: string[];
  readonly workers: number;
  readonly setup?: string;
  readonly testTimeout?: number;
}

/** A project whose tests find a real engine, started once (tests/setup). */
function engineProject({
  name,
  group,
  include,
  exclude = [],
  workers,
  setup = `./tests/setup/${name}.ts`,
  testTimeout = 300_000,
}: EngineProject) {
  return {
    test: {
      name,
      include,
      exclude,
      globalSetup: [setup],
      testTimeout,
      hookTimeout: 240_000,
      maxWorkers: workers,
      sequence: { groupOrder: group },
    },
  };
}
