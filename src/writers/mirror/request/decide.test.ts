import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testRecord } from '../../../../tests/testRecord.js';
import type { MigrationRecord } from '../../../protocol/record.js';
import { parseBulk } from '../bulk/bulkRequest.js';
import { atOnce } from '../../../timeSlice.js';
import { type BulkDecision, bulkWrite, decide, decideByBody, planningBulk } from './decide.js';
import { managedOf, ManagedNames } from './managedNames.js';

const JSON_HEADERS = { 'content-type': 'application/json' };
const MIRRORING = { writers: { mode: 'mirror', generation: 3, pruned: 0, version: 1, moves: 0 } } as const;

const namesOf = (change: Partial<MigrationRecord> = {}): ManagedNames =>
  new ManagedNames([managedOf(testRecord({ ...MIRRORING, ...change }))]);

const names = namesOf();
const holding = namesOf({ state: 'holding' });
const idle = namesOf({ state: 'aborted' });

/** @returns the decision's type (`pass`, `document`, ...), or the reason of a refusal */
function decided(
  method: string,
  url: string,
  headers: Record<string, string> = JSON_HEADERS,
  known = names,
): string {
  const decision = decide(method, url, headers, known);
  if (decision.type !== 'refuse' && decision.type !== 'malformed') return decision.type;
  const { status, error } = JSON.parse(decision.reply.body.toString()) as {
    status: number;
    error: string | { reason: string };
  };
  expect(decision.reply.status).toBe(status);
  return `${status} ${typeof error === 'string' ? error : error.reason}`;
}

describe('a write of a document', () => {
  it('is handled by twindex, with the parameters of its URL', () => {
    const url = '/catalogue-write/_doc/1?routing=r&refresh=true&pipeline=p&filter_path=_id';
    expect(decide('PUT', url, { ...JSON_HEADERS, 'x-twindex-version': '2' }, names)).toEqual({
      type: 'document',
      names,
      write: {
        action: 'index',
        name: 'catalogue',
        clientIndex: 'catalogue-write',
        id: '1',
        routing: 'r',
        version: 2,
        params: { refresh: 'true', pipeline: 'p', filter_path: '_id' },
      },
    });
    expect(decide('DELETE', '/catalogue-v2/_doc/1', {}, names)).toMatchObject({
      write: { action: 'delete', clientIndex: 'catalogue-v2', version: 2 },
    });
  });

  it('is handed on while its migration is idle, and waits for nobody here while it holds', () => {
    expect(decided('PUT', '/catalogue-write/_doc/1', JSON_HEADERS, idle)).toBe('pass');
    expect(decided('PUT', '/catalogue-write/_doc/1', JSON_HEADERS, holding)).toBe('document');
  });

  it.each([
    ['PUT', '/logs/_doc/1'],
    ['PUT', '/catalogue-*/_doc/1'],
    ['PUT', '/catalogue-v1/_doc/1?require_alias=true'],
    ['POST', '/catalogue-write/_doc?id='],
    ['PATCH', '/catalogue-write/_doc/1'],
    ['GET', '/catalogue-write/_doc/1'],
  ])('is left to the engine: %s %s', (method, url) => {
    expect(decided(method, url)).toBe('pass');
  });

  it('of an older version waits where no migration is known and the lease has run out', () => {
    const declared = { index: 'catalogue-v2', version: 2 };
    const managed = { ...managedOf(testRecord(MIRRORING)), source: declared, target: declared };
    const unknown = new ManagedNames([{ ...managed, phase: { type: 'hold' } }]);
    const headers = { ...JSON_HEADERS, 'x-twindex-version': '1' };
    expect(decided('PUT', '/catalogue-write/_doc/1', headers, unknown)).toBe('document');
  });

  it('has one of the two versions of the migration', () => {
    const headers = (version: string) => ({ ...JSON_HEADERS, 'x-twindex-version': version });
    expect(decided('PUT', '/catalogue-write/_doc/1', headers('3'))).toBe(
      '400 x-twindex-version is 3, but [catalogue] is being migrated from version 1 to 2',
    );
    expect(decided('PUT', '/catalogue-write/_doc/1', headers('two'))).toContain('must be a version number');
    expect(decide('PUT', '/catalogue-v1/_doc/1', headers('2'), names)).toMatchObject({
      write: { version: 1 },
    });
    expect(decided('PUT', '/logs/_doc/1', headers('two'))).toBe('pass');
  });

  it.each([
    [{}, '400 request body is required'],
    [{ 'content-length': '3' }, '406 Content-Type header [] is not supported'],
    [{ 'content-type': 'text/plain' }, '406 Content-Type header [text/plain] is not supported'],
    [{ 'content-type': 'application/cbor' }, '406 a write in application/cbor is not possible'],
    [{ ...JSON_HEADERS, accept: 'application/yaml' }, '406 an answer in application/yaml is not possible'],
  ])('comes as JSON, and is answered in it: %j', (headers, expected) => {
    expect(decided('PUT', '/catalogue-write/_doc/1', headers as Record<string, string>)).toContain(expected);
  });

  it.each([
    'application/json; charset=UTF-8',
    'Application/JSON',
    'application/x-ndjson',
    'application/vnd.elasticsearch+json;compatible-with=9',
  ])('may come as %s', (type) => {
    const accept = 'application/vnd.elasticsearch+json; compatible-with=8,text/plain';
    expect(decided('PUT', '/catalogue-write/_doc/1', { 'content-type': type, accept })).toBe('document');
  });

  it('is refused under a name that may mean a managed index, belongs to twindex, or has a mapping type', () => {
    expect(decided('PUT', "/%3Ccatalogue-%7Bnow%7B'v1'%7D%7D%3E/_doc/1")).toContain(
      'may mean an index of [catalogue]',
    );
    expect(decided('PUT', '/twindex.catalogue.w.3/_doc/1')).toContain('belongs to twindex');
    expect(decided('PUT', '/catalogue-write/product/1')).toContain('paths with a mapping type');
    expect(decided('PUT', '/logs/product/1')).toBe('pass');
  });
});

