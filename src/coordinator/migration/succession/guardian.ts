// Runs the guardian, a process that exists during a hold. If the coordinator dies or hangs, the guardian takes
// over, opens the write aliases, removes the block and gives the lease back.
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, connect } from '../../../cluster/cluster.js';
import type { ClusterOptions } from '../../../cluster/clusterOptions.js';
import { loadRecord } from '../../../journal/journal.js';
import { rescue } from './rescue.js';

interface Order {
  readonly cluster: ClusterOptions;
  readonly source?: ClusterOptions;
  readonly name: string;
  readonly leaseMs: number;
}

const POLL_MS = 250;
const TRIES = 60;

async function main(): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  const lines = createInterface({ input: process.stdin });
  const iterator = lines[Symbol.asyncIterator]();
  const order = JSON.parse((await iterator.next()).value as string) as Order;
  const cluster = await connect(order.cluster, order.source && { options: order.source, mayBeAway: true });
  process.stdout.write('watching\n');
  const disarmed = iterator.next().then(({ value }) => (value === 'disarm' ? 'disarmed' : 'died'));
  const why = await Promise.race([disarmed, standsStill(cluster, order)]);
  if (why !== 'disarmed') await rescueInTime(cluster, order.name);
  await cluster.close();
}

/** A suspended coordinator keeps its pipe open, so only its missing heartbeat shows that it hangs. */
async function standsStill(cluster: Cluster, { name, leaseMs }: Order): Promise<'stands still'> {
  let seen = '';
  let seenAt = performance.now();
  for (;;) {
    await sleep(POLL_MS, undefined, { ref: false });
    const found = await loadRecord(cluster, name).catch(() => undefined);
    if (found && found.source.writeId !== seen) [seen, seenAt] = [found.source.writeId, performance.now()];
    if (performance.now() - seenAt > leaseMs) return 'stands still';
  }
}

async function rescueInTime(cluster: Cluster, name: string): Promise<void> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    try {
      await rescue(cluster, name, 'the guardian');
      return;
    } catch {
      await sleep(1_000); // Retry, since the block must not stay
    }
  }
}

await main();
process.exit(0);
