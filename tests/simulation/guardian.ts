// What the guardian's process does (src/coordinator/migration/succession/guardian.ts), within the world.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, connect } from '../../src/cluster/cluster.js';
import { loadRecord } from '../../src/journal/journal.js';
import { rescue } from '../../src/coordinator/migration/succession/rescue.js';
import type { Process, World } from './world.js';

const POLL_MS = 250;
const TRIES = 60;

/** @returns what disarms it */
export async function armGuardian(world: World, name: string, leaseMs: number): Promise<() => void> {
  const watched = world.process as Process;
  const guardian = world.startProcess(`guardian-${world.nextNumber()}`);
  let disarmed = false;
  await world.within(guardian, async () => {
    const cluster = await connect({ nodes: [guardian.origin], requestTimeoutMs: 5_000 });
    void watch(world, cluster, { name, leaseMs, watched, isDisarmed: () => disarmed }).catch(() => undefined);
  });
  return () => {
    disarmed = true;
  };
}

interface Order {
  readonly name: string;
  readonly leaseMs: number;
  readonly watched: Process;
  readonly isDisarmed: () => boolean;
}

async function watch(world: World, cluster: Cluster, order: Order): Promise<void> {
  const { name, leaseMs, watched, isDisarmed } = order;
  let seen = '';
  let seenAt = performance.now();
  for (;;) {
    await sleep(POLL_MS);
    if (isDisarmed()) return;
    if (watched.dead) break; // its pipe is closed
    const found = await loadRecord(cluster, name).catch(() => undefined);
    if (isDisarmed()) return;
    if (found && found.source.writeId !== seen) [seen, seenAt] = [found.source.writeId, performance.now()];
    if (performance.now() - seenAt > leaseMs) break;
  }
  for (let attempt = 0; attempt < TRIES; attempt++) {
    try {
      await rescue(cluster, name, 'the guardian');
      return;
    } catch {
      await sleep(1_000);
    }
  }
}
