// Skips the tests that tests/nightly.ts names, and fails where it names a test that is not there.
import { beforeAll, beforeEach, type RunnerTask } from 'vitest';
import { isNight, TESTS_AT_NIGHT } from '../nightly.js';

function titlesAtNight(file: string): readonly string[] {
  return Object.entries(TESTS_AT_NIGHT).find(([path]) => file.endsWith(path))?.[1] ?? [];
}

function titlesIn(tasks: readonly RunnerTask[]): string[] {
  return tasks.flatMap((task) => (task.type === 'suite' ? titlesIn(task.tasks) : [task.name]));
}

// oxlint-disable-next-line no-empty-pattern -- Vitest demands a pattern
beforeAll(({}, { file }) => {
  const titles = titlesIn(file.tasks);
  const unknown = titlesAtNight(file.filepath).filter((title) => !titles.includes(title));
  if (unknown.length > 0) throw new Error(`tests/nightly.ts names a test that is not there: ${unknown[0]}`);
});

beforeEach(({ task, skip }) => {
  if (!isNight && titlesAtNight(task.file.filepath).includes(task.name)) skip('only in npm run test:nightly');
});
