// The coordinator's lease. The coordinator keeps it by writing the record. Other processes watch the record
// and measure the time by their own clocks. The lease only avoids conflicts; the token fences replaced
// coordinators.
import { randomUUID } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.js';
import type { StoredDocument } from '../cluster/documents/getDocument.js';
import { TwindexError } from '../errors.js';
import { loadRecord } from './journal.js';
import type { MigrationRecord } from '../protocol/record.js';

export type Holder = NonNullable<MigrationRecord['holder']>;

const POLL_MS = 200;

export function thisHolder(): Holder {
  return { id: randomUUID(), host: hostIdentity(), pid: process.pid, user: userName() };
}

/** Containers on one host may have the same host name, but each has its own process namespace. */
function hostIdentity(): string {
  try {
    return `${hostname()}/${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}

/**
 * Waits until the migration has no coordinator, because its coordinator has ended, or has not written the record for
 * the lease time.
 * @throws TwindexError `lease_held` as soon as the coordinator has written the record
 */
export async function waitForLease(
  cluster: Cluster,
  name: string,
  signal: AbortSignal,
): Promise<StoredDocument<MigrationRecord> | undefined> {
  const seen = await loadRecord(cluster, name);
  if (!seen || isFree(seen.source)) return seen;
  const deadline = performance.now() + seen.source.options.leaseMs;
  for (;;) {
    await sleep(POLL_MS, undefined, { signal });
    const now = await loadRecord(cluster, name);
    if (!now || isFree(now.source)) return now;
    if (now.seqNo !== seen.seqNo || now.term !== seen.term) throw leaseHeld(now.source);
    if (performance.now() >= deadline) return now;
  }
}

function isFree(record: MigrationRecord): boolean {
  const { holder } = record;
  if (!holder) return true;
  return holder.host === hostIdentity() && !isAlive(holder.pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

export function leaseHeld(record: MigrationRecord): TwindexError {
  const { holder } = record;
  return new TwindexError(
    'lease_held',
    `the migration of ${record.name} is coordinated by process ${holder?.pid} on ${holder?.host.split('/')[0]}`,
    { hint: `Watch it with: twindex status ${record.name} --watch` },
  );
}