describe('a request that could be read in two ways', () => {
  it('is malformed in every phase', () => {
    for (const known of [names, holding, idle])
      expect(decided('PUT', '/./catalogue-write/_doc/1', JSON_HEADERS, known)).toContain(
        '400 the path contains a segment of only dots',
      );
  });

  // The same write in other forms that engines accept: encoded, as date math, in the query, with end slashes.
  const name = fc.constantFrom(
    'catalogue-write',
    'catalogue-read',
    'catalogue-v1',
    'catalogue-v2',
    '<catalogue-v1>',
    '<catalogue\\-v2>',
    "<catalogue-{now{'v1'}}>",
  );
  const encoded = (text: string) =>
    fc.array(fc.boolean(), { minLength: text.length, maxLength: text.length }).map((flags) =>
      text
        .split('')
        .map((one, at) => (flags[at] || '<>{}\\'.includes(one) ? `%${one.charCodeAt(0).toString(16)}` : one))
        .join(''),
    );
  const api = fc.constantFrom(
    ['PUT', '/_doc/1'],
    ['POST', '/_doc/1'],
    ['POST', '/_doc'],
    ['POST', '/_doc?id=1'],
    ['DELETE', '/_doc/1'],
    ['PUT', '/_create/1'],
    ['POST', '/_update/1'],
    ['POST', '/_bulk'],
    ['PUT', '/_bulk'],
    ['POST', '/_delete_by_query'],
    ['POST', '/product/1'],
    ['PUT', '/product/_bulk'],
    ['POST', '/_doc/1/_update'],
  ) as fc.Arbitrary<[string, string]>;

  it('is never forwarded unchanged, whatever the encoding', () => {
    fc.assert(
      fc.property(
        name.chain(encoded),
        api,
        fc.constantFrom('', '/', '//'),
        fc.constantFrom(names, holding),
        (index, [method, rest], end, known) => {
          const [path = '', query] = rest.split('?');
          const url = `/${index}${path}${end}${query ? `?${query}` : ''}`;
          expect(decided(method, url, JSON_HEADERS, known)).not.toBe('pass');
        },
      ),
    );
  });

  const trick = fc.constantFrom(
    '/./',
    '/x/../',
    '/%2e%2e/',
    '/%2E/',
    '\\',
    '%2f',
    '%5c',
    '%00',
    '%ff',
    '%',
    '#',
  );
  it('is never forwarded with a trick in its path', () => {
    fc.assert(
      fc.property(api, trick, fc.nat(), ([method, rest], text, position) => {
        const url = `/catalogue-write${rest}`;
        const at = position % '/catalogue-write'.length;
        const changed = url.slice(0, at) + text + url.slice(at);
        expect(decide(method, changed, JSON_HEADERS, names).type).toBe('malformed');
      }),
    );
  });
});

