// Says which indexes readers and writers are on.
import type { MigrationRecord } from '../../../protocol/record.js';

/** `readers are on catalogue-v2, writers on catalogue-v1` */
export function whereText(record: Pick<MigrationRecord, 'leader' | 'readers' | 'source' | 'target'>): string {
  const { leader, readers } = record;
  const writersAt = record[leader].index;
  if (readers === leader) return `readers and writers are on ${writersAt}`;
  return `readers are on ${record[readers].index}, writers on ${writersAt}`;
}
