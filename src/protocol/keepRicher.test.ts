// Changes documents of both shapes at random by partial updates in either shape. The reference needs no
// transforms: it is a list of facts, from which each shape can be generated.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeDocument } from '../writers/mirror/document/mergeDocument.js';
import { transformChain } from '../schema/chain.js';
import type { IndexDefinition } from '../schema/types.js';
import type { Source } from '../json/jsonTypes.js';
import { parseSource, printSource, sameContent } from '../json/json.js';
import { agrees, keepRicher, type Translation } from './keepRicher.js';
import { reshapeWith } from './reshape.js';

const KEY = { id: 'a', routing: undefined };

/** A part of a document: how a transform changes it, and its values in both shapes. */
interface Piece {
  readonly up: (doc: Source) => Source;
  readonly down: (doc: Source) => Source;
  /** Values of the part in v1 and v2. A version that is missing has no place for the part. */
  readonly values: readonly { readonly v1?: Source; readonly v2?: Source }[];
}

function without(doc: Source, ...names: readonly string[]): Source {
  return Object.fromEntries(Object.entries(doc).filter(([name]) => !names.includes(name)));
}

const PIECES: Readonly<Record<string, Piece>> = {
  same: {
    up: (doc) => doc,
    down: (doc) => doc,
    values: [1, 'x', null, [1, 2], 12345678901234567890n].map((n) => ({ v1: { n }, v2: { n } })),
  },
  type: {
    up: (doc) => ('price' in doc ? { ...doc, price: Number(doc['price']) } : doc),
    down: (doc) => ('price' in doc ? { ...doc, price: Number(doc['price']).toFixed(2) } : doc),
    values: [0.5, 7.5, 8].map((price) => ({ v1: { price: price.toFixed(2) }, v2: { price } })),
  },
  renamed: {
    up: (doc) => ('title' in doc ? { ...without(doc, 'title'), name: doc['title'] } : doc),
    down: (doc) => ('name' in doc ? { ...without(doc, 'name'), title: doc['name'] } : doc),
    values: ['a', 'b', { deep: 1 }].map((title) => ({ v1: { title }, v2: { name: title } })),
  },
  joined: {
    up: (doc) =>
      'first' in doc && 'last' in doc
        ? { ...without(doc, 'first', 'last'), full: `${String(doc['first'])} ${String(doc['last'])}` }
        : doc,
    down: (doc) => {
      if (!('full' in doc)) return doc;
      const [first = '', ...last] = String(doc['full']).split(' ');
      return { ...without(doc, 'full'), first, last: last.join(' ') };
    },
    values: [
      ['Ann', 'Lee'],
      ['Ann', 'van Dyk'],
      ['Bo', 'Lee'],
    ].map(([first, last]) => ({ v1: { first, last }, v2: { full: `${first} ${last}` } })),
  },
  nested: {
    up: (doc) => ('city' in doc ? { ...without(doc, 'city'), address: { city: doc['city'] } } : doc),
    down: (doc) => {
      if (!('address' in doc)) return doc;
      return { ...without(doc, 'address'), city: (doc['address'] as { city: unknown }).city };
    },
    values: ['Ulm', 'Bonn'].map((city) => ({ v1: { city }, v2: { address: { city } } })),
  },
  onlyNew: {
    up: (doc) => doc,
    down: (doc) => without(doc, 'extra', '__proto__'),
    values: [{ extra: 'E' }, { extra: { a: [1.5] } }, JSON.parse('{"__proto__":{"x":1}}') as Source].map(
      (v2) => ({ v2 }),
    ),
  },
  onlyOld: {
    up: (doc) => without(doc, 'legacy'),
    down: (doc) => doc,
    values: [{ legacy: 'L' }, { legacy: { b: null } }].map((v1) => ({ v1 })),
  },
  deepNew: {
    up: (doc) => doc,
    down: (doc) => {
      const deep = doc['deep'];
      if (deep === undefined) return doc;
      const known = without(deep as Source, 'only2');
      return Object.keys(known).length === 0 ? without(doc, 'deep') : { ...doc, deep: known };
    },
    values: [
      { v1: { deep: { a: 1 } }, v2: { deep: { a: 1 } } },
      { v1: { deep: { a: 2 } }, v2: { deep: { a: 2 } } },
      { v2: { deep: { only2: true } } },
    ],
  },
};

const names = Object.keys(PIECES);
const step = fc.record({
  piece: fc.constantFrom(...names),
  value: fc.nat(),
  shape: fc.constantFrom<'v1' | 'v2'>('v1', 'v2'),
});
const pieces = fc.uniqueArray(fc.constantFrom(...names), { minLength: 1 });

function translation(used: readonly string[], from: 'v1' | 'v2'): Translation {
  const all = used.map((name) => PIECES[name] as Piece);
  const definition = {
    name: 'x',
    migrations: {
      2: {
        up: (doc: Source) => all.reduce((made, { up }) => up(made), doc),
        down: (doc: Source) => all.reduceRight((made, { down }) => down(made), doc),
      },
    },
  } as unknown as IndexDefinition;
  const up = reshapeWith(transformChain(definition, 1, 2) as never);
  const down = reshapeWith(transformChain(definition, 2, 1) as never);
  return from === 'v1' ? { there: up, back: down } : { there: down, back: up };
}

