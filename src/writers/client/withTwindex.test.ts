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

  it.each([
    [{}, 'The given object has no `transport`.'],
    [undefined, 'Found undefined.'],
    [null, 'Found null.'],
    ['http://localhost:9200', 'Found string.'],
    [{ transport: {} }, 'The given object has no `transport.request()`.'],
    [{ ...stranger, child: undefined }, 'The given object has no `child()`.'],
    [{ ...stranger, close: undefined }, 'The given object has no `close()`.'],
    [stranger, 'The given client is of another kind.'],
  ])('says what is missing in %o', async (client, message) => {
    await expect(withTwindex(client as OfficialClient, { indexes: [] })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(message) as string,
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