describe('a bulk', () => {
  const plan = (text: string, url = '/_bulk', headers: Record<string, string> = JSON_HEADERS) => {
    const decision = decide('POST', url, headers, names) as BulkDecision;
    expect(decision.type).toBe('bulk');
    const parsed = parseBulk(Buffer.from(text));
    if (parsed.type === 'malformed') throw new Error(parsed.reply.body.toString());
    const planned = atOnce(planningBulk(decision, parsed.operations, names));
    return { planned, decision, operations: parsed.operations };
  };

  it('is forwarded when it has no operation for a managed index', () => {
    expect(plan('{"index":{"_index":"logs"}}\n{}\n').planned).toBeUndefined();
    expect(plan('{"index":{}}\n{}\n').planned).toBeUndefined();
    expect(decided('POST', '/_bulk', JSON_HEADERS, idle)).toBe('pass');
  });

  it('is taken apart', () => {
    const lines = [
      '{"index":{}}',
      '{}',
      '{"delete":{"_index":"logs","_id":"1"}}',
      '{"index":{"_index":"catalogue-v2","_id":"1"}}',
      '{}',
      '{"create":{"_index":"catalogue-v1","_id":"1","require_alias":true}}',
      '{}',
      '{"delete":{"_index":"twindex.catalogue.w.1","_id":"1"}}',
      '{"delete":{"_index":"catalogue-v1","_id":"1","require_alias":true}}',
      '',
    ].join('\n');
    const { planned } = plan(lines, '/catalogue-write/_bulk', { ...JSON_HEADERS, 'x-twindex-version': '2' });
    const write = { type: 'write', name: 'catalogue' };
    expect(planned).toMatchObject([
      { ...write, clientIndex: 'catalogue-write', version: 2 },
      { type: 'foreign', index: 'logs' },
      { ...write, clientIndex: 'catalogue-v2', version: 2 },
      { type: 'foreign', index: 'catalogue-v1' },
      { type: 'refused', index: 'twindex.catalogue.w.1', error: { status: 400 } },
      { ...write, clientIndex: 'catalogue-v1', version: 1 },
    ]);
  });

  it("refuses only the operations that can't be done", () => {
    const { planned } = plan(
      '{"index":{"_index":"catalogue-write"}}\n{}\n{"delete":{"_index":"logs","_id":"1"}}\n',
      '/_bulk',
      {
        ...JSON_HEADERS,
        'x-twindex-version': '7',
      },
    );
    expect(planned).toMatchObject([{ type: 'refused' }, { type: 'foreign' }]);
  });

  it('gives its operations the parameters of the URL, unless they have their own', () => {
    const url =
      '/_bulk?index=catalogue-write&routing=r&pipeline=p&_source=true&_source_includes=a&refresh=true';
    const { planned, operations, decision } = plan(
      '{"update":{"_id":"1","pipeline":"q","_source":false}}\n{"doc":{}}\n{"index":{"routing":"s"}}\n{}\n',
      url,
    );
    const writes = operations.map((operation, at) =>
      bulkWrite(operation, planned?.[at] as never, decision.target),
    );
    expect(writes).toMatchObject([
      { action: 'update', id: '1', routing: 'r', params: { pipeline: 'q', _source: 'false' } },
      {
        action: 'index',
        id: undefined,
        routing: 's',
        params: { pipeline: 'p', _source: 'true', _source_includes: 'a' },
      },
    ]);
    expect(Object.keys(writes[0]?.params ?? {})).toEqual(['pipeline', '_source']);
  });
});

