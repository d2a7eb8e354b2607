// One schema, written in many ways: whichever way the live index was created, no other way is a difference.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../src/cluster/cluster.js';
import { getIndexes } from '../../src/cluster/indices/getIndex.js';
import { diffSchema, type Schema } from '../../src/schema/diff.js';
import { renderIndexFile } from '../../src/schema/render.js';
import { testCluster, uniqueName } from './engine.js';

const analyzer = { title: { type: 'custom', tokenizer: 'standard', filter: ['lowercase', 'stops'] } };
const filter = { stops: { type: 'stop', stopwords: ['a', 'the'], ignore_case: true } };
const normalizer = { low: { type: 'custom', filter: ['lowercase'] } };

/** Every way overrides a part of this one. */
const settings = {
  index: {
    number_of_shards: 2,
    number_of_replicas: 0,
    refresh_interval: '120s',
    max_result_window: 20_000,
    analysis: { analyzer, filter, normalizer },
  },
};

const title = { type: 'text', analyzer: 'title', fields: { raw: { type: 'keyword', ignore_above: 256 } } };
const plain = { type: 'text' };
const price = { type: 'double' };
const tags = { type: 'keyword', normalizer: 'low', copy_to: ['all', 'more'] };
const maker = {
  properties: { name: { type: 'keyword' }, address: { properties: { city: { type: 'keyword' } } } },
};
const parts = { type: 'nested', properties: { sku: { type: 'keyword' }, stock: { type: 'integer' } } };
const bag = { type: 'object', enabled: false };
const added = { type: 'date' };
const all = plain;
const more = plain;
const place = { type: 'geo_point', null_value: { lat: 1, lon: 2 } };
const words = [{ words: { match_mapping_type: 'string', match: 'w_*', mapping: { type: 'keyword' } } }];
const properties = { title, plain, price, tags, maker, parts, bag, added, all, more, place };
const mappings = { dynamic: 'strict', _meta: { owner: 'search' }, dynamic_templates: words, properties };

function withFields(changed: object): object {
  return { ...mappings, properties: { ...properties, ...changed } };
}

function withAnalysis(changed: object): object {
  return { index: { ...settings.index, analysis: { ...settings.index.analysis, ...changed } } };
}

