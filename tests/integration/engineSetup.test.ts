import { expect, test } from 'vitest';
import { engineName, testCluster, uniqueName } from './engine.js';

test('the cluster of this project is the engine that the project is named after', async () => {
  const { engine } = await testCluster();
  expect(engine.name).toBe(engineName);
});

test('an index of a unique name can be created', async () => {
  const { connection } = await testCluster();
  const name = uniqueName('setup');
  const answer = await connection.json({ method: 'PUT', path: `/${name}-v1` });
  expect(answer).toMatchObject({ acknowledged: true, index: `${name}-v1` });
});
