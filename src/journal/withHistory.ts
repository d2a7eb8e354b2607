// Adds an entry to a migration's history. Pure except for the user's name and the clock.
import { hostname } from 'node:os';
import { userName } from './lease.js';
import type { HistoryEntry, MigrationRecord } from '../protocol/record.js';
import { packageVersion } from '../packageVersion.js';

const KEPT = { first: 100, last: 900 } as const;

export function withHistory(
  { history }: Pick<MigrationRecord, 'history'>,
  what: string,
  { why = '', evidence = null }: Partial<Pick<HistoryEntry, 'why' | 'evidence'>> = {},
): Pick<MigrationRecord, 'history'> {
  const by = `${userName()}@${hostname()}`;
  const entry = { at: new Date().toISOString(), what, by, twindex: packageVersion(), why, evidence };
  const all = [...history, entry];
  if (all.length <= KEPT.first + KEPT.last) return { history: all };
  return { history: [...all.slice(0, KEPT.first), ...all.slice(-KEPT.last)] };
}
