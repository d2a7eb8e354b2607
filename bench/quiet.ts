// Waits for the engine's work in the background.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../src/cluster/cluster.js';

const LOOK_MS = 1_000;

/** What was written last is merged on, which is work of those who wrote it. */
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
