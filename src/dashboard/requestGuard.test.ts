import { describe, expect, it, test } from 'vitest';
import { type Access, isLoopback, OWN_HEADER, refusalOf } from './requestGuard.js';

const HERE = { isLoopback: true, host: '127.0.0.1' };
const OPEN = { isLoopback: false, host: '0.0.0.0' };
const PAGE = 'localhost:9202';
const OWN = { host: PAGE, origin: `http://${PAGE}`, 'sec-fetch-site': 'same-origin' };
const ACTING = { ...OWN, 'content-type': 'application/json', [OWN_HEADER]: '1' };

const read = (headers: Record<string, string>, rules = HERE) =>
  refusalOf('read', { method: 'GET', headers }, rules);
const act = (change: Record<string, string | undefined>, method = 'POST') => {
  const all = Object.entries({ ...ACTING, ...change }).filter(([, value]) => value !== undefined);
  return refusalOf('act', { method, headers: Object.fromEntries(all) as Record<string, string> }, HERE);
};

describe('reading on this machine', () => {
  test.each(['localhost', 'localhost:9202', '127.0.0.1:9202', '127.8.8.8', '[::1]:9202', 'LOCALHOST:1'])(
    'is possible by the name %s, also through a tunnel with another port',
    (host) => expect(read({ host })).toBeUndefined(),
  );

  test.each(['evil.example', 'localhost.evil.example:9202', '192.168.1.4:9202', '127.0.0.1.evil.example'])(
    'is refused by the name %s, which another site may have pointed here',
    (host) => expect(read({ host })).toMatchObject({ status: 403 }),
  );

  it('is refused for the scripts of another site, and possible for an address that was typed', () => {
    expect(read({ host: PAGE, 'sec-fetch-site': 'none' })).toBeUndefined();
    for (const site of ['cross-site', 'same-site', ''])
      expect(read({ host: PAGE, 'sec-fetch-site': site })).toMatchObject({ status: 403 });
    for (const origin of ['http://localhost:3000', 'null', 'http://localhost:9202@evil.example', 'file://'])
      expect(read({ host: PAGE, origin })).toMatchObject({ status: 403 });
  });

  it('needs a host', () => {
    for (const headers of [{}, { host: '' }, { host: 'a b' }, { host: 'user@localhost' }])
      expect(read(headers as Record<string, string>)).toMatchObject({ status: 400 });
  });
});

describe('on an address that others can reach', () => {
  it('every name is possible, since reading needs the token', () =>
    expect(read({ host: 'dashboard.example' }, OPEN)).toBeUndefined());

  it('other sites are refused all the same', () => {
    const headers = { host: 'dashboard.example', origin: 'http://evil.example' };
    expect(read(headers, OPEN)).toMatchObject({ status: 403 });
  });
});

describe('an action', () => {
  it('is possible for the page', () => {
    expect(act({})).toBeUndefined();
    expect(act({ 'content-type': 'application/json; charset=utf-8' })).toBeUndefined();
  });

  it('is possible for a program, which sends neither Origin nor Sec-Fetch-Site', () =>
    expect(act({ origin: undefined, 'sec-fetch-site': undefined })).toBeUndefined());

  test.each<[string, Record<string, string | undefined>, number]>([
    ['from another origin', { origin: 'http://evil.example' }, 403],
    ['from another port of this machine', { origin: 'http://localhost:3000' }, 403],
    ['from another site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['from an address that was typed', { 'sec-fetch-site': 'none' }, 403],
    ['of a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['as text', { 'content-type': 'text/plain; application/json' }, 415],
    ['of another type', { 'content-type': 'application/jsonp' }, 415],
    ['without the header of its own', { [OWN_HEADER]: undefined }, 403],
  ])('%s is refused', (_, change, status) => expect(act(change)).toMatchObject({ status }));

  it('is refused with another method', () => expect(act({}, 'GET')).toMatchObject({ status: 405 }));
});

it('the page itself may be opened by a link of another site', () => {
  const headers = { host: PAGE, 'sec-fetch-site': 'cross-site' };
  expect(refusalOf('page', { method: 'GET', headers }, HERE)).toBeUndefined();
  expect(refusalOf('page', { method: 'POST', headers }, HERE)).toMatchObject({ status: 405 });
});

test.each<[string, boolean]>([
  ['127.0.0.1', true],
  ['127.0.0.2', true],
  ['::1', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['::', false],
  ['10.0.0.1', false],
  ['127.example', false],
])('%s is reached from this machine only: %s', (host, is) => expect(isLoopback(host)).toBe(is));

test.each<Access>(['page', 'read', 'act'])('%s is never possible by a foreign name', (access) => {
  const method = access === 'act' ? 'POST' : 'GET';
  const headers = { ...ACTING, host: 'evil.example', origin: 'http://evil.example' };
  expect(refusalOf(access, { method, headers }, HERE)).toMatchObject({ status: 403 });
});
