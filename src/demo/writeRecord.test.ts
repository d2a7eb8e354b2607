import { describe, expect, it } from 'vitest';
import type { Product } from './catalogue.js';
import { WriteRecord } from './writeRecord.js';

const key = { id: 'p 1', routing: 'seller' };
const product = (name: string): Product => ({ money: null, fields: { name, stock: 10 } });
const index = (name: string) => ({ kind: 'index', product: product(name) }) as const;

function seeded(): WriteRecord {
  const record = new WriteRecord();
  record.seed(key, () => product('first'));
  return record;
}

describe('the record of acknowledged writes', () => {
  it('expects a document that nobody has written as it was at the beginning', () => {
    expect(seeded().possibleStates(key)).toEqual([product('first')]);
  });

  it('expects nothing of a document that it has never seen', () => {
    expect(seeded().possibleStates({ id: 'p 1', routing: undefined })).toEqual([null]);
  });

  it('expects the last acknowledged write, and no earlier one', () => {
    const record = seeded();
    record.acknowledge(record.begin(key, product('first'), index('second')), 0);
    record.acknowledge(record.begin(key, product('second'), index('third')), 0);
    expect(record.possibleStates(key)).toEqual([product('third')]);
  });

  it('expects a deleted document to be gone, and a re-created one to be there', () => {
    const record = seeded();
    record.acknowledge(record.begin(key, product('first'), { kind: 'delete' }), 0);
    expect(record.possibleStates(key)).toEqual([null]);
    record.acknowledge(record.begin(key, null, { kind: 'create', product: product('again') }), 0);
    expect(record.possibleStates(key)).toEqual([product('again')]);
  });

  it('ignores a write that was refused', () => {
    const record = seeded();
    record.begin(key, product('first'), index('refused'));
    expect(record.possibleStates(key)).toEqual([product('first')]);
  });

  it('allows a write that was not answered, and the document without it', () => {
    const record = seeded();
    record.leaveUnanswered(record.begin(key, product('first'), { kind: 'delete' }));
    expect(record.possibleStates(key)).toEqual([product('first'), null]);
  });

  it('still allows an unanswered write after a later one was acknowledged, as it may land at any time', () => {
    const record = seeded();
    record.leaveUnanswered(record.begin(key, null, index('late')));
    record.acknowledge(record.begin(key, null, index('second')), 1);
    expect(record.possibleStates(key)).toEqual([product('second'), product('late')]);
  });

  it('allows either of two writes that overlapped', () => {
    const record = seeded();
    const one = record.begin(key, null, index('one'));
    const two = record.begin(key, null, { kind: 'delete' });
    record.acknowledge(two, 2);
    record.acknowledge(one, 1);
    expect(record.possibleStates(key)).toHaveLength(2);
    expect(record.possibleStates(key)).toEqual(expect.arrayContaining([product('one'), null]));
  });

  it("rules out a writer's write that had ended before another's began", () => {
    const record = seeded();
    record.acknowledge(record.begin(key, null, index('one')), 1);
    record.acknowledge(record.begin(key, null, index('two')), 2);
    expect(record.possibleStates(key)).toEqual([product('two')]);
  });

  it('keeps documents of the same id and different routing apart', () => {
    const record = seeded();
    const other = { id: key.id, routing: 'other' };
    record.acknowledge(record.begin(other, null, index('other')), 0);
    expect(record.possibleStates(key)).toEqual([product('first')]);
    expect([...record.keys()]).toEqual([key, other]);
  });
});
