// Here, where nobody else needs the journal: it is deleted, and is there again before its shard is.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { JOURNAL } from '../../../src/protocol/names.js';
import { listWriters } from '../../../src/journal/writerDocuments.js';
import { Mirror } from '../../../src/writers/mirror/mirror.js';
import { testCluster } from '../../integration/engine.js';

const ALLOCATION = 'index.routing.allocation.require._name';

test('a writer that starts while somebody else makes the journal waits for it', async () => {
  const cluster = await testCluster();
  const { connection } = cluster;
  await connection.send({ method: 'DELETE', path: `/${JOURNAL}` });
  await connection.json({
    method: 'PUT',
    path: `/${JOURNAL}`,
    query: { wait_for_active_shards: 0 },
    body: { settings: { number_of_replicas: 0, [ALLOCATION]: 'nobody' } },
  });
  try {
    const starting = Mirror.start({ cluster, definitions: [definition()], type: 'gateway' });
    const started = await Promise.race([starting, sleep(1_000)]);
    expect(started).toBeUndefined();
    await connection.json({ method: 'PUT', path: `/${JOURNAL}/_settings`, body: { [ALLOCATION]: null } });
    const mirror = await starting;
    expect((await listWriters(cluster)).map(({ id }) => id)).toEqual([mirror.id]);
    await mirror.stop();
  } finally {
    await connection.send({ method: 'DELETE', path: `/${JOURNAL}` });
  }
});

function definition() {
  const aliases = { read: 'first-read', write: 'first-write' };
  return { name: 'first', version: 1, aliases, settings: {}, mappings: {}, migrations: {}, file: '' };
}
