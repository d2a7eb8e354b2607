import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandFamilies, type FoundIndex, memberOf, partOf } from './family.js';
import type { IndexDefinition, IndexFamily } from './types.js';

const REST = { version: 2, settings: {}, mappings: {}, migrations: {}, file: 'tenant.ts' };

function family(pattern: string, aliases: Partial<IndexFamily['aliases']> = {}): IndexFamily {
  return { ...REST, pattern, aliases: { read: `${pattern}-read`, write: `${pattern}-write`, ...aliases } };
}

function own(name: string, aliases: Partial<IndexDefinition['aliases']> = {}): IndexDefinition {
  return { ...REST, name, aliases: { read: `${name}-read`, write: `${name}-write`, ...aliases } };
}

const index = (name: string, ...aliases: string[]): FoundIndex => ({ index: name, aliases });

const tenants = family('tenant-*');
const namesOf = (found: readonly FoundIndex[], families = [tenants], files: IndexDefinition[] = []) =>
  expandFamilies(families, files, found).members.map(({ name }) => name);

describe('the text that the * of a family stands for', () => {
  it.each([
    ['tenant-*', 'tenant-a', 'a'],
    ['tenant-*', 'tenant-', undefined],
    ['tenant-*', 'tenants', undefined],
    ['tenant-*-log', 'tenant-eu-1-log', 'eu-1'],
    ['tenant-*-log', 'tenant-log', undefined],
    ['a*a', 'aa', undefined],
    ['a*a', 'aaa', 'a'],
    ['*-log', 'a-log', 'a'],
    ['*-log', '.a-log', undefined],
    ['.own-*', '.own-a', 'a'],
  ])('of %s in %s is %s', (pattern, name, part) => {
    expect(partOf(pattern, name)).toBe(part);
  });

  it('gives the name again when it is put into the pattern, for all texts', () => {
    const text = fc.stringMatching(/^[a-z0-9$&.-]{0,6}$/);
    fc.assert(
      fc.property(text, text, text, (before, after, part) => {
        const name = `${before}${part}${after}`;
        const found = partOf(`${before}*${after}`, name);
        const possible = part !== '' && !(before === '' && part.startsWith('.'));
        expect(found).toBe(possible ? part : undefined);
        if (found !== undefined) expect(memberOf(family(`${before}*${after}`), found).name).toBe(name);
      }),
    );
  });
});

