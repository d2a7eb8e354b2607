import { describe, expect, it } from 'vitest';
import { parseSource, printSource } from '../json/json.js';
import { hasDown, transformChain } from './chain.js';
import type { Migration, TransformMeta } from './types.js';
import type { Source } from '../json/jsonTypes.js';

const meta = { id: 'a', routing: 'r' };

function definition(migrations: Record<number, Migration>) {
  return { name: 'catalogue', migrations };
}

/** A migration step that adds its name to the document. */
const note =
  (text: string) =>
  (doc: Source, { version }: TransformMeta) => ({
    ...doc,
    way: [...((doc.way as string[] | undefined) ?? []), `${text}->${version}`],
  });

describe('transformChain', () => {
  const three = definition({
    2: { up: note('up'), down: note('down') },
    4: { up: note('up'), down: note('down') },
  });

  it('goes up through every version that has a function, in order', async () => {
    expect(await transformChain(three, 1, 4)?.({}, meta)).toEqual({ way: ['up->2', 'up->4'] });
    expect(await transformChain(three, 2, 4)?.({}, meta)).toEqual({ way: ['up->4'] });
  });

  it('goes down through every version, the newest first', async () => {
    expect(await transformChain(three, 4, 1)?.({}, meta)).toEqual({ way: ['down->3', 'down->1'] });
    expect(await transformChain(three, 4, 3)?.({}, meta)).toEqual({ way: ['down->3'] });
  });

  it('is undefined when no step has a function', () => {
    expect(transformChain(three, 2, 3)).toBeUndefined();
    expect(transformChain(three, 4, 4)).toBeUndefined();
    expect(transformChain(definition({}), 1, 9)).toBeUndefined();
  });

  it('gives each step the id, the routing and the version', async () => {
    const seen: unknown[] = [];
    const up = (doc: Source, given: TransformMeta) => (seen.push(given), doc);
    await transformChain(definition({ 2: { up } }), 1, 2)?.({}, meta);
    expect(seen).toEqual([{ id: 'a', routing: 'r', version: 2 }]);
  });

  it('leaves the document that it was given as it is', async () => {
    const doc = { list: [1], big: 9007199254740993n };
    const up = (given: Source) => {
      (given.list as number[]).push(2);
      return given;
    };
    expect(await transformChain(definition({ 2: { up } }), 1, 2)?.(doc, meta)).toEqual({
      ...doc,
      list: [1, 2],
    });
    expect(doc.list).toEqual([1]);
  });

  it('keeps all digits of numbers that no double can represent', () => {
    const doc = parseSource(Buffer.from('{"a":[{"n":1.0000000000000000001}],"big":9007199254740993}'));
    const same = transformChain(definition({ 2: { up: (given) => given } }), 1, 2);
    expect(printSource(same?.(doc, meta) as Source).toString()).toBe(
      '{"a":[{"n":1.0000000000000000001}],"big":9007199254740993}',
    );
  });

  it('is synchronous when no step is asynchronous', async () => {
    const now = transformChain(three, 1, 4)?.({}, meta);
    expect(now).not.toBeInstanceOf(Promise);
    const later = definition({ 2: { up: async (doc) => doc }, 3: { up: note('up') } });
    expect(await transformChain(later, 1, 3)?.({}, meta)).toEqual({ way: ['up->3'] });
  });

  it('stops where a step drops the document', async () => {
    const dropping = definition({ 2: { up: () => null }, 3: { up: () => expect.unreachable() } });
    expect(await transformChain(dropping, 1, 3)?.({}, meta)).toBeNull();
    const later = definition({ 2: { up: async () => null }, 3: { up: () => expect.unreachable() } });
    expect(await transformChain(later, 1, 3)?.({}, meta)).toBeNull();
  });

  it.each([
    [undefined, 'returned undefined (is a return missing?)'],
    [[], 'returned an array'],
    ['x', 'returned a string'],
    [new Date(), 'returned an instance of Date'],
  ])('refuses %s as a document', async (value, text) => {
    const up = () => value as unknown as Source;
    expect(() => transformChain(definition({ 2: { up } }), 1, 2)?.({}, meta)).toThrow(
      `migrations[2].up of catalogue ${text} for document a. Return the document as a plain object, or null to drop it.`,
    );
    const later = async () => value as unknown as Source;
    await expect(transformChain(definition({ 2: { up: later } }), 1, 2)?.({}, meta)).rejects.toThrow(text);
  });

  it('says which step failed for which document', async () => {
    const up = () => {
      throw new TypeError('no price');
    };
    const down = async () => Promise.reject(new TypeError('no price'));
    const both = definition({ 2: { up, down } });
    expect(() => transformChain(both, 1, 2)?.({}, meta)).toThrow(
      'migrations[2].up of catalogue failed for document a: no price',
    );
    await expect(transformChain(both, 2, 1)?.({}, meta)).rejects.toThrow(
      'migrations[2].down of catalogue failed for document a: no price',
    );
  });
});

describe('hasDown', () => {
  it('is false as soon as one up between the versions has no down', () => {
    const some = definition({ 2: { up: note('up') }, 3: { up: note('up'), down: note('down') }, 5: {} });
    expect(hasDown(some, 3, 2)).toBe(true);
    expect(hasDown(some, 5, 2)).toBe(true);
    expect(hasDown(some, 3, 1)).toBe(false);
  });
});
