import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diffSchema } from './diff.js';
import { loadConfig } from './load.js';
import { type IndexFileFormat, renderIndexFile } from './render.js';

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
      const cwd = await mkdtemp(join(tmpdir(), 'twindex-render-'));
      try {
        await writeFile(join(cwd, `catalogue.${format}`), renderIndexFile({ ...index, format }));
        await writeFile(join(cwd, 'twindex.config.yaml'), `indexes: [catalogue.${format}]`);
        const { indexes } = await loadConfig({ cwd, env: { TWINDEX_URL: 'http://localhost:9200' } });
        const [loaded] = indexes;
        expect(loaded).toMatchObject({ name: 'catalogue', version: 2, aliases: { read: 'r', write: 'w' } });
        const engine = { name: 'opensearch', version: '3.8.0', major: 3 } as const;
        expect(diffSchema(live, loaded ?? live, engine)).toEqual([]);
      } finally {
        await rm(cwd, { recursive: true });
      }
    },
  );
});
