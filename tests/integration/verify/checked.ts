// What `twindex verify` does, in this process, for a subject of the migration tests.
import { newTally } from '../../../src/protocol/replication.js';
import { openReplication, shapesOf } from '../../../src/coordinator/migration/duties/openReplication.js';
import {
  type CheckRequest,
  type CheckResult,
  checkIndexes,
} from '../../../src/coordinator/verify/checkIndexes.js';
import type { VerifyFinding } from '../../../src/coordinator/verify/findings.js';
import { recordOnceInSync } from '../../../src/coordinator/verify/coordinatorProgress.js';
import type { Subject } from '../migration/harness.js';

export interface Checked extends CheckResult {
  readonly findings: readonly VerifyFinding[];
}

export async function check(
  { cluster, name, definition }: Subject,
  options: Partial<Pick<CheckRequest, 'level' | 'sample' | 'patienceMs'>> = {},
): Promise<Checked> {
  const record = await recordOnceInSync(cluster, name, {
    tell: () => undefined,
    signal: AbortSignal.timeout(120_000),
  });
  const replication = await openReplication(
    cluster,
    record,
    shapesOf(cluster, definition, record),
    newTally(),
  );
  const findings: VerifyFinding[] = [];
  const result = await checkIndexes({
    cluster,
    record,
    replication,
    level: 'content',
    signal: AbortSignal.timeout(100_000),
    onFinding: (finding) => findings.push(finding),
    ...options,
  });
  return { ...result, findings };
}

export const idsOf = ({ findings }: Checked): string[] => [...new Set(findings.map(({ id }) => id))].sort();
