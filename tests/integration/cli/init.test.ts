import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createIndex } from '../../../src/cluster/indices/createIndex.js';
import { engineUrls, testCluster } from '../engine.js';
import { liveProject, printed, Project } from './project.js';

const [URL_OF_ENGINE = ''] = engineUrls;
const SETTINGS = { number_of_shards: 1, number_of_replicas: 0 };
const MAPPINGS = {
  properties: { price: { type: 'keyword' }, tags: { type: 'nested', properties: { n: { type: 'long' } } } },
};

// Beside other files, one of these tests fails now and then for a reason that is not known yet: once more is allowed, and Vitest
// reports it as flaky.
const ONCE_MORE = { retry: 1 };

describe('with a configuration', ONCE_MORE, () => {
  test('init writes an index file that plan finds no difference to, in every format', async () => {
    const project = await liveProject();
    for (const format of ['ts', 'json', 'yaml']) {
      const file = `again.${format}`;
      const ran = await project.run('init', 'NAME-read', '--format', format, '--out', file);
      expect(ran).toEqual({ code: 0, stdout: `${file}: NAME-v1 as NAME\n`, stderr: '' });
      const config = (await readFile(join(project.folder, 'twindex.config.json'), 'utf8')).replace(
        './index.json',
        `./${file}`,
      );
      await project.write('other.config.json', config);
      expect((await project.run('plan', '--check', '--config', 'other.config.json')).code).toBe(0);
    }
  });

  test('init overwrites no file', async () => {
    const project = await liveProject();
    const { code, stderr } = await project.run('init', 'NAME-v1', '--out', 'index.json');
    expect(code).toBe(1);
    expect(stderr).toContain('error[usage]: --out: cannot write index.json (EEXIST');
  });

  test('init of what does not exist says so, and suggests what does', async () => {
    const project = await liveProject();
    const missing = await project.run('init', 'NAME-raed');
    expect(missing).toMatchObject({ code: 1, stdout: '' });
    expect(missing.stderr).toBe(
      printed('not_found', 'there is no index or alias NAME-raed. Did you mean NAME-read?'),
    );
  });

  test('init --write writes only what no file declares', async () => {
    const project = await liveProject();
    await createIndex(await testCluster(), `${project.name}-b`, { settings: SETTINGS, mappings: MAPPINGS });
    const { code, stdout } = await project.run('init', 'NAME*', '--write', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      config: { file: 'twindex.config.json', written: false },
      indexes: [
        { name: 'NAME', file: 'index.json', written: false },
        { name: 'NAME-b', file: 'indexes/NAME-b.json', written: true },
      ],
      notFound: ['indexes/NAME-b.json'],
    });
  });

  test('init refuses --url of another cluster', async () => {
    const project = await liveProject();
    const { code, stderr } = await project.run('init', '--url', 'http://other:9200');
    expect(code).toBe(1);
    expect(stderr).toContain('names another cluster');
  });

  test('types prints the documents of the index file, or of the live index', async () => {
    const project = await liveProject();
    await project.declare(2, MAPPINGS);
    const declared = await project.run('types', 'NAME', '--type', 'Book');
    expect(declared.stdout).toContain('The documents of NAME, version 2 (index.json)');
    expect(declared.stdout).toContain('  tags?: {\n    n?: number | bigint;\n  }[];\n');
    const file = 'types/bookV1.ts';
    expect((await project.run('types', 'NAME', '--live', '--out', file)).code).toBe(0);
    const text = await readFile(join(project.folder, file), 'utf8');
    expect(text).toContain('The documents of the live index NAME-v1'.replace('NAME', project.name));
    expect(text).not.toContain('tags');
    expect((await project.run('types', 'NAME', '--out', 'index.json')).stderr).toContain('is left as it is');
    expect((await project.run('types', 'NAMES')).stderr).toContain('Did you mean NAME');
  });
});

/** An empty folder, and three indexes of the cluster whose names begin with the project's. */
async function emptyProject(): Promise<Project> {
  const project = await Project.create();
  for (const file of await readdir(project.folder)) await rm(join(project.folder, file));
  const cluster = await testCluster();
  const body = { settings: SETTINGS, mappings: MAPPINGS };
  const { name } = project;
  await createIndex(cluster, `${name}-books-v3`, {
    ...body,
    aliases: { [`${name}-read`]: {}, [`${name}-write`]: {} },
  });
  await createIndex(cluster, `${name}-products_20240101120000000`, {
    ...body,
    aliases: { [`${name}-products`]: {} },
  });
  await createIndex(cluster, `${name}-products_20231231120000000`, body);
  return project;
}

describe('without a configuration', ONCE_MORE, () => {
  test('init writes the configuration and index files, and plan finds no difference', async () => {
    const project = await emptyProject();
    const { code, stdout, stderr } = await project.run('init', '--url', URL_OF_ENGINE, 'NAME*');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.replaceAll(/ {2,}/g, ' ').split('\n');
    expect(lines[0]).toMatch(/^twindex\.config\.ts http\S+ \((OpenSearch|Elasticsearch) [\d.]+\)$/);
    expect(lines.slice(1)).toEqual([
      'indexes/NAME-books.ts NAME-books-v3: readers use NAME-read, writers use NAME-write',
      'indexes/NAME-products.ts NAME-products_20240101120000000: readers and writers use the alias NAME-products, as Searchkick names its indexes',
      'left out: NAME-products_20231231120000000 (it has no alias, and NAME-products_20240101120000000 is the present index of NAME-products)',
      'next: change an index file, and see what the change needs: twindex plan',
      '',
    ]);
    expect((await project.run('plan', '--check')).code).toBe(0);

    const before = await readFile(join(project.folder, 'twindex.config.ts'), 'utf8');
    const again = await project.run('init', '--url', URL_OF_ENGINE, 'NAME*');
    expect(again).toMatchObject({ code: 0, stderr: '' });
    expect(again.stdout.match(/existed already, and is unchanged/g)).toHaveLength(3);
    expect(await readFile(join(project.folder, 'twindex.config.ts'), 'utf8')).toBe(before);
  });

  test('init writes no password, and nothing at all when nothing matches', async () => {
    const project = await emptyProject();
    const secret = URL_OF_ENGINE.replace('://', '://me:s3cret@');
    const missing = await project.run('init', '--url', secret, 'NAME-boks');
    expect(missing).toMatchObject({ code: 1, stdout: '' });
    expect(missing.stderr).toBe(
      printed('not_found', 'there is no index or alias NAME-boks. Did you mean NAME-books-v3?'),
    );
    expect(await readdir(project.folder)).toEqual([]);

    const { stdout } = await project.run('init', '--url', secret, 'NAME-books');
    expect(stdout).toContain('user and password were not written to a file');
    const files = await readdir(project.folder, { recursive: true, withFileTypes: true });
    const texts = await Promise.all(
      files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name), 'utf8')),
    );
    expect(texts).toHaveLength(2);
    expect(texts.join('') + stdout).not.toContain('s3cret');
  });
});
