import { describe, expect, test } from 'vitest';
import { asCalled, invocationOf } from './invocation.js';

const called = (
  file: string,
  env: Record<string, string> = {},
  cwd = '/home/lena/shop',
  platform = 'linux',
) => invocationOf({ argv: ['/usr/bin/node', file], env, cwd, platform });

describe('the way in which twindex was called', () => {
  const BIN = '/home/lena/shop/node_modules/.bin/twindex';
  const ownBin = { PATH: '/home/lena/shop/node_modules/.bin:/usr/bin' };

  test.each([
    ['npm/11.1.0 node/v22.0.0 linux x64', 'npx twindex'],
    ['pnpm/9.0.0 npm/? node/v22.0.0 linux x64', 'pnpm exec twindex'],
    ['yarn/1.22.22 npm/? node/v22.0.0 linux x64', 'yarn twindex'],
    ['bun/1.1.0 npm/? node/v22.0.0 linux x64', 'bunx twindex'],
  ])('through a package manager: %s', (agent, invocation) => {
    expect(called(BIN, { ...ownBin, npm_config_user_agent: agent })).toBe(invocation);
  });

  test.each([
    ['on the PATH', '/usr/local/bin/twindex', { PATH: '/usr/local/bin:/usr/bin' }, 'twindex'],
    ['by its path', BIN, { PATH: '/usr/bin' }, 'node_modules/.bin/twindex'],
    ['far away', '/opt/twindex', { PATH: '/usr/bin' }, '/opt/twindex'],
    ['in a checkout', '/home/lena/shop/dist/cli/main.js', {}, 'node dist/cli/main.js'],
    ['in the folder of the program', '/home/lena/shop/main.js', {}, 'node ./main.js'],
    ['by a path with a space', '/home/lena/shop/my tools/main.js', {}, 'node "my tools/main.js"'],
  ])('%s', (_, file, env, invocation) => {
    expect(called(file, env)).toBe(invocation);
  });

  test('a package manager that has started something else, such as tests, is not the way', () => {
    const env = { npm_config_user_agent: 'npm/11.1.0', npm_lifecycle_event: 'npx' };
    expect(called('/home/lena/shop/dist/cli/main.js', env)).toBe('node dist/cli/main.js');
  });

  test('the shims of Windows start the program itself', () => {
    const file = '/prefix/node_modules/twindex/bin/twindex.js';
    expect(called(file, {}, '/home', 'win32')).toBe('twindex');
    expect(called(file, { npm_config_user_agent: 'npm/11.1.0' }, '/home', 'win32')).toBe('npx twindex');
    expect(called(file, {}, '/home', 'linux')).toBe(`node ${file}`);
  });
});

describe('commands in messages', () => {
  const COMMANDS = ['plan', 'status', 'gateway', 'migrate'];
  const npx = (text: string) => asCalled(text, 'npx twindex', COMMANDS);

  test.each([
    ['See: twindex status books', 'See: npx twindex status books'],
    ['`twindex migrate NAME` or (twindex plan)', '`npx twindex migrate NAME` or (npx twindex plan)'],
    ['See twindex --help.', 'See npx twindex --help.'],
    [
      'a line may end before the command: twindex\n  plan books',
      'a line may end before the command: npx twindex\n  plan books',
    ],
  ])('%s', (text, shown) => {
    expect(npx(text)).toBe(shown);
  });

  test.each([
    'twindex works with OpenSearch 2.12 and later',
    'readers are moved by twindex gateways',
    'the index twindex-journal plan',
    'npx twindex plan',
    '/opt/twindex plan',
    'twindex plan-b',
  ])('%s: stays', (text) => {
    expect(npx(text)).toBe(text);
  });

  test('a path with a dollar sign is no pattern', () => {
    expect(asCalled('twindex plan', "/opt/$'/twindex", COMMANDS)).toBe("/opt/$'/twindex plan");
  });
});
