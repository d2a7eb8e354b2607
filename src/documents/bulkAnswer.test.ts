import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BulkItem, bulkSucceeded, mayBePermanent, parseBulkAnswer, sortOutcome } from './bulkAnswer.js';

const done = {
  _index: 'v2',
  _id: '1',
  _version: 1,
  _shards: { total: 1, failed: 0 },
  _seq_no: 4,
  status: 201,
};

function answer(errors: boolean, ...items: object[]): Buffer {
  return Buffer.from(JSON.stringify({ took: 1, errors, items }));
}

describe('bulkSucceeded', () => {
  it('trusts the member errors of the answer, wherever it stands', () => {
    expect(bulkSucceeded(answer(false, { index: done }))).toBe(true);
    expect(bulkSucceeded(answer(true, { index: done }))).toBe(false);
    expect(bulkSucceeded(Buffer.from('{"items":[{"index":{"errors":false}}],"errors" : true}'))).toBe(false);
  });

  it('is false for an answer without the member errors', () => {
    expect(bulkSucceeded(Buffer.from('{"acknowledged":true}'))).toBe(false);
  });

  it('refuses a page of a proxy', () => {
    expect(() => bulkSucceeded(Buffer.from('<html>'))).toThrow(
      expect.objectContaining({ code: 'unanswered' }),
    );
  });
});

describe('parseBulkAnswer', () => {
  it('gives action, id, status and sequence number of each item, and the error with its cause', () => {
    const items = parseBulkAnswer(
      answer(
        true,
        { index: done },
        { delete: { _index: 'v2', _id: 'a"b', _seq_no: 5, result: 'not_found', status: 404 } },
        {
          index: {
            _index: 'v2',
            _id: '3',
            status: 400,
            error: {
              type: 'mapper_parsing_exception',
              reason: 'failed',
              caused_by: { type: 'x', reason: 'no number' },
            },
          },
        },
      ),
    );
    expect(items).toEqual([
      { status: 201, action: 'index', id: '1', seqNo: 4, type: undefined, reason: undefined },
      { status: 404, action: 'delete', id: 'a"b', seqNo: 5, type: undefined, reason: undefined },
      {
        status: 400,
        action: 'index',
        id: '3',
        seqNo: undefined,
        type: 'mapper_parsing_exception',
        reason: 'failed: no number',
      },
    ]);
  });

  it('reads any ids', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (ids) => {
        const items = parseBulkAnswer(answer(false, ...ids.map((_id) => ({ index: { ...done, _id } }))));
        expect(items.map(({ id }) => id)).toEqual(ids);
      }),
    );
  });

  it('refuses an answer without items and one that is cut off', () => {
    const whole = answer(false, { index: done }, { delete: done });
    for (const body of [Buffer.from('{"error":"x"}'), whole.subarray(0, -1), whole.subarray(0, 50)]) {
      expect(() => parseBulkAnswer(body)).toThrow(expect.objectContaining({ code: 'unanswered' }));
    }
  });
});

describe('mayNeverPass', () => {
  it.each([
    [false, 429, 'es_rejected_execution_exception'],
    [false, 503, 'unavailable_shards_exception'],
    [false, 500, 'node_disconnected_exception'],
    [false, 500, 'translog_exception'],
    [true, 500, 'illegal_state_exception'],
    [true, 500, 'array_index_out_of_bounds_exception'],
    [true, 500, undefined],
    [false, 400, 'mapper_parsing_exception'],
  ])('says %s of %i %s', (never, status, type) => {
    expect(mayBePermanent({ status, type })).toBe(never);
  });
});

describe('sortOutcome', () => {
  const closedAlias =
    'no write index is defined for alias [catalogue-write]. The write index may be explicitly disabled';
  const cases: [outcome: string, Partial<BulkItem>][] = [
    ['done', { status: 200 }],
    ['done', { status: 201 }],
    ['done', { status: 404, action: 'delete' }],
    ['conflict', { status: 409, type: 'version_conflict_engine_exception' }],
    ['busy', { status: 429, type: 'es_rejected_execution_exception' }],
    ['busy', { status: 429, type: 'rejected_execution_exception' }],
    ['busy', { status: 429, type: 'circuit_breaking_exception' }],
    ['busy', { status: 503, type: 'unavailable_shards_exception' }],
    ['busy', { status: 503, type: 'cluster_block_exception', reason: 'no master' }],
    ['busy', { status: 404, action: 'delete', type: 'shard_not_found_exception' }],
    ['busy', { status: 500, type: 'translog_exception' }],
    ['blocked', { status: 403, type: 'cluster_block_exception' }],
    [
      'blocked',
      { status: 429, type: 'cluster_block_exception', reason: 'disk usage exceeded flood-stage watermark' },
    ],
    ['blocked', { status: 400, type: 'index_closed_exception' }],
    ['blocked', { status: 403, type: 'security_exception' }],
    ['fenced', { status: 400, type: 'illegal_argument_exception', reason: closedAlias }],
    ['fenced', { status: 404, type: 'index_not_found_exception' }],
    ['fenced', { status: 400, type: 'invalid_index_name_exception' }],
    ['fenced', { status: 400, action: 'delete', type: 'invalid_index_name_exception' }],
    ['fenced', { status: 404, action: 'delete', type: 'index_not_found_exception' }],
    ['refused', { status: 400, type: 'mapper_parsing_exception' }],
    ['refused', { status: 400, type: 'document_parsing_exception' }],
    ['refused', { status: 400, type: 'strict_dynamic_mapping_exception' }],
    ['refused', { status: 400, type: 'routing_missing_exception' }],
    ['done', { status: 400, action: 'delete', type: 'routing_missing_exception' }],
    [
      'refused',
      {
        status: 400,
        type: 'illegal_argument_exception',
        reason: 'Limit of total fields [1000] has been exceeded',
      },
    ],
    [
      'refused', // a document may contain the engine's words
      {
        status: 400,
        type: 'illegal_argument_exception',
        reason: `failed to parse 'no write index is defined for alias'`,
      },
    ],
  ];

  it.each(cases)('says %s of %o', (outcome, item) => {
    const whole = { status: 0, action: 'index' as const, type: undefined, reason: undefined, ...item };
    expect(sortOutcome(whole)).toBe(outcome);
  });
});
