import { describe, expect, it } from 'vitest';
import { type RoutedIndex, ClusterRouting } from './clusterRouting.js';

/** The readers have been moved, the writers not yet. */
const movedReaders = (name: string, readAlias: string, aliases: readonly string[]): RoutedIndex => ({
  name,
  moving: true,
  readAlias,
  aliases,
  indexes: [
    { index: `${name}-v1`, where: 'source' },
    { index: `${name}-v2`, where: 'target' },
  ],
  readers: 'target',
  writers: 'source',
});
const catalogue = movedReaders('catalogue', 'catalogue-read', ['catalogue-write', 'catalogue-admin']);
/** An index with one alias for reads and writes. */
const products = movedReaders('products', 'products', ['products']);
/** An index whose migration has not begun. */
const brands: RoutedIndex = {
  name: 'brands',
  moving: true,
  readAlias: 'brands-read',
  aliases: ['brands-write'],
  indexes: [{ index: 'brands-v2', where: 'source' }],
  readers: 'source',
  writers: 'source',
};

const places = new ClusterRouting([catalogue, products, brands], 'source');
const here = { type: 'in', where: 'target' };
const source = { type: 'in', where: 'source' };
const of = (line: string) => {
  const [method = '', url = ''] = line.split(' ');
  return places.ofRequest(method, url);
};

describe('a request goes to', () => {
  it.each([
    ['POST /catalogue-read/_search?size=1', here],
    ['GET /catalogue-read/_doc/1', here],
    ['HEAD /catalogue-read', here],
    ['GET /catalogue%2Dread/_count', here],
    ['GET /catalogue-v2/_mapping', here],
    ['PUT /catalogue-v2/_mapping', here],
    ['GET /_search?index=catalogue-read', here],
    ['POST /products/_search', here],
    ['GET /products/_doc/1', here],
  ])('where its readers are, or its index: %s', (line, place) => {
    expect(of(line)).toEqual(place);
  });

  it.each([
    ['POST /catalogue-write/_search', source],
    ['POST /catalogue-admin/_search', source],
    ['GET /catalogue-v1/_doc/1', source],
    ['POST /products/_update_by_query', source],
    ['PUT /products/_doc/1', source],
    ['POST /brands-read/_search', source],
    ['POST /others/_search', source],
    ['POST /remote:catalogue-read/_search', source],
    ['GET /_cat/indices', source],
    ['GET /_cluster/health', source],
    ['GET /', source],
    ['PUT /catalogue-v3', source],
  ])('where its writers are, or where everything is: %s', (line, place) => {
    expect(of(line)).toEqual(place);
  });

  it('one cluster only, when it names several', () => {
    expect(of('POST /catalogue-read,products/_search')).toEqual(here);
    expect(of('POST /brands-read,others/_search')).toEqual(source);
    for (const line of [
      'POST /catalogue-read,others/_search',
      'POST /*/_search',
      'GET /_all/_count',
      'GET /*-read/_search',
    ])
      expect(of(line), line).toMatchObject({
        type: 'refused',
        reason: expect.stringContaining('clusters') as string,
      });
    // administrative requests can only concern unmanaged indexes
    expect(of('GET /*/_mapping')).toEqual(source);
  });

  it('where a wildcard finds something', () => {
    expect(of('POST /catalogue-*/_search')).toEqual(here);
    expect(of('POST /brands-*/_search')).toEqual(source);
    expect(of('POST /logs-*/_search')).toEqual(source);
    expect(of('POST /catalogue-*,-catalogue-v1/_search')).toEqual(here);
  });
});

describe('a request that names its indexes in its body', () => {
  const body = (line: string, text: string) => {
    const place = of(line);
    if (place.type !== 'body') throw new Error(place.type);
    return places.ofBody(place, Buffer.from(text));
  };

  it('goes to the one cluster that they are in', () => {
    expect(body('POST /_msearch', '{"index":"catalogue-read"}\n{}\n{"index":["products"]}\n{}\n')).toEqual(
      here,
    );
    expect(body('GET /catalogue-read/_msearch', '{}\n{}\n\n{"size":1}\n')).toEqual(here);
    expect(body('POST /_msearch', '{"index":"brands-read"}\n{}\n')).toEqual(source);
    expect(body('POST /_mget', '{"docs":[{"_index":"products","_id":"1"}]}')).toEqual(here);
    expect(body('POST /catalogue-read/_mget', '{"ids":["1","2"]}')).toEqual(here);
    expect(body('POST /catalogue-read/_mget', 'no JSON')).toEqual(here);
  });

  it('is refused when they are in two', () => {
    const two = '{"index":"catalogue-read"}\n{}\n{"index":"others"}\n{}\n';
    expect(body('POST /_msearch', two)).toMatchObject({ type: 'refused' });
    const docs = '{"docs":[{"_index":"products","_id":"1"},{"_index":"others","_id":"1"}]}';
    expect(body('POST /_mget', docs)).toMatchObject({ type: 'refused' });
    expect(body('POST /_msearch', '{}\n{}\n')).toMatchObject({ type: 'refused' });
  });
});

describe('a request that continues a scroll, or another read that was opened before', () => {
  it('is sent to the cluster that has opened it, which has to be searched for', () => {
    for (const line of [
      'POST /_search/scroll',
      'DELETE /_search/scroll/abc',
      'DELETE /_pit',
      'GET /_async_search/abc',
    ])
      expect(of(line), line).toEqual({ type: 'opened', instead: undefined });
  });

  it('or is refused as a search of all indexes, which are in two clusters', () => {
    expect(of('POST /_search')).toMatchObject({ type: 'opened', instead: { type: 'refused' } });
  });
});

describe('a bulk', () => {
  it('goes operation by operation to where its writers are', () => {
    expect(places.ofName('catalogue-write', false)).toBe('source');
    expect(places.ofName('products', false)).toBe('source');
    expect(places.ofName('catalogue-v2', false)).toBe('target');
    expect(places.ofName('others', false)).toBe('source');
    expect(places.ofName(undefined, false)).toBe('source');
  });
});

describe('when the journal has not answered for long', () => {
  const leaseExpired = new ClusterRouting([catalogue, products, brands], 'source', { leaseExpired: true });

  it('the source is asked first whether it still has the leader', () => {
    const checked = { type: 'checked', names: ['catalogue'] };
    expect(leaseExpired.ofRequest('POST', '/catalogue-read/_search')).toEqual(checked);
    expect(leaseExpired.ofRequest('POST', '/catalogue-*/_search')).toEqual(checked);
    // a migration of this index may have begun meanwhile
    expect(leaseExpired.ofRequest('POST', '/brands-read/_search')).toEqual({
      type: 'checked',
      names: ['brands'],
    });
    expect(leaseExpired.ofRequest('POST', '/others/_search')).toEqual(source);
    const place = leaseExpired.ofRequest('POST', '/_msearch');
    const body = Buffer.from('{"index":"products"}\n{}\n');
    expect(place.type === 'body' && leaseExpired.ofBody(place, body)).toEqual({
      type: 'checked',
      names: ['products'],
    });
  });
});

it('no request is checked while all indexes are in one cluster', () => {
  const before = new ClusterRouting([brands], 'source');
  expect(before.active).toBe(false);
  expect(before.ofRequest('POST', '/*/_search')).toEqual(source);
  expect(new ClusterRouting([brands], 'source', { leaseExpired: true }).active).toBe(true);
  expect(new ClusterRouting([{ ...brands, moving: false }], 'source', { leaseExpired: true }).active).toBe(
    false,
  );
});