const ways: Readonly<Record<string, { mappings?: object; settings?: object }>> = {
  'as it is': {},
  'settings without the index level': { settings: settings.index },
  'settings with dotted names': {
    settings: {
      'index.number_of_shards': 2,
      'index.number_of_replicas': 0,
      'index.refresh_interval': '120s',
      'index.max_result_window': 20_000,
      'index.analysis.analyzer.title.type': 'custom',
      'index.analysis.analyzer.title.tokenizer': 'standard',
      'index.analysis.analyzer.title.filter': ['lowercase', 'stops'],
      'index.analysis.filter.stops': filter.stops,
      'index.analysis.normalizer.low': normalizer.low,
    },
  },
  'settings in a mix of styles': {
    settings: {
      number_of_shards: '2',
      'index.number_of_replicas': 0,
      index: { refresh_interval: '120s', 'analysis.analyzer': analyzer, analysis: { filter } },
      max_result_window: 20_000,
      'analysis.normalizer': normalizer,
    },
  },
  'numbers and booleans as texts': {
    settings: {
      index: {
        ...settings.index,
        number_of_shards: '2',
        number_of_replicas: '0',
        max_result_window: '20000',
        analysis: { analyzer, normalizer, filter: { stops: { ...filter.stops, ignore_case: 'true' } } },
      },
    },
    mappings: withFields({
      title: { ...title, fields: { raw: { type: 'keyword', ignore_above: '256' } } },
      bag: { type: 'object', enabled: 'false' },
    }),
  },
  'a duration in another unit': { settings: { index: { ...settings.index, refresh_interval: '2m' } } },
  'settings that say the default': {
    settings: { index: { ...settings.index, codec: 'default', max_inner_result_window: 100, hidden: false } },
  },
  'settings that are null': {
    settings: { index: { ...settings.index, codec: null, max_rescore_window: null } },
  },
  'lists of filters as a text with commas': {
    settings: withAnalysis({
      analyzer: { title: { ...analyzer.title, filter: 'lowercase, stops' } },
      filter: { stops: { ...filter.stops, stopwords: 'a,the' } },
      normalizer: { low: { type: 'custom', filter: 'lowercase' } },
    }),
  },
  'custom analyzers without their type': {
    settings: withAnalysis({
      analyzer: { title: { tokenizer: 'standard', filter: ['lowercase', 'stops'], char_filter: [] } },
      normalizer: { low: { filter: ['lowercase'] } },
    }),
  },
  'other order of keys': {
    settings: { index: Object.fromEntries(Object.entries(settings.index).toReversed()) },
    mappings: {
      properties: Object.fromEntries(Object.entries(properties).toReversed()),
      dynamic_templates: words,
      _meta: { owner: 'search' },
      dynamic: 'strict',
    },
  },
  'dotted field names': {
    mappings: withFields({
      maker: undefined,
      'maker.name': { type: 'keyword' },
      'maker.address.city': { type: 'keyword' },
    }),
  },
  'dotted field names beside nested ones': {
    mappings: withFields({
      maker: { properties: { name: { type: 'keyword' } } },
      'maker.address': { type: 'object', properties: { city: { type: 'keyword' } } },
    }),
  },
  'type object written out': {
    mappings: withFields({
      maker: {
        type: 'object',
        properties: {
          name: { type: 'keyword' },
          address: { type: 'object', properties: { city: { type: 'keyword' } } },
        },
      },
    }),
  },
  'dynamic repeated in objects': {
    mappings: withFields({ maker: { ...maker, dynamic: 'strict' }, parts: { ...parts, dynamic: 'strict' } }),
  },
  'parameters that say the default': {
    mappings: withFields({
      title: {
        ...title,
        index: true,
        norms: true,
        store: false,
        index_options: 'positions',
        term_vector: 'no',
      },
      plain: {
        type: 'text',
        analyzer: 'standard',
        similarity: 'BM25',
        position_increment_gap: 100,
        fielddata: false,
      },
      price: {
        type: 'double',
        index: true,
        doc_values: true,
        coerce: true,
        ignore_malformed: false,
        store: false,
      },
      tags: { ...tags, doc_values: true, ignore_above: 2147483647, norms: false, index_options: 'docs' },
      added: { type: 'date', format: 'strict_date_optional_time||epoch_millis' },
      bag: { type: 'object', enabled: false, properties: {} },
      parts: { ...parts, include_in_parent: false, include_in_root: false },
    }),
  },
  'search analyzers that repeat the analyzer': {
    mappings: withFields({
      title: { ...title, search_analyzer: 'title', search_quote_analyzer: 'title' },
      plain: { type: 'text', analyzer: 'standard', search_analyzer: 'standard' },
    }),
  },
  'the standard analyzer as default': {
    mappings: withFields({ plain: { type: 'text', analyzer: 'default' } }),
  },
  'copy_to in another order': { mappings: withFields({ tags: { ...tags, copy_to: ['more', 'all'] } }) },
  'empty fields, meta and properties': {
    mappings: withFields({
      price: { ...price, meta: {}, fields: {} },
      added: { ...added, copy_to: [] },
      bag: { ...bag, properties: {} },
    }),
  },
  'a point as a text': { mappings: withFields({ place: { type: 'geo_point', null_value: '1,2' } }) },
  'a point as a list': { mappings: withFields({ place: { type: 'geo_point', null_value: [2, 1] } }) },
  'root parameters that say the default': {
    mappings: {
      ...mappings,
      date_detection: true,
      numeric_detection: false,
      _source: { enabled: true },
      _routing: { required: false },
    },
  },
  'a matcher as a list of one': {
    mappings: {
      ...mappings,
      dynamic_templates: [
        {
          words: {
            match: ['w_*'],
            match_pattern: 'simple',
            match_mapping_type: 'string',
            mapping: { type: 'keyword', index: true },
          },
        },
      ],
    },
  },
  "our own _meta beside the user's": {
    mappings: { ...mappings, _meta: { owner: 'search', twindex: { name: 'x', version: 3 } } },
  },
};

