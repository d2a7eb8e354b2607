// The programmatic interface on a real engine: the examples of its comments, those of examples/api, and what a run
// leaves when it is stopped.
import { Client } from '@opensearch-project/opensearch';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, it, onTestFinished } from 'vitest';
import { books, booksV1 } from '../../examples/api/books.js';
import { deploy } from '../../examples/api/deploy.js';
import { release } from '../../examples/api/release.js';
import { startService } from '../../examples/api/service.js';
import * as twindexModule from '../../src/index.js';
import { Project } from './cli/project.js';
import { deleteIndexesOf, engineName, engineUrls, liveDocuments, testCluster, uniqueName } from './engine.js';

const { createTwindex } = twindexModule;

process.env['TWINDEX_URL'] = engineUrls[0];
// The tests in this file register themselves.
await import('../../examples/api/books.test.js');

const settings = { number_of_shards: 1, number_of_replicas: 0 };
const shape = (type: 'keyword' | 'double') => ({ properties: { price: { type } } });
const open = (name: string, version: number) =>
  createTwindex({
    cluster: { nodes: engineUrls },
    indexes: [{ name, version, settings, mappings: shape(version === 1 ? 'keyword' : 'double') }],
  });

/** Version 1 is live, with three documents. */
async function liveIndex(): Promise<string> {
  const name = uniqueName('api');
  await using twindex = open(name, 1);
  await twindex.migrate(name);
  const { connection } = await testCluster();
  for (const id of ['1', '2', '3'])
    await connection.json({
      method: 'PUT',
      path: `/${name}-write/_doc/${id}`,
      query: { refresh: true },
      body: { price: id },
    });
  return name;
}

const FAST = { graceMs: 300, leaseMs: 2_000 } as const;

interface Example {
  readonly of: string;
  readonly code: string;
}

