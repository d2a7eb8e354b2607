// scripts/githubAction.js, with a stand-in for twindex and one for GitHub.
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';

const SCRIPT = fileURLToPath(new URL('../scripts/githubAction.js', import.meta.url));

interface Asked {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly body: string;
}

async function gitHub(comments: readonly object[], status = 200): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      asked.push({ method: request.method, url: request.url, body });
      response.statusCode = status;
      response.end(JSON.stringify(request.method === 'GET' ? comments : {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** @param codes the exit codes of `lint` and `plan` */
async function act(api: string, codes: { readonly lint: number; readonly plan?: number }) {
  const folder = await mkdtemp(join(tmpdir(), 'twindex-action-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const npx = `#!/bin/sh\necho "### $3 of $4"\n[ "$3" = lint ] && exit ${codes.lint}\nexit ${codes.plan ?? 0}\n`;
  await writeFile(join(folder, 'npx'), npx);
  await chmod(join(folder, 'npx'), 0o755);
  const output = join(folder, 'output');
  const env = {
    PATH: `${folder}${delimiter}${process.env['PATH']}`,
    GITHUB_API_URL: api,
    GITHUB_REPOSITORY: 'shop/search',
    GITHUB_TOKEN: 's3cret',
    GITHUB_OUTPUT: output,
    TWINDEX_NAMES: 'catalogue',
    TWINDEX_PLAN: String(codes.plan !== undefined),
    TWINDEX_COMMENT: 'true',
    TWINDEX_PULL_REQUEST: '7',
  };
  const ran = await new Promise<{ code: number; stdout: string }>((resolve) => {
    execFile(process.execPath, [SCRIPT], { env, cwd: folder }, (error, stdout) => {
      resolve({ code: error ? Number(error.code) : 0, stdout });
    });
  });
  return { ...ran, output: await readFile(output, 'utf8') };
}

test('the first run writes a comment, and pending changes are no failure', async () => {
  const { url, asked } = await gitHub([{ id: 1, body: 'well done' }]);
  const { code, output } = await act(url, { lint: 0, plan: 2 });
  expect(code).toBe(0);
  expect(output).toBe('lint=0\nplan=2\n');
  expect(asked[1]).toEqual({
    method: 'POST',
    url: '/repos/shop/search/issues/7/comments',
    body: JSON.stringify({ body: '<!-- twindex -->\n### lint of catalogue\n\n### plan of catalogue' }),
  });
});

test('a later run replaces the comment, and what lint refuses is a failure', async () => {
  const { url, asked } = await gitHub([{ id: 5, body: '<!-- twindex -->\nold' }]);
  const { code, output } = await act(url, { lint: 3 });
  expect(code).toBe(3);
  expect(output).toBe('lint=3\nplan=\n');
  expect(asked[1]).toMatchObject({ method: 'PATCH', url: '/repos/shop/search/issues/comments/5' });
});

test('a plan that is blocked is a failure', async () => {
  const { url } = await gitHub([]);
  expect((await act(url, { lint: 0, plan: 3 })).code).toBe(3);
});

test('without the permission to comment there is a warning, and no token in it', async () => {
  const { url } = await gitHub([], 403);
  const { code, stdout } = await act(url, { lint: 0 });
  expect(code).toBe(0);
  expect(stdout).toContain('::warning::GitHub answers 403');
  expect(stdout).not.toContain('s3cret');
});

test('action.yml runs this script, and docs/ci.md lists its inputs', async () => {
  const read = (path: string): Promise<string> => readFile(new URL(`../${path}`, import.meta.url), 'utf8');
  const action = parse(await read('action.yml')) as {
    readonly inputs: object;
    readonly runs: { readonly using: string; readonly steps: readonly { readonly run: string }[] };
  };
  expect(action.runs.using).toBe('composite');
  expect(action.runs.steps[0]?.run).toContain('/scripts/githubAction.js"');
  const section = /## GitHub\n(.*?)\n## /s.exec(await read('docs/ci.md'))?.[1] ?? '';
  const documented = [...section.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, name]) => name);
  expect(new Set(documented)).toEqual(new Set(Object.keys(action.inputs)));
});
