import { describe, expect, it } from 'vitest';
import { productOf } from './catalogue.js';
import { type Item, outcomesOf, requestFor } from './wire.js';

const key = { id: 'a/b "c" ☕', routing: 'x y' };
const item = (change: Item['change'], shared = false): Item => ({ key, change, shared });
const remove = item({ kind: 'delete' });
const error = (type: string, reason: string) => JSON.stringify({ error: { type, reason } });

describe("a release's request", () => {
  it('has the price in the shape of its version', () => {
    const update = item({ kind: 'update', fields: { stock: 1 }, money: { cents: 1205, currency: 'EUR' } });
    expect(requestFor('w', [update], 1).body).toBe('{"doc":{"stock":1,"price":"12,05 EUR"}}');
    expect(requestFor('w', [update], 2).body).toBe('{"doc":{"stock":1,"price":12.05,"currency":"EUR"}}');
  });

  it('escapes id and routing', () => {
    expect(requestFor('w', [remove], 1)).toEqual({
      method: 'DELETE',
      path: '/w/_doc/a%2Fb%20%22c%22%20%E2%98%95?routing=x%20y',
    });
  });

  it('is a bulk for several items', () => {
    const create = item({ kind: 'create', product: productOf(1) });
    const lines = requestFor('w', [remove, create], 1).body?.split('\n') ?? [];
    expect(lines).toHaveLength(4);
    expect(JSON.parse(lines[0] ?? '')).toEqual({ delete: { _id: key.id, routing: key.routing } });
  });
});

describe('an answer', () => {
  const closed = error(
    'illegal_argument_exception',
    'no write index is defined for alias [w]. The write index ...',
  );
  it.each([
    ['200', remove, { status: 200, text: '{}' }, 'acknowledged'],
    ['a closed alias', remove, { status: 400, text: closed }, 'refused'],
    [
      'a write block',
      remove,
      { status: 403, text: error('cluster_block_exception', 'index blocked') },
      'refused',
    ],
    ['a busy engine', remove, { status: 429, text: error('es_rejected_execution_exception', '') }, 'refused'],
    ['no permission', remove, { status: 403, text: error('security_exception', '') }, 'failed'],
    ['a delete that found nothing', remove, { status: 404, text: '{"result":"not_found"}' }, 'failed'],
    [
      'the same of a shared document',
      item({ kind: 'delete' }, true),
      { status: 404, text: '{}' },
      'acknowledged',
    ],
    [
      'a creation of what is there',
      item({ kind: 'create', product: productOf(1) }),
      { status: 409, text: error('version_conflict', '') },
      'failed',
    ],
    ['an unavailable shard', remove, { status: 503, text: 'bad gateway' }, 'unanswered'],
  ])('tells what became of the write: %s', (_what, sent, reply, type) => {
    expect(outcomesOf([sent], reply)).toMatchObject([{ type }]);
  });

  it('distinguishes a document of the wrong shape from a closed alias', () => {
    const parsing = error('mapper_parsing_exception', 'failed to parse field [price]');
    expect(outcomesOf([remove], { status: 400, text: parsing })).toMatchObject([{ mayBeOldShape: true }]);
    expect(outcomesOf([remove], { status: 400, text: closed })).toMatchObject([{ mayBeOldShape: false }]);
  });

  it('of a bulk is evaluated item by item', () => {
    const items = [{ index: { status: 200 } }, { delete: { status: 400, error: JSON.parse(closed).error } }];
    const reply = { status: 200, text: JSON.stringify({ errors: true, items }) };
    expect(outcomesOf([remove, remove], reply)).toMatchObject([
      { type: 'acknowledged' },
      { type: 'refused' },
    ]);
  });
});