describe('the members of a family', () => {
  it('are declared like the family, with their text in place of each *', () => {
    const { members } = expandFamilies(
      [family('tenant-*', { read: 'search-*', write: '*-in' })],
      [],
      [index('tenant-a-v1', 'search-a', 'a-in')],
    );
    expect(members).toEqual([{ ...REST, name: 'tenant-a', aliases: { read: 'search-a', write: 'a-in' } }]);
  });

  it('are found by their aliases, whatever the index is called, and by the names of indexes', () => {
    expect(
      namesOf([
        index('index-7', 'tenant-a-read', 'tenant-a-write'),
        index('index-8', 'tenant-b-write'),
        index('tenant-c-v3'),
        index('tenant-d'),
        index('other-v1', 'other-read'),
      ]),
    ).toEqual(['tenant-a', 'tenant-b', 'tenant-c', 'tenant-d']);
  });

  it('are one member for the two indexes of a migration, whichever has the aliases', () => {
    const between = [index('tenant-a-v1', 'tenant-a-write'), index('tenant-a-v2', 'tenant-a-read')];
    expect(namesOf(between)).toEqual(['tenant-a']);
    expect(namesOf([index('tenant-a-v1', 'tenant-a-read'), index('tenant-a-v2')])).toEqual(['tenant-a']);
  });

  it('do not include an index that belongs to another member', () => {
    expect(namesOf([index('tenant-a-2026', 'tenant-a-read', 'tenant-a-write')])).toEqual(['tenant-a']);
    expect(namesOf([index('tenant-x-v1', 'tenant-a-read', 'tenant-a-write')])).toEqual(['tenant-a']);
  });

  it('may be bare indexes whose own name is the alias, and indexes with one alias for all', () => {
    const one = family('tenant-*', { read: 'tenant-*', write: 'tenant-*' });
    expect(namesOf([index('tenant-a'), index('tenant-b-v1', 'tenant-b')], [one])).toEqual([
      'tenant-a',
      'tenant-b',
    ]);
  });

  it('are identified by the name of the index where aliases overlap, and left out if that is unclear, too', () => {
    const overlapping = family('tenant-*', { read: 'tenant-*', write: 'tenant-*-write' });
    expect(namesOf([index('tenant-a-v1', 'tenant-a', 'tenant-a-write')], [overlapping])).toEqual([
      'tenant-a',
    ]);
    const one = family('tenant-*', { read: 'tenant-*', write: 'tenant-*' });
    const { members, unclear } = expandFamilies([one], [], [index('i-7', 'tenant-a', 'tenant-a-old')]);
    expect(members).toEqual([]);
    expect(unclear).toEqual([{ index: 'i-7', names: ['tenant-a', 'tenant-a-old'] }]);
    expect(expandFamilies([tenants], [], [index('tenant-a-read')]).unclear).toEqual([
      { index: 'tenant-a-read', names: ['tenant-a', 'tenant-a-read'] },
    ]);
  });

  it('are left to their own file, by name or by alias', () => {
    const found = [
      index('tenant-a-v1', 'tenant-a-read', 'tenant-a-write'),
      index('tenant-b-v1', 'special'),
      index('i-7', 'tenant-a-read'),
      index('tenant-c-v1', 'tenant-c-read', 'tenant-c-write'),
    ];
    expect(
      namesOf(found, [tenants], [own('tenant-a', { read: 'x' }), own('b', { write: 'special' })]),
    ).toEqual(['tenant-c']);
  });

  it('belong to the family with the more specific pattern', () => {
    const europe = { ...family('tenant-eu-*'), version: 5 };
    const { members } = expandFamilies(
      [tenants, europe],
      [],
      [index('tenant-eu-a-v1', 'tenant-eu-a-read'), index('tenant-us-a-v1')],
    );
    expect(members.map(({ name, version }) => [name, version])).toEqual([
      ['tenant-eu-a', 5],
      ['tenant-us-a', 2],
    ]);
  });

  it('are reported as missing when there are none', () => {
    const logs = family('log-*');
    expect(expandFamilies([tenants, logs], [], [index('log-a-v1')]).empty).toEqual([tenants]);
  });

  it('are each found once, in every state and every order', () => {
    const layouts: readonly ((name: string) => FoundIndex[])[] = [
      (name) => [index(`${name}-v1`, `${name}-read`, `${name}-write`)],
      (name) => [index(`${name}-v1`, `${name}-write`), index(`${name}-v2`, `${name}-read`)],
      (name) => [index(`${name}-v1`, `${name}-read`, `${name}-write`), index(`${name}-v2`)],
      (name) => [index(`${name}-v1`), index(`${name}-v2`, `${name}-read`, `${name}-write`, 'extra')],
      (name) => [index(name)],
      (name) => [index(name, `${name}-read`, `${name}-write`)],
      (name) => [index(`legacy-${name}`, `${name}-read`, `${name}-write`)],
    ];
    const part = fc
      .stringMatching(/^[a-z0-9]{1,4}(-[a-z0-9]{1,4}){0,2}$/)
      .filter((text) => !/(^|-)(v\d+|read|write)$/.test(text));
    const world = fc.dictionary(part, fc.nat(layouts.length - 1), { maxKeys: 8 }).chain((parts) => {
      const all = Object.entries(parts).flatMap(([key, n]) => layouts[n]?.(`tenant-${key}`) ?? []);
      return fc.record({
        parts: fc.constant(Object.keys(parts)),
        found: fc.shuffledSubarray(all, { minLength: all.length }),
      });
    });
    fc.assert(
      fc.property(world, ({ parts, found }) => {
        const { members, unclear } = expandFamilies([tenants], [], found);
        expect(members.map(({ name }) => name)).toEqual(parts.map((key) => `tenant-${key}`).sort());
        expect(unclear).toEqual([]);
      }),
    );
  });
});
