import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { loadConfig } from './load.js';
import { renderConfigFile } from './renderConfig.js';

const config = { nodes: ['http://localhost:9200'], indexes: ['./indexes/*.ts'] } as const;

it('writes a file that reads as if a person had written it', () => {
  expect(renderConfigFile({ ...config, format: 'ts' })).toBe(`import { defineConfig } from 'twindex';

export default defineConfig({
  cluster: { nodes: ['http://localhost:9200'] },
  indexes: ['./indexes/*.ts'],
});
`);
  expect(renderConfigFile({ ...config, credentials: 'apiKey', caFile: './ca.pem', format: 'ts' })).toContain(`
  cluster: {
    nodes: ['http://localhost:9200'],
    auth: { apiKey: process.env['TWINDEX_API_KEY'] ?? '' },
    caFile: './ca.pem',
  },
`);
});

it.each(['ts', 'json', 'yaml'] as const)(
  'writes %s that names the environment for credentials',
  async (format) => {
    const folder = await mkdtemp(join(tmpdir(), 'twindex-config-'));
    vi.stubEnv('TWINDEX_USERNAME', 'me').stubEnv('TWINDEX_PASSWORD', 's3cret');
    try {
      const text = renderConfigFile({ ...config, credentials: 'password', format });
      expect(text).not.toContain('s3cret');
      await writeFile(join(folder, `twindex.config.${format}`), text);
      const loaded = await loadConfig({
        cwd: folder,
        env: { ...process.env, TWINDEX_URL: undefined },
        withIndexes: false,
      });
      expect(loaded.cluster).toMatchObject({
        nodes: config.nodes,
        auth: { username: 'me', password: 's3cret' },
      });
    } finally {
      vi.unstubAllEnvs();
      await rm(folder, { recursive: true });
    }
  },
);