describe('one schema written in many ways', () => {
  let cluster: Cluster;
  const prefix = uniqueName('same');
  let created = 0;

  beforeAll(async () => {
    cluster = await testCluster();
  });

  async function createLive(way: { mappings?: object; settings?: object }): Promise<Schema> {
    const index = `${prefix}-${++created}`;
    await cluster.connection.json({ method: 'PUT', path: `/${index}`, body: schemaOf(way) });
    const [live] = await getIndexes(cluster, index);
    if (!live) throw new Error(`${index} is gone`);
    return live;
  }

  function schemaOf(way: { mappings?: object; settings?: object }): Schema {
    return JSON.parse(JSON.stringify({ settings, mappings, ...way })) as Schema;
  }

  it('has at least 20 ways', () => {
    expect(Object.keys(ways).length).toBeGreaterThanOrEqual(20);
  });

  it('finds no difference between a live index and any other way to write its schema', async () => {
    const live = await createLive({});
    for (const [name, way] of Object.entries(ways)) {
      expect({ name, changes: diffSchema(live, schemaOf(way), cluster.engine) }).toEqual({
        name,
        changes: [],
      });
    }
  });

  it('finds no difference to the plain way, whichever way the live index was created', async () => {
    for (const [name, way] of Object.entries(ways)) {
      if (name === 'a matcher as a list of one' && cluster.engine.name === 'opensearch') continue; // it takes texts only
      const live = await createLive(way);
      expect({ name, changes: diffSchema(live, schemaOf({}), cluster.engine) }).toEqual({
        name,
        changes: [],
      });
      expect({ name, changes: diffSchema(live, schemaOf(way), cluster.engine) }).toEqual({
        name,
        changes: [],
      });
    }
  });

  it('finds no difference after documents have added fields to a dynamic mapping', async () => {
    const dynamic = { mappings: { properties: { title: { type: 'text' } } }, settings: {} };
    const live = await createLive(dynamic);
    const index = `${prefix}-${created}`;
    const document = {
      title: 'x',
      text: 'y',
      n: 1,
      f: 1.5,
      b: true,
      d: '2026-01-01',
      o: { deep: { list: ['a'] } },
    };
    await cluster.connection.json({ method: 'PUT', path: `/${index}/_doc/1`, body: document });
    const [written] = await getIndexes(cluster, index);
    expect(Object.keys(written?.mappings.properties as object)).toHaveLength(7);
    expect(diffSchema(written as Schema, dynamic, cluster.engine)).toEqual([]);
    const strict = { ...dynamic, mappings: { ...dynamic.mappings, dynamic: 'strict' } };
    expect(diffSchema(written as Schema, strict, cluster.engine).map(({ needs }) => needs)).toContain(
      'new-version',
    );
    expect(diffSchema(live, dynamic, cluster.engine)).toEqual([]);
  });

  it('writes an index file from a live index that is no difference to it and can be created again', async () => {
    const fields = { t: { type: 'text', analyzer: 'standard', search_analyzer: 'title' } };
    const live = await createLive({ mappings: withFields(fields) });
    const aliases = { read: 'r', write: 'w' };
    const text = renderIndexFile({ name: 'n', version: 1, aliases, ...live, format: 'json' });
    const { settings: declared, mappings: fieldsOfFile } = JSON.parse(text) as Schema;
    const file = { settings: declared, mappings: fieldsOfFile };
    expect(diffSchema(live, file, cluster.engine)).toEqual([]);
    expect(diffSchema(await createLive(file), file, cluster.engine)).toEqual([]);
  });
});
