import { expect, test } from 'vitest';
import type { Shaped } from '../protocol/replication.js';
import { SampleTally } from './sampleTally.js';

const bytes = (source: string): Buffer => Buffer.from(source);
const taken = (source: string): Shaped => ({ type: 'index', source: bytes(source) });
const key = (id: string, routing?: string) => ({ id, routing });

test('accepted, dropped and rejected documents add up to all that were read', () => {
  const tally = new SampleTally();
  tally.shaped(key('1'), bytes('{"a":1}'), taken('{"a":1.0}'));
  tally.shaped(key('2'), bytes('{"a":1}'), taken('{"a":"1"}'));
  tally.shaped(key('3'), bytes('{"a":1}'), { type: 'drop' });
  tally.shaped(key('4', 'r'), bytes('{"a":1}'), { type: 'refused', reason: 'no a' });
  tally.rejected(key('2'), 'mapping', 'no text');
  expect(tally.result()).toMatchObject({
    documents: 4,
    indexed: 1,
    dropped: 1,
    changed: 1,
    rejected: {
      count: 2,
      first: [
        { id: '4', routing: 'r', by: 'transform', reason: 'no a' },
        { id: '2', by: 'mapping', reason: 'no text' },
      ],
    },
  });
});

test('a thousand documents with one cause are one line, the most frequent cause is the first', () => {
  const tally = new SampleTally();
  tally.rejected(key('x'), 'mapping', 'another reason');
  for (let n = 0; n < 1_000; n++)
    tally.rejected(key(`${n}`), 'mapping', `failed in document with id '${n}': "${n}"`);
  const { rejected } = tally.result();
  expect(rejected.byReason).toEqual([
    { reason: 'failed: "…"', count: 1_000, ids: ['0', '1', '2'] },
    { reason: 'another reason', count: 1, ids: ['x'] },
  ]);
  expect(rejected.first).toHaveLength(20);
});

test('at most ten causes are listed', () => {
  const tally = new SampleTally();
  for (const cause of 'abcdefghijklmno') tally.rejected(key(cause), 'mapping', `cause ${cause}`);
  expect(tally.result().rejected).toMatchObject({ count: 15, byReason: { length: 10 } });
});

test('a transform with another result the second time is detected, whatever the difference', () => {
  const tally = new SampleTally();
  tally.shapedAgain(key('same'), taken('{"a":1,"b":2}'), taken('{"b":2.0,"a":1}'));
  tally.shapedAgain(key('refused'), { type: 'refused', reason: 'x' }, { type: 'refused', reason: 'y' });
  tally.shapedAgain(key('clock'), taken('{"at":1}'), taken('{"at":2}'));
  tally.shapedAgain(key('now and then'), taken('{"at":1}'), { type: 'drop' });
  expect(tally.result().nondeterministic).toEqual({
    count: 2,
    first: [
      { id: 'clock', fields: [{ path: 'at', before: '1', after: '2' }] },
      { id: 'now and then', fields: [{ path: '', before: 'taken', after: 'dropped' }] },
    ],
  });
});

test('the examples are those in which the most different fields are changed', () => {
  const tally = new SampleTally();
  const change = (id: string, before: string, after: string) =>
    tally.shaped(key(id), bytes(before), taken(after));
  for (let n = 0; n < 5; n++) change(`price ${n}`, '{"price":"1"}', '{"price":1}');
  change('tags', '{"tags":["a","b"]}', '{"tags":["A","B"]}');
  change('both', '{"price":"2","name":"n"}', '{"price":2,"name":"N"}');
  const { examples, changed } = tally.result();
  expect(changed).toBe(7);
  expect(examples).toEqual([
    {
      id: 'both',
      fields: [
        { path: 'price', before: '"2"', after: '2' },
        { path: 'name', before: '"n"', after: '"N"' },
      ],
    },
    {
      id: 'tags',
      fields: [
        { path: 'tags[0]', before: '"a"', after: '"A"' },
        { path: 'tags[1]', before: '"b"', after: '"B"' },
      ],
    },
    { id: 'price 0', fields: [{ path: 'price', before: '"1"', after: '1' }] },
  ]);
});

test('no digit is lost between before and after', () => {
  const tally = new SampleTally();
  tally.shaped(
    key('1'),
    bytes('{"n":12345678901234567890,"d":0.12345678901234567890123}'),
    taken('{"n":12345678901234567891,"d":0.12345678901234567890124}'),
  );
  expect(tally.result().examples[0]?.fields).toEqual([
    { path: 'n', before: '12345678901234567890', after: '12345678901234567891' },
    { path: 'd', before: '0.12345678901234567890123', after: '0.12345678901234567890124' },
  ]);
});
