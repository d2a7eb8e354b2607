import { afterEach, expect, test, vi } from 'vitest';
import { connect } from '../../src/cluster/cluster.js';
import { findEngine } from '../../src/localEngine/startEngine.js';
import { engineName, engineUrls } from './engine.js';

afterEach(() => void vi.unstubAllEnvs());

test('a running cluster is used as it is, and goes on when it is stopped', async () => {
  vi.stubEnv('TWINDEX_URL', ` ${engineUrls.join(' , ')},`);
  const engine = await findEngine();
  expect(engine).toMatchObject({ name: engineName, urls: engineUrls, nodes: [] });
  await engine.stop();
  await (await connect({ nodes: engine.urls })).close();
});

test('a running cluster that is not the engine that was asked for is refused', async () => {
  vi.stubEnv('TWINDEX_URL', engineUrls.join());
  const other = engineName === 'opensearch' ? 'elasticsearch' : 'opensearch';
  await expect(findEngine(other)).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringMatching(
      new RegExp(`^${other} was requested, but TWINDEX_URL is ${engineName} \\d`),
    ),
  });
});

test('a running cluster that does not answer is an error, and nothing else is started', async () => {
  vi.stubEnv('TWINDEX_URL', 'http://127.0.0.1:9');
  await expect(findEngine()).rejects.toMatchObject({ code: 'unreachable' });
});
