// Makes the event `result`, the last line of `twindex migrate --json` about an index.
import type { MigrationRecord } from '../protocol/record.js';

export const resultEvent = {
  changed: (name: string, index: string | undefined): object => ({
    event: 'result',
    name,
    phase: 'done',
    index,
  }),
  migrated: ({ name, evidence, reingest }: MigrationRecord, phase: string): object => ({
    event: 'result',
    name,
    phase,
    evidence,
    ...(reingest ? { reingest } : {}),
  }),
};
