import { describe, expect, it } from 'vitest';
import { parseBulkReply } from './bulkReply.js';
import { parseBulk } from './bulkRequest.js';
import { atOnce } from '../../../timeSlice.js';
import { pairItems, printingReady, type Ready } from './sentBulk.js';

function readyOf(lines: readonly object[], index: string | undefined): Ready[] {
  const parsed = parseBulk(Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join('')));
  if (parsed.type === 'malformed') throw new Error(parsed.reply.body.toString());
  return parsed.operations.map((operation, at) => ({
    at,
    operation,
    planned: { type: 'foreign', index: operation.index ?? index },
    prepared: undefined,
  }));
}

function itemsOf(...items: readonly object[]) {
  return parseBulkReply(Buffer.from(JSON.stringify({ took: 1, errors: true, items }))).items;
}

const failed = (_id: string) => ({ index: { _id, status: 400, error: { type: 'x', reason: _id } } });
const done = (_id: string) => ({ index: { _id, status: 201, result: 'created' } });

describe('printingReady', () => {
  it('names an index in the path where the client did, and in the items where they differ', () => {
    const ready = readyOf(
      [{ index: { _id: 'a' } }, {}, { index: { _index: 'other', _id: 'b' } }, {}],
      'mine',
    );
    const { inPath, body } = atOnce(printingReady(ready));
    expect(inPath).toBe('mine');
    expect(Buffer.concat(body).toString()).toBe(
      '{"index":{"_id":"a"}}\n{}\n{"index":{"_index":"other","_id":"b"}}\n{}\n',
    );
    expect(
      atOnce(printingReady(readyOf([{ delete: { _index: 'other', _id: 'b' } }], undefined))).inPath,
    ).toBeUndefined();
  });
});

describe('pairItems', () => {
  const lines = ['a', 'b', 'c', 'd'].flatMap((_id) => [{ index: { _id } }, {}]);

  it('leaves items in their places', () => {
    const items = itemsOf(done('a'), failed('b'), done('c'), failed('d'));
    expect(pairItems(readyOf(lines, 'i'), items)).toEqual(items);
  });

  it('assigns failed items in swapped positions to their operations', () => {
    const items = itemsOf(done('a'), failed('d'), failed('b'), failed('c'));
    const paired = pairItems(readyOf(lines, 'i'), items);
    expect(paired.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd']);
  });
});
