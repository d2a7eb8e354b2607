import { defineConfig } from 'vitest/config';
import { LongestFirst } from './tests/longestFirst.js';
import { memoryFolder } from './tests/memoryFolder.js';
import { areFilesNamed, FILES_AT_NIGHT, isNight } from './tests/nightly.js';

// Engines of a test run live for minutes, with two cores: what their compiler would win later, it would take now.
// So would a collector that works beside them.
const JAVA_OPTIONS = '-XX:TieredStopAtLevel=1 -XX:-UseG1GC -XX:+UseSerialGC';
process.env['OPENSEARCH_JAVA_OPTS'] ??= JAVA_OPTIONS;
process.env['ES_JAVA_OPTS'] ??= JAVA_OPTIONS;
const inMemory = memoryFolder();
if (inMemory) process.env['TMPDIR'] ??= inMemory;

/**
 * Two cores are what a small CI machine has. Tests with an engine wait a lot, for leases and for the engine: with a third
 * worker the cores have something to do meanwhile.
 */
const CORES = 2;
const WORKERS_WITH_ENGINES = 3;

/** What examples/ import. */
const resolve = { alias: { twindex: new URL('src/index.ts', import.meta.url).pathname } };

// The groups run one after the other: unit tests first, since they are quick. All tests with engines that can run side by
// side are one group, so that no worker is idle while the last file of a project runs.
export default defineConfig({
  test: {
    reporters: ['default', './tests/summaryReporter.ts'],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        resolve,
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'dashboard/src/**/*.test.ts'],
          testTimeout: 30_000,
          // The files share their modules: importing them anew for each file took most of the time.
          isolate: false,
          maxWorkers: CORES,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'simulation',
          include: ['tests/simulation/**/*.test.ts'],
          setupFiles: [
            './tests/setup/onlyAtNight.ts',
            './tests/simulation/setup.ts',
            './tests/simulation/withoutRules.ts',
          ],
          testTimeout: 300_000,
          maxWorkers: CORES,
          sequence: { groupOrder: 0 },
        },
      },
      engineProject({
        name: 'opensearch',
        include: ['tests/integration/**/*.test.ts'],
        exclude: isNight || areFilesNamed ? [] : FILES_AT_NIGHT.opensearch,
      }),
      engineProject({
        name: 'elasticsearch',
        include: ['tests/integration/**/*.test.ts'],
        exclude: isNight || areFilesNamed ? [] : FILES_AT_NIGHT.elasticsearch,
      }),
      engineProject({
        name: 'chaos',
        include: ['tests/chaos/*.test.ts'],
        exclude: isNight || areFilesNamed ? [] : FILES_AT_NIGHT.chaos,
        setup: './tests/setup/opensearch.ts',
        // engines are started there, several at a time, beside migrations that are killed
        testTimeout: 400_000,
      }),
      // These change the whole cluster, which all projects share: each file runs alone, after all others.
      engineProject({
        name: 'cluster-wide',
        group: 2,
        include: ['tests/chaos/clusterWide/*.test.ts'],
        setup: './tests/setup/opensearch.ts',
        workers: 1,
      }),
      engineProject({
        name: 'cluster-wide-elasticsearch',
        group: 3,
        include: ['tests/chaos/clusterWide/cases.test.ts'],
        setup: './tests/setup/elasticsearch.ts',
        workers: 1,
      }),
    ],
  },
});

interface EngineProject {
  readonly name: string;
  readonly include: string[];
  readonly exclude?: readonly string[];
  readonly setup?: string;
  /** 1 by default: after the tests without an engine. */
  readonly group?: number;
  readonly workers?: number;
  readonly testTimeout?: number;
}

/** A project whose tests find a real engine, started once (tests/setup). */
function engineProject({
  name,
  include,
  exclude = [],
  setup = `./tests/setup/${name}.ts`,
  group = 1,
  workers = WORKERS_WITH_ENGINES,
  testTimeout = 300_000,
}: EngineProject) {
  return {
    resolve,
    test: {
      name,
      include,
      exclude: [...exclude],
      globalSetup: [setup],
      setupFiles: ['./tests/setup/onlyAtNight.ts'],
      testTimeout,
      hookTimeout: 240_000,
      maxWorkers: workers,
      sequence: { groupOrder: group },
    },
  };
}
