import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exactNumber, parseJson, printJson } from '../json/exactJson.js';
import { diffSchema } from './diff.js';
import { loadConfig } from './load.js';
import { normaliseMappings } from './normalise.js';
import { type IndexFileFormat, renderIndexFile } from './render.js';
import type { IndexDefinition } from './types.js';
import type { JsonObject } from '../json/jsonTypes.js';

const live = {
  settings: {
    index: {
      uuid: 'x',
      number_of_shards: '3',
      refresh_interval: '-1',
      hidden: 'true',
      analysis: { char_filter: { c: { type: 'mapping', mappings: ["it's => it is", '"a\\b" => b'] } } },
    },
  },
  mappings: {
    dynamic: 'false',
    _meta: { owner: 'search', twindex: { version: 7 } },
    properties: {
      'not-plain': { properties: { n: { type: 'long', coerce: true } }, dynamic: 'strict' },
      t: {
        type: 'text',
        analyzer: 'standard',
        search_analyzer: 'simple',
        fields: { raw: { type: 'keyword' } },
      },
    },
  },
};
const index = { name: 'catalogue', version: 2, aliases: { read: 'r', write: 'w' }, ...live };

const ENGINE = { name: 'opensearch', version: '3.8.0', major: 3 } as const;

async function load(text: string, format: IndexFileFormat): Promise<IndexDefinition> {
  const cwd = await mkdtemp(join(tmpdir(), 'twindex-render-'));
  try {
    await writeFile(join(cwd, `catalogue.${format}`), text);
    await writeFile(join(cwd, 'twindex.config.yaml'), `indexes: [catalogue.${format}]`);
    const { indexes } = await loadConfig({ cwd, env: { TWINDEX_URL: 'http://localhost:9200' } });
    return indexes[0] as IndexDefinition;
  } finally {
    await rm(cwd, { recursive: true });
  }
}

describe('renderIndexFile', () => {
  it('writes a TypeScript file that reads as if a person had written it', () => {
    expect(renderIndexFile({ ...index, format: 'ts' })).toBe(`import { defineIndex } from 'twindex';

export default defineIndex({
  name: 'catalogue',
  version: 2,
  aliases: { read: 'r', write: 'w' },
  settings: {
    analysis: { char_filter: { c: { mappings: ['it\\'s => it is', '"a\\\\b" => b'], type: 'mapping' } } },
    hidden: true,
    number_of_shards: 3,
    refresh_interval: -1,
  },
  mappings: {
    _meta: { owner: 'search' },
    dynamic: false,
    properties: {
      'not-plain': { type: 'object', dynamic: 'strict', properties: { n: { type: 'long' } } },
      t: {
        type: 'text',
        analyzer: 'default',
        search_analyzer: 'simple',
        fields: { raw: { type: 'keyword' } },
      },
    },
  },
});
`);
  });

  it.each<[IndexFileFormat]>([['ts'], ['json'], ['yaml']])(
    'writes %s that is no difference when it is loaded',
    async (format) => {
      const loaded = await load(renderIndexFile({ ...index, format }), format);
      expect(loaded).toMatchObject({ name: 'catalogue', version: 2, aliases: { read: 'r', write: 'w' } });
      expect(diffSchema(live, loaded, ENGINE)).toEqual([]);
    },
  );
});

describe('parts that the types of index files do not know', () => {
  const render = (mappings: JsonObject, settings: JsonObject = {}): string =>
    renderIndexFile({ ...index, mappings, settings, format: 'ts' });

  it.each([
    [
      'a field type of a plugin',
      { type: 'colour', space: 'lab' },
      "colour: unchecked({ type: 'colour', space: 'lab' })",
    ],
    ['a new parameter', { type: 'keyword', shiny: 1 }, "colour: unchecked({ type: 'keyword', shiny: 1 })"],
    [
      'a new value',
      { type: 'text', term_vector: 'all' },
      "colour: unchecked({ type: 'text', term_vector: 'all' })",
    ],
    [
      'a part of an object',
      { properties: { x: { type: 'colour' } } },
      "properties: { x: unchecked({ type: 'colour' }) } }",
    ],
  ])('are not checked: %s', async (_, colour, text) => {
    const file = render({ properties: { title: { type: 'text' }, colour } });
    expect(file).toContain("import { defineIndex, unchecked } from 'twindex';");
    expect(file).toContain(text);
    expect(file).toContain("title: { type: 'text' }");
    expect((await load(file, 'ts')).mappings['properties']).toMatchObject({ colour });
  });

  it('are whole settings or mappings, if a key of these is unknown', () => {
    expect(render({}, { 'my_plugin.level': 3 })).toContain('settings: unchecked({');
    expect(render({ _shiny: { enabled: true } })).toContain('mappings: unchecked({');
  });

  it('are no part of a common index', () => {
    expect(render(live.mappings, live.settings)).not.toContain('unchecked');
  });
});

const HOSTILE = parseJson(
  '{"long":9007199254740993,"same":9007199254740992,"unsigned":18446744073709551615,"one":1,"oneDecimal":1.0,' +
    '"small":1.0E-7,"large":1.0E10,"minusZero":-0.0,"negative":-9223372036854775808,"digits":[0.1,1.1,2.0],' +
    '"__proto__":{"x":1.0},"constructor":2,"toString":"1.0","hasOwnProperty":{"__proto__":9007199254740993},' +
    '"texts":["9007199254740993","1e3","0x10","~","yes"]}',
) as JsonObject;

describe('numbers and keys that JavaScript changes', () => {
  it.each(['ts', 'json', 'yaml'] as const)('are the same when a %s file is loaded again', async (format) => {
    const mappings = {
      _meta: HOSTILE,
      properties: { n: { type: 'long', null_value: exactNumber('9007199254740993') } },
    };
    const loaded = await load(renderIndexFile({ ...index, mappings, format }), format);
    expect(printJson(loaded.mappings['_meta'])).toBe(
      printJson(normaliseMappings({ _meta: HOSTILE })['_meta']),
    );
    expect(diffSchema({ mappings, settings: index.settings }, loaded, ENGINE)).toEqual([]);
  });
});
