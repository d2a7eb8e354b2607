import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTarget } from './target.js';

const shown = (method: string, url: string): string => {
  const target = readTarget(method, url);
  switch (target.type) {
    case 'document':
      return `${target.action} ${target.index} ${target.id ?? '-'} ${JSON.stringify(target.params)}`;
    case 'bulk':
      return `bulk ${target.index ?? '-'} ${JSON.stringify(target.params)}`;
    case 'admin':
      return `${target.action} ${target.index ?? '-'} ${target.name ?? '-'}`;
    case 'byQuery':
    case 'typed':
      return `${target.type} ${target.index}`;
    default:
      return target.type;
  }
};

describe('the API of a request', () => {
  it.each([
    ['PUT', '/a/_doc/1', 'index a 1 {}'],
    ['POST', '/a/_doc/1', 'index a 1 {}'],
    ['post', '/a/_doc/1', 'index a 1 {}'],
    ['POST', '/a/_doc', 'index a - {}'],
    ['POST', '/a/_doc/', 'index a - {}'],
    ['PUT', '/a/_doc/1//', 'index a 1 {}'],
    ['POST', '/a/_doc?id=x&routing=r', 'index a x {"routing":"r"}'],
    ['POST', '/a/_doc/1?id=x&index=b', 'index a 1 {}'],
    ['PUT', '/a/_doc/1?op_type=create', 'create a 1 {}'],
    ['PUT', '/a/_doc/1?op_type=CREATE&refresh', 'create a 1 {"refresh":""}'],
    ['PUT', '/a/_doc/1?op_type=index', 'index a 1 {}'],
    ['PUT', '/a/_doc/1?op_type=none', 'index a 1 {"op_type":"none"}'],
    ['PUT', '/a/_create/1', 'create a 1 {}'],
    ['POST', '/a/_create/1?op_type=index', 'create a 1 {}'],
    ['POST', '/a/_update/1?retry_on_conflict=3', 'update a 1 {"retry_on_conflict":"3"}'],
    [
      'DELETE',
      '/a/_doc/1?if_seq_no=4&if_primary_term=1',
      'delete a 1 {"if_seq_no":"4","if_primary_term":"1"}',
    ],
    ['PUT', '/a/_doc/a%2Fb', 'index a a/b {}'],
    ['PUT', '/a/_doc/a+b?routing=c+d', 'index a a+b {"routing":"c d"}'],
    ['PUT', '/a/_doc/%5Fbulk', 'index a _bulk {}'],
    ['PUT', '/a/_doc/_mapping', 'index a _mapping {}'],
    ['PUT', '/a%2Dv1/_doc/%C3%A9%00', 'index a-v1 é\u0000 {}'],
    ['PUT', '/a/_doc/1?routing=a;refresh=true', 'index a 1 {"routing":"a","refresh":"true"}'],
    ['PUT', '/a/_doc/1?routing=a&routing=b', 'index a 1 {"routing":"b"}'],
    ['PUT', '/a/_doc/1?%72outing=a=b&&=x', 'index a 1 {"routing":"a=b","x":""}'],
    ['POST', '/_bulk', 'bulk - {}'],
    ['PUT', '/_bulk/?index=a', 'bulk a {}'],
    ['POST', '/a/_bulk?refresh=true', 'bulk a {"refresh":"true"}'],
    ['POST', '/a/_update_by_query', 'byQuery a'],
    ['POST', '/a,b/_delete_by_query', 'byQuery a,b'],
    ['POST', '/_reindex', 'reindex'],
    ['POST', '/_reindex/task:1/_rethrottle', 'other'],
    ['POST', '/_bulk/stream', 'streamedBulk - -'],
    ['POST', '/a/_bulk/stream', 'streamedBulk a -'],
  ])('%s %s', (method, url, expected) => {
    expect(shown(method, url)).toBe(expected);
  });

  it.each([
    ['DELETE', '/', 'deleteIndex - -'],
    ['DELETE', '/?index=a', 'deleteIndex a -'],
    ['DELETE', '/a,b*', 'deleteIndex a,b* -'],
    ['DELETE', '/%5Fall', 'deleteIndex _all -'],
    ['PUT', '/a', 'createIndex a -'],
    ['PUT', '/a/_mapping', 'mapping a -'],
    ['POST', '/a/_mappings', 'mapping a -'],
    ['PUT', '/a/_mapping/_doc', 'mapping a -'],
    ['PUT', '/_mapping/_doc?index=a', 'mapping a -'],
    ['PUT', '/_settings', 'settings - -'],
    ['PUT', '/a/_settings', 'settings a -'],
    ['POST', '/_close?index=a', 'closeIndex a -'],
    ['POST', '/a/_close', 'closeIndex a -'],
    ['POST', '/a/_open', 'openIndex a -'],
    ['PUT', '/a/_block/write', 'block a -'],
    ['DELETE', '/a/_block/write', 'block a -'],
    ['POST', '/a/_rollover/b', 'rollover a b'],
    ['PUT', '/a/_shrink/b', 'resize a b'],
    ['POST', '/a/_clone/b', 'resize a b'],
    ['POST', '/_aliases', 'aliases - -'],
    ['PUT', '/a/_alias/x', 'alias a x'],
    ['DELETE', '/a/_aliases/x,y', 'alias a x,y'],
    ['PUT', '/_alias/x?index=a', 'alias a x'],
    ['PUT', '/_alias', 'alias - -'],
  ])('%s %s', (method, url, expected) => {
    expect(shown(method, url)).toBe(expected);
  });

  it.each([
    ['GET', '/a/_doc/1'],
    ['HEAD', '/a'],
    ['GET', '/_bulk'],
    ['POST', '/a/_search'],
    ['POST', '/_msearch'],
    ['POST', '/a/_mget'],
    ['POST', '/a/_refresh'],
    ['POST', '/a/_forcemerge?max_num_segments=1'],
    ['POST', '/a/_cache/clear'],
    ['DELETE', '/_search/scroll'],
    ['POST', '/a/_search/point_in_time'],
    ['DELETE', '/_pit'],
    ['POST', '/a/type/_search'],
    ['POST', '/a/_doc/1/_explain'],
  ])('%s %s only reads', (method, url) => {
    expect(readTarget(method, url)).toEqual({ type: 'read' });
  });

  it.each([
    ['POST', '/a/type'],
    ['PUT', '/a/type/1'],
    ['DELETE', '/a/type/1'],
    ['POST', '/a/type/1/_update'],
    ['PUT', '/a/type/_bulk'],
    ['PUT', '/a/type/_mapping'],
    ['POST', '/a/_doc/1/_update'],
    ['PUT', '/a/_doc/1/_create'],
    ['POST', '/a/_doc/_bulk'],
    ['POST', '/a/type/_delete_by_query'],
  ])('%s %s has a mapping type', (method, url) => {
    expect(readTarget(method, url)).toEqual({ type: 'typed', index: 'a' });
  });

  it.each([
    'a/_doc/1',
    'http://host/a/_doc/1',
    '/x/../a/_doc/1',
    '/x/%2e%2E/a/_doc/1',
    '/./a/_doc/1',
    '/a/_doc/.',
    '/x%2F..%2Fa/_doc/1',
    '/a%5Cb/_doc/1',
    '/a\\b/_doc/1',
    '/a%00/_doc/1',
    '/a/_doc/1#x',
    '/a/_doc/a b',
    '/a/_doc/é',
    '/a/_doc/a%',
    '/a/_doc/a%zz',
    '/a/_doc/a%ff',
    '/a/_doc/a%C0%AF',
    '/%5Fbulk',
    '/a/%5Fdoc/1',
    '/a/_doc/1?routing=%ff',
    '/a/_doc/1?routing=%',
    '/a/_doc/1?routing=a b',
    '*',
    '',
  ])('PUT %s is malformed', (url) => {
    expect(readTarget('PUT', url).type).toBe('malformed');
  });

  it('gives back the id and the routing that a client has encoded', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((id) => !/^\.{1,2}$/.test(id));
    fc.assert(
      fc.property(text, text, (id, routing) => {
        fc.pre(id !== '_bulk');
        const url = `/a/_doc/${encodeURIComponent(id)}?routing=${encodeURIComponent(routing)}`;
        expect(readTarget('PUT', url)).toMatchObject({ type: 'document', id, params: { routing } });
      }),
    );
  });

  it('never throws', () => {
    const piece = fc.constantFrom(
      '/',
      '//',
      '_doc',
      '_bulk',
      'a',
      '%',
      '%2e',
      '%2f',
      '%5F',
      '?',
      '&',
      '=',
      ';',
      '#',
      '\\',
      '..',
      'é',
      '\u0000',
    );
    fc.assert(
      fc.property(fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'x'), fc.array(piece), (method, pieces) => {
        readTarget(method, pieces.join(''));
      }),
    );
  });
});
