import { expect, it } from 'vitest';
import { clusterAddress } from './clusterAddress.js';

it('takes --url before TWINDEX_URL, and several addresses', () => {
  const env = { TWINDEX_URL: 'http://b:9200' };
  expect(clusterAddress({ url: 'http://a:9200/path/, https://c' }, env).nodes).toEqual([
    'http://a:9200/path',
    'https://c',
  ]);
  expect(clusterAddress({}, env).nodes).toEqual(['http://b:9200']);
});

it('keeps user and password out of the addresses for a file', () => {
  const address = clusterAddress({ url: 'https://elastic:s3cret@a:9200' }, { TWINDEX_API_KEY: 'key' });
  expect(address).toEqual({
    options: {
      nodes: ['https://elastic:s3cret@a:9200'],
      origins: { nodes: '--url', auth: '--url', caFile: '--ca-file' },
    },
    nodes: ['https://a:9200'],
    credentials: undefined,
    isSecret: true,
  });
});

it.each([
  [{ TWINDEX_API_KEY: 'k' }, 'apiKey', { apiKey: 'k' }],
  [{ TWINDEX_USERNAME: 'u', TWINDEX_PASSWORD: 'p' }, 'password', { username: 'u', password: 'p' }],
  [{ TWINDEX_USERNAME: 'u' }, undefined, undefined],
])('takes credentials of the environment: %o', (env, credentials, auth) => {
  const address = clusterAddress({ url: 'https://a', caFile: './ca.pem' }, env);
  expect(address.credentials).toBe(credentials);
  expect(address.options).toMatchObject({ nodes: ['https://a'], caFile: './ca.pem' });
  expect(address.options.auth).toEqual(auth);
});

it.each([
  [{}, {}, /needs the address of the cluster: twindex init --url http/],
  [
    { url: 'localhost:9200' },
    {},
    /^--url: expected .*found "localhost:9200". Did you mean http:\/\/localhost:9200\?$/,
  ],
  [{}, { TWINDEX_URL: 'ftp://a' }, /^TWINDEX_URL: expected an address .*, found "ftp:\/\/a"$/],
  [{ url: 'elastic:s3cret@a:9200' }, {}, /found "\*\*\*@a:9200"$/],
])('refuses %o with %o', (flags, env, message) => {
  expect(() => clusterAddress(flags, env)).toThrow(expect.objectContaining({ code: 'usage' }) as Error);
  expect(() => clusterAddress(flags, env)).toThrow(message);
});
