import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { configSchema } from './configSchema.js';
import { indexSchema } from './indexSchema.js';

const root = new URL('../../', import.meta.url);
const read = (path: string): Promise<string> => readFile(new URL(path, root), 'utf8');

async function validatorOf(name: string): Promise<z.ZodType> {
  const schema: unknown = JSON.parse(await read(`schemas/${name}.schema.json`));
  return z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
}

const validators = { config: await validatorOf('config'), index: await validatorOf('index') };

test('schemas/ is what `npm run docs:schemas` writes', { timeout: 60_000 }, async () => {
  const { drawSchemas } = (await import(new URL('scripts/drawSchemas.js', root).href)) as {
    drawSchemas: (...schemas: z.ZodType[]) => Record<string, string>;
  };
  for (const [name, text] of Object.entries(drawSchemas(configSchema, indexSchema))) {
    expect(await read(`schemas/${name}`), name).toBe(text);
  }
});

test('the schema accepts the index files of all cases', async () => {
  const schema = validators.index;
  const folders = await readdir(new URL('tests/cases/', root), { withFileTypes: true });
  let files = 0;
  for (const { name: folder } of folders.filter((entry) => entry.isDirectory())) {
    for (const name of await readdir(new URL(`tests/cases/${folder}/`, root))) {
      if (!/^index.*\.(json|yaml)$/.test(name)) continue;
      const result = schema.safeParse(parse(await read(`tests/cases/${folder}/${name}`)));
      expect(result.error?.issues ?? [], `${folder}/${name}`).toEqual([]);
      files++;
    }
  }
  expect(files).toBeGreaterThan(100);
});

test('the schema accepts the JSON index files of the docs', async () => {
  const schema = validators.index;
  const examples = [...(await read('docs/index-files.md')).matchAll(/```json\n(\{[^`]*"\$schema"[^`]*)```/g)];
  expect(examples).not.toEqual([]);
  for (const [, text = ''] of examples) expect(schema.safeParse(JSON.parse(text)).error).toBeUndefined();
});

const CONFIG = { cluster: { nodes: ['http://localhost:9200'] }, indexes: ['./indexes/*.json'] };

test.each([
  ['a configuration', 'config', CONFIG, true],
  ['a configuration whose addresses TWINDEX_URL names', 'config', { indexes: CONFIG.indexes }, true],
  [
    'hooks',
    'config',
    { ...CONFIG, hooks: { before: { cutover: ['./check.sh', { url: 'https://a/b' }] } } },
    true,
  ],
  ['a misspelt key', 'config', { ...CONFIG, clutser: {} }, false],
  ['no indexes', 'config', { cluster: CONFIG.cluster }, false],
  [
    'credentials of two kinds',
    'config',
    { ...CONFIG, cluster: { auth: { username: 'a', password: 'b', apiKey: 'c' } } },
    false,
  ],
  ['an index file', 'index', { $schema: './s.json', name: 'a', version: 1 }, true],
  ['an index file without a version', 'index', { name: 'a' }, false],
  ['a function as a text', 'index', { name: 'a', version: 2, migrations: { 2: { up: 'x' } } }, false],
  ['an overlap above 1', 'index', { name: 'a', version: 1, acceptance: { overlapAt10: 2 } }, false],
] as const)('%s', (_, schema, value, accepted) => {
  expect(validators[schema].safeParse(value).success).toBe(accepted);
});
