import { describe, expect, it } from 'vitest';
import type { Migration } from '../../../schema/types.js';
import { shapesOf } from './documentVersions.js';

const FORTH = { firstVersion: 1, secondVersion: 2, unnamedVersion: 1 };
const BACK = { firstVersion: 2, secondVersion: 1, unnamedVersion: 1 };
const KEY = { id: 'a', routing: undefined };

const up: Migration['up'] = (doc) => ({ ...doc, up: true });
const down: Migration['down'] = ({ up: _up, ...doc }) => doc;
const known = (migration: Migration) => ({ name: 'catalogue', migrations: { 2: migration } });

describe('shapesOf', () => {
  it('knows one shape where no migration changes documents', () => {
    const shapes = shapesOf(known({}), FORTH, false);
    expect(shapes.same).toBe(true);
    for (const version of [undefined, 1, 2, 7]) expect(shapes.formOf(version)).toEqual({ type: 'first' });
  });

  it.each([
    ['forth', FORTH, undefined, 'first'],
    ['forth', FORTH, 1, 'first'],
    ['forth', FORTH, 2, 'second'],
    ['forth', FORTH, 3, 'unknown'],
    ['back', BACK, undefined, 'second'],
    ['back', BACK, 1, 'second'],
    ['back', BACK, 2, 'first'],
  ] as const)('%s: %o, a write of version %s is in the shape of the %s', (_, roles, version, form) => {
    expect(shapesOf(known({ up, down }), roles, true).formOf(version).type).toBe(form);
  });

  it('translates each way', async () => {
    const { toSecond, toFirst } = shapesOf(known({ up, down }), FORTH, true);
    expect(await toSecond(Buffer.from('{"a":1}'), KEY)).toEqual({
      type: 'index',
      source: Buffer.from('{"a":1,"up":true}'),
    });
    expect(await toFirst(Buffer.from('{"a":1,"up":true}'), KEY)).toEqual({
      type: 'index',
      source: Buffer.from('{"a":1}'),
    });
  });

  it('has no form for a new document where there is no way down', () => {
    const forth = shapesOf(known({ up }), FORTH, true);
    expect(forth.formOf(2)).toMatchObject({ type: 'unknown', reason: expect.stringContaining('`down`') });
    expect(forth.formOf(1).type).toBe('first');
    expect(shapesOf(known({ up }), BACK, true).formOf(1).type).toBe('second');
  });

  it('copies nothing when its index file does not know the transform', async () => {
    const shapes = shapesOf(known({}), FORTH, true);
    expect(shapes.formOf(1).type).toBe('first');
    expect(shapes.formOf(2).type).toBe('unknown');
    expect((await shapes.toSecond(Buffer.from('{}'), KEY)).type).toBe('refused');
  });
});