describe('a request about an index', () => {
  it.each([
    ['PUT', '/catalogue-v1/_mapping', "the mapping can't be changed"],
    ['PUT', '/catalogue-v2/_mapping', "the mapping can't be changed"],
    ['PUT', '/cat*/_mapping', "the mapping can't be changed"],
    ['DELETE', '/catalogue-v1', "an index can't be deleted"],
    ['DELETE', '/*', "an index can't be deleted"],
    ['DELETE', '/?index=catalogue-v2', "an index can't be deleted"],
    ['DELETE', '//', "an index can't be deleted"],
    ['POST', '//_close', "an index can't be closed"],
    ['POST', '/catalogue-write//_doc/1', 'paths with a mapping type'],
    ['POST', '/catalogue-write/_close', "an index can't be closed"],
    ['POST', '/_all/_close', "an index can't be closed"],
    ['PUT', '/catalogue-v1/_block/write', "an index can't be blocked"],
    ['POST', '/catalogue-write/_rollover', "can't be rolled over"],
    ['PUT', '/catalogue-v1/_shrink/x', "can't be shrunk"],
    ['PUT', '/catalogue-v1/_alias/x', "aliases can't be changed"],
    ['PUT', '/logs/_alias/catalogue-write', "aliases can't be changed"],
    ['DELETE', '/*/_alias/x', "aliases can't be changed"],
    ['DELETE', '/logs/_alias/*', "aliases can't be changed"],
    ['POST', '/_bulk/stream', "a bulk can't be streamed"],
  ])('%s %s is refused', (method, url, reason) => {
    for (const known of [names, holding]) expect(decided(method, url, JSON_HEADERS, known)).toContain(reason);
    expect(decided(method, url, JSON_HEADERS, idle)).toMatch(/^(?:pass|inspect)$/);
    if (!reason.includes('type'))
      expect(decided(method, url)).toContain(
        'while [catalogue] is being migrated from catalogue-v1 to catalogue-v2',
      );
  });

  it.each([
    ['PUT', '/twindex.catalogue.w.4'],
    ['PUT', '/twindex-journal/_doc/1'],
    ['POST', '/twindex%2Djournal/_update/1'],
    ['POST', '/<twindex-journal>/_doc'],
    ['POST', "/%3Ctwindex-{now{'%27journal%27'}}%3E/_doc"],
    ['DELETE', '/twindex.catalogue.Ledger.1/_doc/1'],
    ['POST', '/twindex-ledger-catalogue-1/_bulk'],
    ['POST', '/twindex-journal/_delete_by_query'],
    ['POST', '/logs,twindex-journal/_update_by_query'],
    ['POST', '/twindex-j*/_delete_by_query'],
    ['POST', '/t*/_delete_by_query?expand_wildcards=open,hidden'],
    ['POST', '/*/_delete_by_query?expand_wildcards=all'],
    ['POST', '//_delete_by_query?expand_wildcards=all'],
    ['POST', '/logs-*,*,-logs-1/_delete_by_query?expand_wildcards=all'],
    ['DELETE', '/twindex-*'],
    ['DELETE', '/twindex-queries'],
    ['DELETE', '/_all?expand_wildcards=hidden'],
    ['POST', '/twindex-journal/_close'],
    ['PUT', '/twindex-journal/_settings'],
    ['PUT', '/twindex-journal/_mapping'],
    ['PUT', '/twindex-journal/_block/write'],
    ['PUT', '/twindex-journal/_clone/copy'],
    ['PUT', '/logs/_clone/twindex-ledger-logs-1'],
    ['POST', '/logs/_rollover/twindex.logs.Write.1'],
    ['PUT', '/twindex-journal/_alias/x'],
    ['PUT', '/logs/_alias/twindex.catalogue.token.3'],
    ['DELETE', '/logs/_aliases/twindex.*'],
    ['PUT', '/twindex-journal/type/1'],
  ])('%s %s is refused, whether or not a migration runs: twindex keeps its own there', (method, url) => {
    for (const known of [names, holding, idle, new ManagedNames([])])
      expect(decided(method, url, JSON_HEADERS, known)).toContain('belongs to twindex');
  });

  it.each([
    ['GET', '/twindex-journal/_search'],
    ['POST', '/twindex-*/_search'],
    ['POST', '/twindex-journal/_refresh'],
    ['POST', '/*/_delete_by_query'],
    ['POST', '/t*/_delete_by_query'],
    ['POST', '/*,-twindex*/_delete_by_query?expand_wildcards=all'],
    ['PUT', '/twindexes/_doc/1'],
    ['PUT', '/_settings'],
    ['GET', '//_refresh'],
    ['POST', '//_refresh'],
    ['GET', '/%3Clogstash-%7Bnow%2FM%7D%3E/_search'],
    ['PUT', '/%3Clogstash-%7Bnow%2FM%7Byyyy.MM%7CUTC%7D%7D%3E/_doc/1'],
    ['POST', '/%3Clogs-%7Bnow%2Fd-1M%2Fd%7D%3E,%3Clogs-%7Bnow%2Fd%7D%3E/_update_by_query'],
  ])('%s %s is left to the engine where no migration runs', (method, url) => {
    for (const known of [idle, new ManagedNames([])])
      expect(decided(method, url, JSON_HEADERS, known)).toBe('pass');
  });

  it.each(['/logs%2Fa/_doc/1', '/%3Clogs%2Fa%3E/_doc/1', '/%3Ca-%7Bnow%7D%3E%2Fb/_doc/1', '/logs%5C/_doc/1'])(
    'PUT %s is malformed: only date math holds a slash',
    (url) => {
      expect(decided('PUT', url, JSON_HEADERS, idle)).toContain('the name of an index contains a slash');
    },
  );

  it('reads date math with a slash as the engines do', () => {
    expect(decided('PUT', '/%3Ccatalogue-%7Bnow%2Fd%7D%3E/_doc/1')).toContain(
      'may mean an index of [catalogue]',
    );
    expect(decided('DELETE', '/%3Ccatalogue-%7Bnow%2Fd%7D%3E')).toContain("an index can't be deleted");
  });

  it.each([
    ['DELETE', '/logs'],
    ['PUT', '/logs/_mapping'],
    ['POST', '/catalogue-v1/_open'],
    ['POST', '/catalogue-v1/_refresh'],
    ['POST', '/catalogue-v1/_forcemerge'],
    ['GET', '/catalogue-v1/_mapping'],
    ['POST', '/_search'],
    ['PUT', '/_index_template/x'],
    ['POST', '/logs*/_update_by_query'],
  ])('%s %s is handed on', (method, url) => {
    expect(decided(method, url)).toBe('pass');
  });

  it('writes by query only where that reaches no follower', () => {
    expect(decide('POST', '/catalogue-write/_update_by_query', JSON_HEADERS, names)).toEqual({
      type: 'waitForSwitch',
      names: ['catalogue'],
    });
    expect(decide('POST', '/catalogue-v1/_delete_by_query', {}, names)).toEqual({
      type: 'waitForSwitch',
      names: ['catalogue'],
    });
    expect(decided('POST', '/catalogue-v2/_delete_by_query')).toContain("can't be written by query");
    expect(decided('POST', '/*/_delete_by_query')).toContain("can't be written by query");
    expect(
      decided('POST', '/catalogue-read/_update_by_query', JSON_HEADERS, namesOf({ readers: 'target' })),
    ).toContain("can't be written");
  });
});

