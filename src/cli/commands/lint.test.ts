import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { run } from '../run.js';

class Folder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  static async create(): Promise<Folder> {
    const path = await mkdtemp(join(tmpdir(), 'twindex-lint-'));
    onTestFinished(() => rm(path, { recursive: true }));
    const folder = new Folder(path);
    // the variable is not set: lint needs no cluster, and none of its secrets
    const cluster = { nodes: ['http://localhost:1'], auth: { apiKey: '${NO_SUCH_VARIABLE}' } };
    await folder.write('twindex.config.json', JSON.stringify({ cluster, indexes: ['./*.index.json'] }));
    await folder.declare(1, 'keyword');
    return folder;
  }

  async write(name: string, text: string): Promise<void> {
    await writeFile(join(this.path, name), text);
  }

  async declare(version: number, type: string): Promise<void> {
    const content = { name: 'shop', version, mappings: { properties: { price: { type } } } };
    await this.write('shop.index.json', JSON.stringify(content));
  }

  async lint(
    ...args: string[]
  ): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const config = join(this.path, 'twindex.config.json');
    const code = await run(['lint', ...args, '--config', config], {
      stdout,
      stderr,
      stdin: new PassThrough(),
    });
    const textOf = (stream: PassThrough): string => ((stream.read() as Buffer | null) ?? '').toString();
    return { code, out: textOf(stdout), err: textOf(stderr) };
  }
}

test('without a lock file there is nothing to compare, and --write makes one', async () => {
  const folder = await Folder.create();
  expect(await folder.lint()).toMatchObject({
    code: 0,
    out: expect.stringContaining('There is no twindex.lock yet') as string,
  });
  expect(await folder.lint('--write')).toMatchObject({ code: 0 });
  expect(JSON.parse(await readFile(join(folder.path, 'twindex.lock'), 'utf8'))).toMatchObject({
    format: 'twindex-lock-1',
    indexes: { shop: { version: 1 } },
  });
  expect((await folder.lint()).out).toContain('0 refused, 0 with advice');
});

test('what is refused ends with 3, is not recorded, and can be allowed', async () => {
  const folder = await Folder.create();
  await folder.lint('--write');
  const before = await readFile(join(folder.path, 'twindex.lock'), 'utf8');
  await folder.declare(1, 'double');
  const { code, out } = await folder.lint('--write');
  expect(code).toBe(3);
  expect(out).toContain('price changed its type, but version is still 1 [version-not-raised]');
  expect(out).toContain('This file was not changed, because a change of an index is refused.');
  expect(await readFile(join(folder.path, 'twindex.lock'), 'utf8')).toBe(before);
  expect((await folder.lint('--write', '--allow', 'shop:version-not-raised')).code).toBe(0);
  expect((await folder.lint()).code).toBe(0);
});

test('--json lists the findings', async () => {
  const folder = await Folder.create();
  await folder.lint('--write');
  await folder.declare(2, 'double');
  expect(JSON.parse((await folder.lint('--json')).out)).toMatchObject({
    format: 'twindex-lint-1',
    checked: ['shop'],
    findings: [{ name: 'shop', rule: 'values-not-converted', level: 'advice' }],
  });
});

test.each([
  [['shpo'], 'no index file declares shpo; did you mean shop?'],
  [['--allow', 'shop:closes-indx'], 'Did you mean closes-index?'],
  [['--allow', 'closes-index'], 'is not a name and a rule'],
])('%j is refused', async (args, message) => {
  const folder = await Folder.create();
  expect(await folder.lint(...args)).toMatchObject({
    code: 1,
    err: expect.stringContaining(message) as string,
  });
});

test.each([60, 80, 120, undefined])('the screen at %s columns', async (width) => {
  const { lintText } = await import('../text/lintText.js');
  const golden = join(import.meta.dirname, `../../../tests/golden/plans/lint-${width ?? 'piped'}.txt`);
  await expect(`${lintText(await exampleReport(), { colours: false, width })}\n`).toMatchFileSnapshot(golden);
});

test('as Markdown', async () => {
  const { lintMarkdown } = await import('../text/lintText.js');
  const golden = join(import.meta.dirname, '../../../tests/golden/plans/lint.md');
  await expect(`${lintMarkdown(await exampleReport())}\n`).toMatchFileSnapshot(golden);
});

async function exampleReport() {
  const { lintIndexes } = await import('../../plan/lint/lintIndex.js');
  const { releasedOf } = await import('../../plan/lint/lockFile.js');
  const released = {
    name: 'catalogue',
    version: 1,
    aliases: { read: 'catalogue-read', write: 'catalogue-write' },
    settings: {},
    mappings: { properties: { price: { type: 'keyword' }, title: { type: 'text' } } },
    migrations: {},
    file: 'indexes/catalogue.ts',
  };
  const findings = lintIndexes(
    [
      { ...released, mappings: { properties: { price: { type: 'double' }, title: { type: 'text' } } } },
      { ...released, name: 'reviews', version: 2, file: 'indexes/reviews.ts' },
    ],
    { catalogue: releasedOf(released), reviews: releasedOf({ ...released, name: 'reviews' }) },
  );
  return {
    findings,
    checked: ['catalogue', 'reviews'],
    unreleased: [],
    lock: 'twindex.lock',
    written: undefined,
    notWritten: false,
  };
}
