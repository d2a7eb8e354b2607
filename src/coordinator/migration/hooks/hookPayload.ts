// Makes the data that a hook gets as JSON. A command also gets a part of it as environment variables. Pure.
import { leaderIndex, type MigrationRecord } from '../../../protocol/record.js';
import type { AfterHookPoint } from '../../../schema/types.js';

export interface HookPayload {
  readonly when: 'before' | 'after';
  readonly phase: AfterHookPoint;
  readonly name: string;
  /** `from` is the old index, `to` is the new one. */
  readonly from: string;
  readonly to: string;
  /** The indexes on which readers and writers are now. */
  readonly readers: string;
  readonly writers: string;
  readonly goal: string;
  readonly evidence: MigrationRecord['evidence'];
  readonly at: string;
}

export function payloadOf(
  record: MigrationRecord,
  when: HookPayload['when'],
  phase: AfterHookPoint,
): HookPayload {
  return {
    when,
    phase,
    name: record.name,
    from: record.source.index,
    to: record.target.index,
    readers: record[record.readers].index,
    writers: leaderIndex(record),
    goal: record.goal,
    evidence: record.evidence,
    at: new Date().toISOString(),
  };
}

export function environmentOf({
  when,
  phase,
  name,
  from,
  to,
}: HookPayload): Readonly<Record<string, string>> {
  return {
    TWINDEX_WHEN: when,
    TWINDEX_PHASE: phase,
    TWINDEX_NAME: name,
    TWINDEX_FROM: from,
    TWINDEX_TO: to,
  };
}
