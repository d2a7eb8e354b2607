import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDocs, parseHits } from './hits.js';

const shards = { total: 1, successful: 1, skipped: 0, failed: 0 };

function page(hits: string): Buffer {
  return Buffer.from(
    `{"took":1,"timed_out":false,"_shards":${JSON.stringify(shards)},"hits":{"max_score":null,"hits":[${hits}]}}`,
  );
}

const awkwardText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.string({
    unit: fc.constantFrom('"', '\\', '{', '}', '[', ']', '/', '*', ',', ':', '\n', '\u2028', 'é', '😀'),
  }),
  fc.string({ unit: fc.constantFrom('a', '\\', '"'), minLength: 40, maxLength: 120 }),
  fc.constantFrom('\ud800', '__proto__', 'x'.repeat(47) + '"', 'x'.repeat(48) + '\\', 'x'.repeat(49) + '}'),
);

const document = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    awkwardText,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(awkwardText, tie('value'), { maxKeys: 4 }),
  ),
})).value;

/** The members of an object as JSON, in the given order and with the given indentation. */
function printShuffled(members: [string, unknown][], indent: number): string {
  const parts = members.map(
    ([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value, null, indent)}`,
  );
  return `{${parts.join(indent ? ' ,\r\n\t' : ',')}}`;
}

const hit = fc
  .record({
    _index: fc.constant('catalogue-v1'),
    _id: awkwardText,
    _seq_no: fc.nat(),
    _primary_term: fc.nat(),
    _version: fc.integer({ min: 1 }),
    _routing: fc.option(awkwardText, { nil: undefined }),
    _score: fc.constant(null),
    _source: fc.option(fc.dictionary(awkwardText, document, { maxKeys: 5 }), { nil: undefined }),
    sort: fc.array(fc.integer()),
    unknown: document,
  })
  .chain((value) => {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return fc.tuple(
      fc.constant(value),
      fc.shuffledSubarray(members, { minLength: members.length }),
      fc.constantFrom(0, 2),
    );
  });

describe('parseHits', () => {
  it('reads hits without stored fields where none were asked for, and only there', () => {
    const body = page('{"_index":"i","_version":7,"_seq_no":3,"_primary_term":2,"sort":[3]}');
    const [found] = parseHits(body, false).hits;
    expect(found).toMatchObject({ version: 7n, seqNo: 3, term: 2 });
    expect(() => parseHits(body)).toThrow(expect.objectContaining({ code: 'unanswered' }));
  });

  it('finds in every page what JSON.parse finds, whatever the order of keys and the layout', () => {
    fc.assert(
      fc.property(fc.array(hit, { maxLength: 5 }), (hits) => {
        const parsed = parseHits(
          page(hits.map(([, members, indent]) => printShuffled(members, indent)).join(' , ')),
        );
        expect(parsed.hits.map((found) => ({ ...found, source: undefined }))).toEqual(
          hits.map(([value]) => ({
            id: value._id,
            routing: value._routing,
            seqNo: value._seq_no,
            term: value._primary_term,
            version: BigInt(value._version),
            source: undefined,
          })),
        );
        expect(parsed.hits.map(({ source }) => source?.toString())).toEqual(
          hits.map(([value, , indent]) => value._source && JSON.stringify(value._source, null, indent)),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('gives the bytes of _source as they came, with spaces, duplicate keys and all digits', () => {
    const source = '{ "n" : 12345678901234567890.50 , "n":1E0,\n "text":"\\u0041 \\" } ]" }';
    const { hits } = parseHits(page(`{"_id":"1","_source":${source},"sort":[1]}`));
    expect(hits[0]?.source?.toString()).toBe(source);
  });

  it('does not copy _source', () => {
    const body = page('{"_id":"1","_source":{"a":1}}');
    const { hits } = parseHits(body);
    body.fill('x');
    expect(hits[0]?.source?.toString()).toBe('xxxxxxx');
  });

  it('reads across comments and byte order marks, which the engines keep in _source', () => {
    const first = '{"a":1 /* "} { [ */ ,"b":[ // it\'s "\n 2 ]}';
    const { hits } = parseHits(
      page(`{"_id":"1","_source":\ufeff/* "a */${first} // "b"\n\n},{"_id":"2","_source":{"b":2}}`),
    );
    expect(hits.map(({ source }) => source?.toString())).toEqual([first, '{"b":2}']);
  });

  it('keeps every digit of a version up to 2^63 - 1', () => {
    const { hits } = parseHits(page('{"_id":"1","_version":9223372036854775807},{"_id":"2","_version":1}'));
    expect(hits.map(({ version }) => version)).toEqual([9223372036854775807n, 1n]);
  });

  it('reports failed shards and a time-out', () => {
    const body =
      '{"hits":{"hits":[]},"_shards":{"failures":[{"reason":{}}],"failed":1,"total":2},"timed_out":true}';
    expect(parseHits(Buffer.from(body))).toEqual({
      hits: [],
      failedShards: 1,
      totalShards: 2,
      timedOut: true,
    });
  });

  it('finds no hits where filter_path left an empty list out', () => {
    expect(parseHits(Buffer.from('{"timed_out":false,"_shards":{"total":1,"failed":0}}')).hits).toEqual([]);
  });

  it('reads a document of 1 MB and one nested 1,000 deep', () => {
    const large = JSON.stringify({ text: '"\\é'.repeat(200_000) });
    const deep = '{"o":'.repeat(1_000) + '1' + '}'.repeat(1_000);
    const { hits } = parseHits(page(`{"_id":"1","_source":${large}},{"_id":"2","_source":${deep}}`));
    expect(hits.map(({ source }) => source?.toString())).toEqual([large, deep]);
  });

  it('refuses an answer that is cut off anywhere', () => {
    const whole = page('{"_id":"a\\"","_seq_no":1,"_source":{"text":"a\\\\","list":[{"x":null}]}}');
    for (let length = 0; length < whole.length; length++) {
      expect(() => parseHits(whole.subarray(0, length)), `${length} bytes`).toThrow(
        expect.objectContaining({ code: 'unanswered' }),
      );
    }
  });

  it.each(['"x"', '', '1x', '{}'])('refuses %s in the place of a sequence number', (value) => {
    const body = page(`{"_id":"1","_seq_no":${value},"_source":{}}`);
    expect(() => parseHits(body)).toThrow(expect.objectContaining({ code: 'unanswered' }));
  });

  it('refuses a document without _id, and a hit that is no object', () => {
    for (const wrong of ['{"_seq_no":1}', '1', '"_id"']) {
      expect(() => parseHits(page(wrong))).toThrow(expect.objectContaining({ code: 'unanswered' }));
    }
  });

  it.each(['<html>bad gateway</html>', '[]', '{"error":{"type":"x"},"status":500}', '{"acknowledged":true}'])(
    'refuses %s, which is not a search answer',
    (body) => {
      expect(() => parseHits(Buffer.from(body))).toThrow(expect.objectContaining({ code: 'unanswered' }));
    },
  );
});

