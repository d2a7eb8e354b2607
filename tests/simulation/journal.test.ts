// The record under compare-and-set, when answers are lost and copies of the journal lag behind.
import { expect, it } from 'vitest';
import { createJournal, RecordHandle } from '../../src/journal/journal.js';
import { testRecord } from '../testRecord.js';
import { inSmallWorld, type SmallWorld } from './small.js';

const SEEDS = 100;

async function saveOften({ cluster }: SmallWorld): Promise<number> {
  for (;;) {
    try {
      await createJournal(cluster);
      break;
    } catch {
      // its answer was lost
    }
  }
  const handle = await RecordHandle.take(cluster, testRecord(), undefined);
  if (!handle) throw new Error('nobody else was there, and the record could not be taken');
  for (let n = 0; n < 20; n++) await handle.save(({ heartbeat }) => ({ heartbeat: heartbeat + 1 }));
  return handle.record.heartbeat;
}

it('nobody is taken for overtaken because an answer was lost', async () => {
  for (let seed = 1; seed <= SEEDS; seed++)
    expect(await inSmallWorld(seed, { lost: 0.2, replicationMs: 150, slowMs: 1 }, saveOften)).toBe(
      testRecord().heartbeat + 20,
    );
});
