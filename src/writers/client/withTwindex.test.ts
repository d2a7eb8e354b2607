import { describe, expect, it } from 'vitest';
import type { OfficialClient } from './officialClient.js';
import { withTwindex } from './withTwindex.js';

const stranger: OfficialClient = {
  transport: { request: () => undefined },
  connectionPool: {},
  child: () => undefined,
  close: () => undefined,
};

describe('withTwindex', () => {
  it('refuses a client of any other package', async () => {
    await expect(withTwindex(stranger, { indexes: [] })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('@opensearch-project/opensearch 2 or 3') as string,
    });
  });

  it('reports every problem of the indexes that it gets', async () => {
    const client = { ...stranger, transport: { ...stranger.transport, emit: () => undefined } };
    const wrong = { name: 'Catalogue', version: 0 };
    await expect(
      withTwindex(client, { indexes: [wrong, { name: 'a', version: 1.5 }] }),
    ).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringMatching(/indexes\[0\]: version.*indexes\[1\]: version/s) as string,
    });
  });
});