describe('parseDocs', () => {
  it('gives found, missing and failed documents in the order of the request', () => {
    const docs = parseDocs(
      Buffer.from(
        '{"docs":[{"_index":"v1","_id":"1","_version":9007199254740993,"_seq_no":7,"_primary_term":3,"_routing":"r","found":true,"_source":{"a":1}},' +
          '{"_index":"v1","_id":"2","found":false},' +
          '{"_index":"gone","_id":"3","error":{"root_cause":[],"type":"index_not_found_exception","reason":"no such index [gone]","index":"gone"}}]}',
      ),
    );
    const nothing = {
      routing: undefined,
      seqNo: -2,
      term: 0,
      version: undefined,
      source: undefined,
      error: undefined,
    };
    expect(docs).toEqual([
      {
        index: 'v1',
        id: '1',
        routing: 'r',
        found: true,
        seqNo: 7,
        term: 3,
        version: 9007199254740993n,
        source: Buffer.from('{"a":1}'),
        error: undefined,
      },
      { ...nothing, index: 'v1', id: '2', found: false },
      {
        ...nothing,
        index: 'gone',
        id: '3',
        found: false,
        error: { type: 'index_not_found_exception', reason: 'no such index [gone]' },
      },
    ]);
  });

  it('refuses an answer without docs', () => {
    expect(() => parseDocs(Buffer.from('{"error":"x"}'))).toThrow(
      expect.objectContaining({ code: 'unanswered' }),
    );
  });
});
