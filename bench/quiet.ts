// Waits until the engine has finished its background work.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../src/cluster/cluster.js';

const LOOK_MS = 1_000;

/** Waits for merges, which belong to the work of earlier writes, before the next measurement. */
export async function untilMerged(cluster: Cluster): Promise<void> {
  for (;;) {
    await sleep(LOOK_MS);
    const { _all } = await cluster.connection.json<{
      _all: { total: { merges: { current: number } } };
    }>({
      method: 'GET',
      path: '/_stats/merge',
      query: { filter_path: '_all.total.merges.current' },
      repeat: 'always',
    });
    if (_all.total.merges.current === 0) return;
  }
}
