// Two results of a test run for machines: the last line of the output, `N passed, N failed, N skipped`, and the file
// test-durations.json, which says how long each test file took. Failed are also files and suites that could not be
// run, and errors outside of any test.
import { writeFileSync, writeSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Of the last run, in the current folder; git ignores it. */
const DURATIONS_FILE = 'test-durations.json';
const SLOW_TEST_MS = 1_000;

interface FileDuration {
  readonly project: string;
  readonly file: string;
  /** Of the tests and hooks of the file, and of importing it. */
  readonly ms: number;
  readonly tests: number;
  /** Milliseconds by title, of the tests that took longer than a second. */
  readonly slowTests: Readonly<Record<string, number>>;
}

export default class SummaryReporter implements Reporter {
  #counts: Counts = { passed: 0, failed: 0, skipped: 0 };

  onInit(): void {
    // After the tear-down of the engines, which may print too.
    process.once('exit', (code) => {
      // A set-up that fails leaves no test to count, only the exit code.
      const unseen = code !== 0 && this.#counts.failed === 0 ? 1 : 0;
      writeSync(1, `${summaryLine({ ...this.#counts, failed: this.#counts.failed + unseen })}\n`);
    });
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    this.#counts = count(modules, unhandled.length);
    const durations = modules.map(durationOf).sort((one, other) => other.ms - one.ms);
    writeFileSync(DURATIONS_FILE, `${JSON.stringify(durations, null, 1)}\n`);
  }
}

function durationOf(module: TestModule): FileDuration {
  const { duration, collectDuration } = module.diagnostic();
  const tests = [...module.children.allTests()];
  const slow = tests
    .map((test) => [test.fullName, Math.round(test.diagnostic()?.duration ?? 0)] as const)
    .filter(([, ms]) => ms > SLOW_TEST_MS);
  return {
    project: module.project.name,
    file: module.relativeModuleId,
    ms: Math.round(duration + collectDuration),
    tests: tests.length,
    slowTests: Object.fromEntries(slow),
  };
}

function count(modules: readonly TestModule[], unhandled: number): Counts {
  const counts = { passed: 0, failed: unhandled, skipped: 0 };
  for (const module of modules) {
    if (module.errors().length > 0) counts.failed += 1;
    for (const suite of module.children.allSuites()) {
      if (suite.errors().length > 0) counts.failed += 1;
    }
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      counts[state === 'pending' ? 'skipped' : state] += 1;
    }
  }
  return counts;
}

function summaryLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
