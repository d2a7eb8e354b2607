import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isTwindexError } from '../errors.js';
import { badFiles } from '../../tests/golden/badFiles.js';
import { loadConfig } from './load.js';

const CLUSTER = "cluster: { nodes: ['http://localhost:9200'] }";

describe('loadConfig', () => {
  let root: string;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'twindex-load-'));
  });

  afterAll(async () => {
    await rm(root, { recursive: true, force: true });
  });

  /** Creates a folder with these files. */
  async function folder(files: Readonly<Record<string, string>>): Promise<string> {
    const cwd = await mkdtemp(join(root, 'case-'));
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(cwd, name)), { recursive: true });
      await writeFile(join(cwd, name), text);
    }
    return cwd;
  }

  it('keeps the keys of a YAML file as they are written, also those that look like numbers', async () => {
    const keys = ['1.10', '1.0', '1e3', '0x10', '007', '+5', '9007199254740993', 'true', '~'];
    const cwd = await folder({
      'twindex.config.yaml': 'cluster: { nodes: [http://localhost:9200] }\nindexes: [a.yaml]\n',
      'a.yaml': `name: a\nversion: 1\nmappings: { _meta: { ${keys.map((key) => `${key}: x`).join(', ')} } }\n`,
    });
    const { indexes } = await loadConfig({ cwd, env: {} });
    expect(Object.keys(indexes[0]?.mappings['_meta'] as object).sort()).toEqual(keys.sort());
  });

  it('reads a TypeScript configuration with index files in every format', async () => {
    const cwd = await folder({
      'twindex.config.ts': `import { defineConfig } from 'twindex';
        const nodes: string[] = ['https://a:9200', 'https://b:9200'];
        export default defineConfig({ cluster: { nodes, caFile: './ca.pem', auth: { apiKey: 'k' } }, indexes: ['./indexes/*'] });`,
      'indexes/a.ts': `import { defineIndex } from 'twindex';
        export default defineIndex({ name: 'a', version: 2, migrations: { 2: { up: (doc) => doc } } });`,
      'indexes/b.json': '{ "name": "b", "version": 1, "aliases": { "read": "b" } }',
      'indexes/c.yaml': 'name: c\nversion: 1\nmappings: { properties: { t: { type: text } } }\n',
      'indexes/d.js': `export default { name: 'd', version: 1, versioning: 'external', reingest: async function* () {} };`,
    });
    const config = await loadConfig({ cwd, env: {} });
    expect(config.file).toBe(join(cwd, 'twindex.config.ts'));
    expect(config.cluster).toMatchObject({
      nodes: ['https://a:9200', 'https://b:9200'],
      caFile: join(cwd, 'ca.pem'),
      auth: { apiKey: 'k' },
    });
    expect(config.indexes.map(({ name, aliases }) => ({ name, ...aliases }))).toEqual([
      { name: 'a', read: 'a-read', write: 'a-write' },
      { name: 'b', read: 'b', write: 'b-write' },
      { name: 'c', read: 'c-read', write: 'c-write' },
      { name: 'd', read: 'd-read', write: 'd-write' },
    ]);
    expect(config.indexes[0]?.migrations[2]?.up).toBeTypeOf('function');
    expect(config.indexes[2]).toMatchObject({
      mappings: { properties: { t: { type: 'text' } } },
      settings: {},
    });
    expect(config.indexes[3]).toMatchObject({ versioning: 'external', file: join(cwd, 'indexes/d.js') });
  });

  it('leaves $schema in JSON and YAML to editors', async () => {
    const cwd = await folder({
      'twindex.config.json': `{ "$schema": "./config.schema.json", "cluster": { "nodes": ["http://a"] }, "indexes": ["i/*"] }`,
      'i/a.json': '{ "$schema": "../index.schema.json", "name": "a", "version": 1 }',
      'i/b.yaml': '$schema: ../index.schema.json\nname: b\nversion: 1',
    });
    const { indexes } = await loadConfig({ cwd, env: {} });
    expect(indexes.map(({ name }) => name)).toEqual(['a', 'b']);
    await writeFile(join(cwd, 'i/b.yaml'), '$schema: 1\nname: b\nversion: 1');
    await expect(loadConfig({ cwd, env: {} })).rejects.toThrow('i/b.yaml: $schema: unknown key');
  });

  it('takes a name with a * for a family, whose aliases have one, too', async () => {
    const cwd = await folder({
      'twindex.config.yml': `${CLUSTER}\nindexes: ['*.json']`,
      'a.json': '{ "name": "tenant-*", "version": 2 }',
      'b.json': '{ "name": "tenant-big", "version": 3 }',
      'c.json': '{ "name": "*-log", "version": 1, "aliases": { "read": "*-log", "write": "*-log" } }',
    });
    const { indexes, families } = await loadConfig({ cwd, env: {} });
    expect(indexes.map(({ name }) => name)).toEqual(['tenant-big']);
    expect(families).toMatchObject([
      {
        pattern: 'tenant-*',
        version: 2,
        aliases: { read: 'tenant-*-read', write: 'tenant-*-write' },
        file: join(cwd, 'a.json'),
      },
      { pattern: '*-log', aliases: { read: '*-log', write: '*-log' } },
    ]);
    expect(families[0]).not.toHaveProperty('name');
  });

  it('takes the file that is named before TWINDEX_CONFIG, and that before the one in the folder', async () => {
    const config = (node: string) => `cluster: { nodes: ['http://${node}'] }\nindexes: ['a.json']`;
    const cwd = await folder({
      'twindex.config.yaml': config('folder'),
      'other/env.yml': config('env'),
      'given.yml': config('given'),
      'a.json': '{ "name": "a", "version": 1 }',
      'other/a.json': '{ "name": "o", "version": 1 }',
    });
    const env = { TWINDEX_CONFIG: 'other/env.yml' };
    expect((await loadConfig({ cwd, env: {} })).cluster.nodes).toEqual(['http://folder']);
    expect(await loadConfig({ cwd, env })).toMatchObject({
      cluster: { nodes: ['http://env'] },
      indexes: [{ name: 'o' }],
    });
    expect((await loadConfig({ file: 'given.yml', cwd, env })).cluster.nodes).toEqual(['http://given']);
  });

  it('fills environment variables into the cluster of JSON and YAML, and into nothing else', async () => {
    const cwd = await folder({
      'twindex.config.json': JSON.stringify({
        cluster: { nodes: ['http://${HOST}:9200'], auth: { username: 'u', password: '${A}-${B}' } },
        indexes: ['a.json'],
      }),
      'a.json': '{ "name": "a", "version": 1, "mappings": { "_meta": { "x": "${A}" } } }',
    });
    const config = await loadConfig({ cwd, env: { HOST: 'h', A: '1', B: '2' } });
    expect(config.cluster).toMatchObject({ nodes: ['http://h:9200'], auth: { password: '1-2' } });
    expect(config.indexes[0]?.mappings).toEqual({ _meta: { x: '${A}' } });
  });

  it('prefers the hooks of an index file to those of the configuration, each run in the folder of its file', async () => {
    const cwd = await folder({
      'twindex.config.yaml': `${CLUSTER}
indexes: ['indexes/*']
notify: 'https://u:\${PASSWORD}@h/all?x=1'
hooks:
  before: { cutover: 'echo \${PASSWORD}', switched: [{ url: 'https://h', headers: { key: '\${PASSWORD}' } }, a] }
`,
      'indexes/a.ts': `import { defineIndex } from 'twindex';
        export default defineIndex({ name: 'a', version: 1, notify: { url: 'http://h/a' },
          hooks: { before: { cutover: { command: 'b', timeoutMs: 5 } }, after: { ready: 'c' } } });`,
      'indexes/b.json': '{ "name": "b-*", "version": 1 }',
    });
    const { indexes, families } = await loadConfig({ cwd, env: { PASSWORD: 'p' } });
    const switched = [
      { url: 'https://h', headers: { key: 'p' }, timeoutMs: 60_000 },
      { command: 'a', folder: cwd, timeoutMs: 60_000 },
    ];
    const ofFile = { folder: join(cwd, 'indexes') };
    expect(indexes[0]?.hooks).toEqual({
      before: { cutover: [{ command: 'b', ...ofFile, timeoutMs: 5 }], switched },
      after: { ready: [{ command: 'c', ...ofFile, timeoutMs: 60_000 }] },
    });
    expect(indexes[0]?.notify).toEqual({ url: 'http://h/a' });
    expect(families[0]?.hooks).toEqual({
      before: { cutover: [{ command: 'echo ${PASSWORD}', folder: cwd, timeoutMs: 60_000 }], switched },
      after: {},
    });
    expect(families[0]?.notify).toEqual({ url: 'https://u:p@h/all?x=1' });
  });

  it('lets TWINDEX_URL go before the nodes, also when there are none', async () => {
    const env = { TWINDEX_URL: 'http://x:1, http://y:2' };
    const index = { 'a.json': '{ "name": "a", "version": 1 }' };
    const withNodes = await folder({ ...index, 'twindex.config.yml': `${CLUSTER}\nindexes: [a.json]` });
    const without = await folder({ ...index, 'twindex.config.yml': 'indexes: [a.json]' });
    for (const cwd of [withNodes, without]) {
      expect((await loadConfig({ cwd, env })).cluster.nodes).toEqual(['http://x:1', 'http://y:2']);
    }
  });

  it('reads each file again when it is loaded again', async () => {
    const cwd = await folder({
      'twindex.config.mjs': `export default { ${CLUSTER}, indexes: ['./a.ts'] }`,
      'a.ts': `export default { name: 'a', version: 1 }`,
    });
    await loadConfig({ cwd, env: {} });
    await writeFile(join(cwd, 'a.ts'), `export default { name: 'a', version: 2 }`);
    expect((await loadConfig({ cwd, env: {} })).indexes[0]?.version).toBe(2);
  });

  it.each(['cluster', 'source'])('shows no secret of a wrong %s', async (section) => {
    const wrong = [
      `auth: 's3cret'`,
      `auth: { username: 'u', password: 53210 }`,
      `nodes: 'http://u:s3cret@b:9200'`,
    ];
    for (const part of wrong) {
      const other = section === 'source' ? `${CLUSTER}, ` : '';
      const text = `export default { ${other}${section}: { ${part} }, indexes: [] }`;
      const cwd = await folder({ 'twindex.config.mjs': text });
      await expect(loadConfig({ cwd, env: {} })).rejects.toThrow(
        expect.objectContaining({ message: expect.not.stringMatching(/s3cret|53210/) }) as Error,
      );
    }
  });

  it('knows at least 30 wrong files', () => {
    expect(badFiles.length).toBeGreaterThanOrEqual(30);
  });

  it.each(badFiles)('says what is wrong: $title', async ({ title, files, env = {}, file }) => {
    const cwd = await folder(files);
    const error: unknown = await loadConfig({ cwd, env, file }).then(
      () => expect.unreachable('it was taken'),
      (thrown: unknown) => thrown,
    );
    if (!isTwindexError(error, 'config_invalid')) throw error;
    expect(error.message).not.toContain('s3cret');
    const message = error.message.replaceAll(cwd, '<folder>').replaceAll(root, '<above>');
    const golden = join(
      import.meta.dirname,
      '../../tests/golden/messages',
      `${title.replaceAll(/[^a-z0-9]+/gi, '-')}.txt`,
    );
    await expect(`${message}\n`).toMatchFileSnapshot(golden);
  });

  it('has no golden message without a test', async () => {
    const { readdir } = await import('node:fs/promises');
    const found = await readdir(join(import.meta.dirname, '../../tests/golden/messages'));
    const known = badFiles.map(({ title }) => `${title.replaceAll(/[^a-z0-9]+/gi, '-')}.txt`);
    expect(found.sort()).toEqual(known.sort());
    expect(new Set(known).size).toBe(known.length);
    expect(
      await readFile(join(import.meta.dirname, '../../tests/golden/messages', known[0] as string), 'utf8'),
    ).not.toBe('');
  });
});