describe('a request whose body names its indexes', () => {
  function byBody(method: string, url: string, body: unknown, known = names): string {
    const decision = decide(method, url, JSON_HEADERS, known);
    if (decision.type !== 'inspect') return `not by its body: ${decision.type}`;
    const bytes =
      body === undefined ? undefined : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    const answer = decideByBody(decision, bytes, known);
    return 'reply' in answer ? answer.reply.body.toString() : answer.type;
  }

  it.each([
    [{ actions: [{ add: { index: 'logs', alias: 'x' } }, { add: { index: 'catalogue-v2', alias: 'x' } }] }],
    [{ actions: [{ remove: { indices: ['logs', 'cat*'], aliases: ['x'] } }] }],
    [{ actions: [{ remove: { index: 'logs', aliases: ['x', 'catalogue-write'] } }] }],
    [{ actions: [{ remove_index: { index: 'catalogue-v1' } }] }],
    [{ actions: { remove_index: { index: 'catalogue-v1' } } }],
    [{ actions: { add: { index: 'logs', alias: 'x' }, remove_index: { indices: ['catalogue-v2'] } } }],
  ])('_aliases with %j is refused', (body) => {
    expect(byBody('POST', '/_aliases', body)).toContain("aliases can't be changed");
    expect(byBody('POST', '/_aliases', body, holding)).toContain("aliases can't be changed");
    expect(byBody('POST', '/_aliases', body, idle)).toBe('pass');
  });

  it.each([
    ['POST', '/_aliases', { actions: [{ remove: { index: 'twindex-journal', alias: '*' } }] }],
    ['POST', '/_aliases', { actions: { remove_index: { index: 'twindex-journal' } } }],
    ['POST', '/_aliases', { actions: [{ add: { index: 'logs', alias: 'twindex.catalogue.w.9' } }] }],
    ['PUT', '/_alias', { index: 'logs', alias: 'twindex.catalogue.Feed.9' }],
    ['PUT', '/logs', { aliases: { 'twindex.catalogue.Feed.9': {} } }],
    ['PUT', '/logs/_clone/logs-2', { aliases: { 'twindex.catalogue.Feed.9': {} } }],
    ['POST', '/logs/_rollover', { aliases: { 'twindex.catalogue.Feed.9': {} } }],
    ['POST', '/_reindex', { source: { index: 'logs' }, dest: { index: 'twindex-journal' } }],
  ])('%s %s with %j is refused, whether or not a migration runs', (method, url, body) => {
    for (const known of [names, holding, idle, new ManagedNames([])])
      expect(byBody(method, url, body, known)).toContain('belongs to twindex');
  });

  it.each(['none', [['add']], [{ add: 'x' }], [3]])('_aliases whose actions are %j is refused', (actions) => {
    for (const known of [names, idle])
      expect(byBody('POST', '/_aliases', { actions }, known)).toContain('not a list of objects');
  });

  const scripted = (script: unknown) => ({ source: { index: 'a' }, dest: { index: 'b' }, script });
  it.each([
    { source: 'ctx._index = "twindex-journal"' },
    { source: "ctx['_in' + 'dex'] = params.to", params: { to: 'catalogue-v2' } },
    { source: 'def c = ctx; c._index = params.to' },
    { source: 'ctx/**/._index = params.to' },
    { source: 'ctx.put("_index", "x")' },
    { id: 'stored' },
    { source: 'x', lang: 'other' },
    'ctx._index = "x"',
    7,
  ])('a reindex with the script %j may write to any index, and is refused', (script) => {
    for (const known of [names, idle])
      expect(byBody('POST', '/_reindex', scripted(script), known)).toContain('ctx._index');
  });

  it.each([
    { source: 'ctx._source.n = ctx._source.remove("m"); if (ctx._id == "1") ctx.op = "noop"' },
    { source: "ctx['_source']['n']++; ctx._routing = '=x'", lang: 'painless' },
    'ctx._source.n++',
  ])('a reindex with the script %j leaves the index as it is', (script) => {
    for (const known of [names, idle])
      expect(byBody('POST', '/_reindex', scripted(script), known)).toBe('pass');
  });

  it('_aliases about others is handed on', () => {
    expect(byBody('POST', '/_aliases', { actions: [{ add: { index: 'logs*', alias: 'x' } }] })).toBe('pass');
    expect(byBody('POST', '/_aliases', undefined)).toBe('pass');
  });

  it('is refused when it is not JSON, since it might name any index', () => {
    expect(byBody('POST', '/_aliases', 'actions:\n- add: {index: catalogue-v1, alias: x}')).toContain(
      'not readable as JSON',
    );
    expect(byBody('PUT', '/catalogue-v1/_settings', '{')).toContain('not readable as JSON');
    expect(byBody('PUT', '/logs/_settings', '{')).toBe('pass');
  });

  it('may name index and alias in the body of an alias request', () => {
    expect(byBody('PUT', '/_alias', { index: 'catalogue-v1', alias: 'x' })).toContain(
      "aliases can't be changed",
    );
    expect(byBody('PUT', '/logs/_alias/x', { index: 'catalogue-v1' })).toContain("aliases can't be changed");
    expect(byBody('PUT', '/logs/_alias/x', { filter: {} })).toBe('pass');
  });

  it.each([
    [{ 'index.blocks.write': true }, 'index.blocks.write'],
    [{ settings: { blocks: { read_only: false } } }, 'blocks.read_only'],
    [{ index: { gc_deletes: '1s' } }, 'index.gc_deletes'],
    [{ 'index.default_pipeline': 'x' }, 'index.default_pipeline'],
  ])('settings %j are refused', (body, setting) => {
    expect(byBody('PUT', '/catalogue-v1/_settings', body)).toContain(
      `the setting ${setting} can't be changed`,
    );
    expect(byBody('PUT', '/_settings', body)).toContain(`the setting ${setting} can't be changed`);
    expect(byBody('PUT', '/logs/_settings', body)).toBe('pass');
  });

  it('other settings, also with comments, are handed on', () => {
    expect(byBody('PUT', '/catalogue-v1/_settings', '{"index.refresh_interval":/*off*/"-1"}')).toBe('pass');
  });

  it('gives the aliases of a managed index to no other index', () => {
    expect(byBody('PUT', '/logs', { aliases: { 'catalogue-write': {} } })).toContain(
      "can't be given to another index",
    );
    expect(byBody('PUT', '/logs', { aliases: { x: {} } })).toBe('pass');
    expect(byBody('PUT', '/logs', undefined)).toBe('pass');
  });

  it('reindexes into the leader outside of a hold, and never into the follower', () => {
    const into = (index: string) => ({ source: { index: 'logs' }, dest: { index } });
    expect(byBody('POST', '/_reindex', into('catalogue-write'))).toBe('waitForSwitch');
    expect(byBody('POST', '/_reindex', into('catalogue-v1'))).toBe('waitForSwitch');
    expect(byBody('POST', '/_reindex', into('catalogue-v2'))).toContain(
      "can't be the destination of a reindex",
    );
    expect(byBody('POST', '/_reindex', into("<catalogue-{now{'v2'}}>"))).toContain('may mean an index');
    expect(byBody('POST', '/_reindex', into('logs'))).toBe('pass');
    expect(byBody('POST', '/_reindex', into('catalogue-v2'), holding)).toBe('waitForSwitch');
  });
});
