// The order of test files. One that takes long, begun last, would run alone at the end of its group.
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The longest first. What is not named here comes after them, the largest file first. */
const LONG = [
  'integration/cases.test.ts',
  'integration/demo.test.ts',
  'chaos/fencing.test.ts',
  'chaos/kill.test.ts',
  'chaos/worker.test.ts',
  'chaos/mirrorKill.test.ts',
  'chaos/killBack.test.ts',
  'chaos/betweenClusters.test.ts',
  'migration/unanswered.test.ts',
  'migration/rollback.test.ts',
  // It does not begin beside the demo: both write all the time, and slow each other down.
  'mirror/migration.test.ts',
  'simulation/ablations.test.ts',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.sort((one, other) => rank(one) - rank(other));
  }
}

function rank({ moduleId }: TestSpecification): number {
  const place = LONG.findIndex((name) => moduleId.endsWith(name));
  return place < 0 ? LONG.length : place;
}