const updated = (document: Buffer, partial: Source): Buffer =>
  printSource(mergeDocument(parseSource(document), partial).merged);

describe('partial updates in two shapes', () => {
  it('keep the fields that only the other shape has, whatever the transform', async () => {
    await fc.assert(
      fc.asyncProperty(pieces, fc.array(step, { maxLength: 12 }), async (used, steps) => {
        const documents: Record<'v1' | 'v2', Buffer> = { v1: Buffer.from('{}'), v2: Buffer.from('{}') };
        const record: Record<'v1' | 'v2', Buffer> = { v1: Buffer.from('{}'), v2: Buffer.from('{}') };
        for (const { piece, value, shape } of steps) {
          if (!used.includes(piece)) continue;
          const { values } = PIECES[piece] as Piece;
          const change = values[value % values.length] as Piece['values'][number];
          const partial = change[shape];
          if (!partial) continue; // this shape has no place for it
          const other = shape === 'v1' ? 'v2' : 'v1';
          for (const one of ['v1', 'v2'] as const)
            if (change[one]) record[one] = updated(record[one], change[one]);

          const before = documents[shape];
          const after = updated(before, partial);
          const way = translation(used, shape);
          const kept = await keepRicher(documents[other], { before, after }, KEY, way);
          documents[shape] = after;
          if (kept.type === 'merged') documents[other] = kept.source;
          else if (kept.shaped.type === 'index') documents[other] = kept.shaped.source as Buffer;
          expect(kept.type === 'translated' && kept.lost).toBe(false);
          for (const one of ['v1', 'v2'] as const)
            expect(
              sameContent(documents[one], record[one]),
              `${one}: ${documents[one].toString()}, not ${record[one].toString()}`,
            ).toBe(true);
          expect(await agrees(documents.v1, documents.v2, KEY, translation(used, 'v1'))).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('give the translated document where the merged one would not agree with the update', async () => {
    // In v1, the price is the price to pay.
    const way: Translation = {
      there: reshapeWith((doc) => doc),
      back: reshapeWith(({ price, discount = 0, ...doc }) => ({
        ...doc,
        price: Number(price) - Number(discount),
      })),
    };
    const before = Buffer.from('{"n":1,"price":8}');
    const rich = Buffer.from('{"n":1,"price":10,"discount":2}');
    const cheaper = { before, after: Buffer.from('{"n":1,"price":9}') };
    expect(await keepRicher(rich, cheaper, KEY, way)).toMatchObject({ type: 'translated', lost: true });
    const other = { before, after: Buffer.from('{"n":2,"price":8}') };
    const kept = await keepRicher(rich, other, KEY, way);
    expect(kept).toEqual({ type: 'merged', source: Buffer.from('{"n":2,"price":10,"discount":2}') });
  });

  it('replace nothing where the translation throws, drops, or did so before', async () => {
    const way: Translation = {
      there: reshapeWith((doc) => {
        if (doc['n'] === 'throws') throw new Error('no');
        return doc['n'] === 'drops' ? null : doc;
      }),
      back: reshapeWith((doc) => without(doc, 'extra')),
    };
    const rich = Buffer.from('{"n":1,"extra":"E"}');
    const change = (before: unknown, after: unknown) => ({
      before: Buffer.from(JSON.stringify({ n: before })),
      after: Buffer.from(JSON.stringify({ n: after })),
    });
    expect(await keepRicher(rich, change(1, 'drops'), KEY, way)).toMatchObject({ shaped: { type: 'drop' } });
    expect(await keepRicher(rich, change(1, 'throws'), KEY, way)).toMatchObject({
      shaped: { type: 'refused' },
    });
    const merged = { type: 'merged', source: Buffer.from('{"n":2,"extra":"E"}') };
    expect(await keepRicher(rich, change('throws', 2), KEY, way)).toEqual(merged);
    expect(await keepRicher(rich, change('drops', 2), KEY, way)).toEqual(merged);
  });

  it('tell documents apart that do not agree', async () => {
    const way = translation(['type', 'onlyNew', 'onlyOld'], 'v1');
    const say = async (v1: object, v2: object): Promise<boolean> =>
      await agrees(Buffer.from(JSON.stringify(v1)), Buffer.from(JSON.stringify(v2)), KEY, way);
    expect(await say({ price: '7.50', legacy: 1 }, { price: 7.5, extra: 1 })).toBe(true);
    expect(await say({ price: '7.5' }, { price: 7.5, extra: 1 })).toBe(true);
    expect(await say({ price: '7.50', legacy: 1 }, { price: 7.51, extra: 1 })).toBe(false);
    expect(await say({ price: '7.50', n: 1 }, { price: 7.5, extra: 1 })).toBe(false);
    expect(await say({ price: '7.50' }, { price: 7.5, n: 1, extra: 1 })).toBe(false);
  });
});