/** The examples in the comments of a file, in their order. */
function examplesIn(path: string): Example[] {
  const file = join(import.meta.dirname, '../..', path);
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2023, true);
  const found: Example[] = [];
  const visit = (node: ts.Node): void => {
    for (const tag of ts.getJSDocTags(node))
      if (tag.parent.parent === node && tag.tagName.text === 'example')
        found.push({
          of: (node as ts.MethodSignature).name?.getText() ?? '',
          code: ts.getTextOfJSDocComment(tag.comment) ?? '',
        });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

type Run = (twindex: typeof twindexModule, log: { log: (...values: unknown[]) => void }) => Promise<void>;

/** What an example prints when it migrates the index `name`. */
async function printed({ code }: Example, name: string): Promise<unknown[][]> {
  const { outputText } = ts.transpileModule(code.replaceAll("'catalogue'", `'${name}'`), {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  const body = outputText
    .replace(/import (\{.*\}) from 'twindex';/, 'const $1 = twindex_;')
    .replace('export {};', '');
  const AsyncFunction = (async () => undefined).constructor as new (...texts: string[]) => Run;
  const lines: unknown[][] = [];
  await new AsyncFunction('twindex_', 'console', body)(twindexModule, {
    log: (...values) => lines.push(values),
  });
  return lines;
}

/** Runs the examples of a comment of `Twindex` in a folder whose configuration declares version 2. */
async function examplesFor(name: string): Promise<(of: string) => Promise<unknown[]>> {
  const project = await Project.create();
  const index = { name, version: 2, settings, mappings: shape('double') };
  await project.write('index.json', JSON.stringify(index));
  return async (of) => {
    // the project puts the folder back when the test ends
    process.chdir(project.folder);
    const example = EXAMPLES.find((one) => one.of === of);
    if (!example) throw new Error(`${of} has no example`);
    ran.add(of);
    return (await printed(example, name)).at(-1) ?? [];
  };
}

const EXAMPLES = examplesIn('src/api/twindex.ts');
/** The functions whose example was run. */
const ran = new Set<string>();

it('the examples in the comments do what they say', async () => {
  const name = await liveIndex();
  const run = await examplesFor(name);
  expect(await run('plan')).toEqual(['new-version', ['mappings.properties.price.type'], 0]);
  expect(await run('planAll')).toEqual([]);
  expect(await run('migrate')).toEqual(['ready', 3]);
  expect(await run('status')).toEqual(['ready', `${name}-v1`, `${name}-v1`, []]);
  expect(await run('statusAll')).toEqual([expect.any(Number)]);
  expect(await run('pause')).toEqual([true]);
  expect(await run('resume')).toEqual([false]);
  expect(await run('cutover')).toEqual(['cutover', `${name}-v2`]);
  expect(await run('verify')).toEqual([true, 3, []]);
  const back = [expect.stringMatching(/^(verifying|ready)$/), `${name}-v1`, `${name}-v1`];
  expect(await run('rollback')).toEqual(back);
  await using twindex = open(name, 2);
  await twindex.migrate(name, { ...FAST, until: 'ready' });
  expect(await run('switch')).toEqual([`${name}-v2`, [expect.any(Number)]]);
  expect(await run('finalize')).toEqual(['finalized']);
  expect(await run('gateway')).toEqual([expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/)]);
  expect(await run('close')).toEqual([expect.any(Number)]);
});

it('a run that is stopped is continued by the same call; one that stays is steered as its events say', async () => {
  const name = await liveIndex();
  await using twindex = open(name, 2);
  const stopped = new AbortController();
  const reason = new Error('enough');
  const first = twindex.migrate(name, { ...FAST, until: 'switched', signal: stopped.signal });
  const stop = async (): Promise<void> => {
    for await (const event of first)
      if (event.event === 'reached' && event.phase === 'verifying') stopped.abort(reason);
  };
  await expect(stop()).rejects.toBe(reason);
  const { coordinator, readers } = await twindex.status(name);
  expect({ coordinator, readers }).toEqual({ coordinator: undefined, readers: `${name}-v1` });

  const run = twindex.migrate(name, { ...FAST, until: 'cutover', stay: true });
  for await (const event of run)
    if (event.event === 'reached' && event.phase === 'cutover') await twindex.finalize(name);
  expect(await run).toMatchObject({
    outcome: 'migrated',
    index: `${name}-v2`,
    migration: { phase: 'finalized', evidence: { copied: 3, differences: 0 } },
  });
  expect((await liveDocuments(await testCluster(), `${name}-read`)).size).toBe(3);
  expect(await twindex.migrate(name)).toMatchObject({ outcome: 'unchanged', index: `${name}-v2` });
});

it('what would not be safe is refused with a code, before anything is changed', async () => {
  const name = await liveIndex();
  await using twindex = open(name, 2);
  const plan = await twindex.plan(name);
  await using other = open(name, 3);
  const refused = { name: 'TwindexError', code: 'plan_stale' };
  const { kind, fingerprint } = plan;
  await expect(other.migrate(name, { plan: { kind, fingerprint } })).rejects.toMatchObject(refused);
  await expect(twindex.status(name)).rejects.toMatchObject({ code: 'not_found' });
  await expect(twindex.cutover(name)).rejects.toMatchObject({ code: 'not_found' });
  await expect(twindex.verify(name)).rejects.toMatchObject({ code: 'not_found' });
  await expect(twindex.plan('nobody')).rejects.toMatchObject({ code: 'not_found' });
  expect(await twindex.plan(name)).toEqual(plan);
});

it('examples/api/deploy.ts moves nobody to an index that fails its test', async () => {
  const name = await liveIndex();
  await using twindex = open(name, 2);
  const failing = deploy(twindex, () => Promise.reject(new Error('no prices')), FAST);
  await expect(failing).rejects.toThrow('no prices');
  expect(await twindex.status(name)).toMatchObject({ phase: 'aborted', readers: `${name}-v1` });
  expect(await (await examplesFor(name))('abort')).toEqual(['aborted']);
  const tested: string[] = [];
  const moved = await deploy(twindex, async (index) => void tested.push(index), FAST);
  expect(tested).toEqual([`${name}-v2`]);
  expect(moved).toMatchObject([{ phase: 'switched', readers: `${name}-v2`, writers: `${name}-v2` }]);
  expect(EXAMPLES.map(({ of }) => of).filter((of) => !ran.has(of))).toEqual([]);
});

it.runIf(engineName === 'opensearch')(
  'examples/api: the service writes while its release job migrates',
  async () => {
    const url = engineUrls[0] as string;
    onTestFinished(() => deleteIndexesOf(['books-v']));
    await using before = createTwindex({ cluster: { nodes: [url] }, indexes: [booksV1] });
    await before.migrate('books');
    const service = await startService(new Client({ node: url }), 1);
    onTestFinished(() => service.close());
    await service.save('1', { title: 'The Leopard', price: '9.50 EUR' });
    const lines: string[] = [];
    const { migration } = await release(url, (line) => lines.push(line), FAST);
    await service.save('2', { title: 'Stoner', price: '12.00 EUR' });
    expect(migration).toMatchObject({ phase: 'switched', writers: 'books-v2' });
    expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toContain('reached');
    const documents = await liveDocuments<{ price: number }>(await testCluster(), 'books-read');
    expect([...documents.values()].map(({ price }) => price)).toEqual([9.5, 12]);
    await using after = createTwindex({ cluster: { nodes: [url] }, indexes: [books] });
    expect(await after.finalize('books')).toMatchObject({ phase: 'finalized' });
  },
);
