import { describe, expect, it } from 'vitest';
import type { Migration } from '../../../schema/types.js';
import { documentVersionsOf } from './documentVersions.js';

const FORWARD = { leaderVersion: 1, followerVersion: 2, unnamedVersion: 1 };
const BACK = { leaderVersion: 2, followerVersion: 1, unnamedVersion: 1 };
const KEY = { id: 'a', routing: undefined };

const up: Migration['up'] = (doc) => ({ ...doc, up: true });
const down: Migration['down'] = ({ up: _up, ...doc }) => doc;
const known = (migration: Migration) => ({ name: 'catalogue', migrations: { 2: migration } });

describe('documentVersionsOf', () => {
  it('knows one shape where no migration changes documents', () => {
    const shapes = documentVersionsOf(known({}), FORWARD, false);
    expect(shapes.same).toBe(true);
    for (const version of [undefined, 1, 2, 7]) expect(shapes.versionOf(version)).toEqual({ type: 'leader' });
  });

  it.each([
    ['forward', FORWARD, undefined, 'leader'],
    ['forward', FORWARD, 1, 'leader'],
    ['forward', FORWARD, 2, 'follower'],
    ['forward', FORWARD, 3, 'unknown'],
    ['back', BACK, undefined, 'follower'],
    ['back', BACK, 1, 'follower'],
    ['back', BACK, 2, 'leader'],
  ] as const)('%s: %o, a write of version %s is in the shape of the %s', (_, roles, version, form) => {
    expect(documentVersionsOf(known({ up, down }), roles, true).versionOf(version).type).toBe(form);
  });

  it('translates each way', async () => {
    const { toFollower, toLeader } = documentVersionsOf(known({ up, down }), FORWARD, true);
    expect(await toFollower(Buffer.from('{"a":1}'), KEY)).toEqual({
      type: 'index',
      source: Buffer.from('{"a":1,"up":true}'),
    });
    expect(await toLeader(Buffer.from('{"a":1,"up":true}'), KEY)).toEqual({
      type: 'index',
      source: Buffer.from('{"a":1}'),
    });
  });

  it('refuses a write in the new shape where there is no `down`', () => {
    const isForward = documentVersionsOf(known({ up }), FORWARD, true);
    expect(isForward.versionOf(2)).toMatchObject({
      type: 'unknown',
      reason: expect.stringContaining('`down`'),
    });
    expect(isForward.versionOf(1).type).toBe('leader');
    expect(documentVersionsOf(known({ up }), BACK, true).versionOf(1).type).toBe('follower');
  });

  it('copies nothing when its index file does not know the transform', async () => {
    const shapes = documentVersionsOf(known({}), FORWARD, true);
    expect(shapes.versionOf(1).type).toBe('leader');
    expect(shapes.versionOf(2).type).toBe('unknown');
    expect((await shapes.toFollower(Buffer.from('{}'), KEY)).type).toBe('refused');
  });
});
