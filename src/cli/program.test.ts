import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { COMMANDS, GROUPS, nameOfEntry } from './commandTable.js';
import { run } from './run.js';

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Where {
  readonly columns?: number;
  readonly isTTY?: boolean;
  readonly invocation?: string;
}

async function twindex(argv: readonly string[], { invocation, ...terminal }: Where = {}): Promise<Ran> {
  const [stdout, stderr] = [new KeptText(), new KeptText()];
  Object.assign(stdout, terminal);
  const code = await run(argv, { stdout, stderr, stdin: Readable.from([]) }, undefined, invocation);
  return { code, stdout: stdout.text, stderr: stderr.text };
}

class KeptText extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

const VISIBLE = COMMANDS.filter(({ hidden }) => !hidden);

describe('twindex --help', () => {
  test('has all commands, in groups, and the exit codes', async () => {
    const { code, stdout, stderr } = await twindex(['--help']);
    expect([code, stderr]).toEqual([0, '']);
    const headings = Object.values(GROUPS);
    expect(stdout.split('\n').filter((line) => (headings as string[]).includes(line))).toEqual(headings);
    for (const entry of VISIBLE) expect(stdout).toMatch(new RegExp(`^  ${nameOfEntry(entry)} +\\S`, 'm'));
    expect(stdout).toMatch(/^Exit codes:\n  0 +done, or nothing to do$/m);
    expect(stdout).not.toContain('complete ');
  });

  test('is what `twindex` and `twindex help` print, too', async () => {
    const { stdout } = await twindex(['--help']);
    expect((await twindex([])).stdout).toBe(stdout);
    expect((await twindex(['help'])).stdout).toBe(stdout);
  });

  test.each([60, 80, 120])('fits into %i columns', async (columns) => {
    const { stdout } = await twindex(['--help'], { columns });
    expect(stdout.split('\n').filter((line) => line.length > columns)).toEqual([]);
  });

  test('has bold headings on a terminal only', async () => {
    expect((await twindex(['--help'], { isTTY: true })).stdout).toContain('\u001b[1mExit codes:');
    expect((await twindex(['--help'])).stdout).not.toContain('\u001b');
  });
});

describe('the help of a command', () => {
  test.each(VISIBLE.map(nameOfEntry))('%s', async (name) => {
    const { code, stdout } = await twindex([name, '--help'], { invocation: 'npx twindex' });
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: npx twindex ${name}`);
    expect(stdout).toMatch(new RegExp(`^Examples:\n  # .*\n  npx twindex ${name}`, 'm'));
    expect(stdout).toMatch(/^Exit codes:$/m);
    expect((await twindex(['help', name], { invocation: 'npx twindex' })).stdout).toBe(stdout);
  });

  test('common options come last, after those of the command', async () => {
    const { stdout } = await twindex(['plan', '--help']);
    const headings = stdout.split('\n').filter((line) => /^\S.*:$/.test(line));
    expect(headings).toEqual(['Options:', 'Common options:', 'Examples:', 'Exit codes:']);
  });
});

describe('wrong command lines', () => {
  test.each([
    [['stauts'], "unknown command 'stauts' (Did you mean status?). See twindex --help."],
    [['help', 'stauts'], "unknown command 'stauts' (Did you mean status?). See twindex --help."],
    [['plan', '--chekc'], "unknown option '--chekc' (Did you mean --check?). See twindex plan --help."],
    [['cutover'], "missing required argument 'name'. See twindex cutover --help."],
    [['completion', 'tcsh'], 'Allowed choices are bash, zsh, fish. See twindex completion --help.'],
  ])('%s', async (argv, message) => {
    const { code, stderr } = await twindex(argv);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  });

  test('the hint is the command as the user has called it; JSON keeps the name', async () => {
    const npx = { invocation: 'npx twindex' };
    expect((await twindex(['stauts'], npx)).stderr).toContain('See npx twindex --help.');
    const { stdout, stderr } = await twindex(['stauts', '--json'], npx);
    expect(stdout + stderr).toMatch(/See twindex --help\..*See twindex --help\./s);
  });
});

describe('twindex help --json', () => {
  test('describes all commands, or one', async () => {
    const all = JSON.parse((await twindex(['help', '--json'])).stdout);
    expect(all.commands).toHaveLength(VISIBLE.length);
    const one = JSON.parse((await twindex(['help', 'plan', '--json'])).stdout);
    expect(one.commands).toEqual(all.commands.filter(({ name }: { name: string }) => name === 'plan'));
    expect(one.exitCodes).toContainEqual({ code: 2, meaning: 'plan --check: changes are pending' });
  });
});

describe('twindex complete', () => {
  const words = async (...given: string[]) =>
    (await twindex(['complete', '--', ...given])).stdout.split('\n');

  test('prints the words that begin with the last one', async () => {
    expect(await words('pl')).toEqual(['plan\tcompare the live indexes with the declared ones', '']);
    expect(await words('plan', '--out', '')).toEqual([':files', '']);
    expect(await words('nothing-like-this', '')).toEqual(['']);
  });

  test('prints the names in the index files, once each', async () => {
    const config = ['--config', 'examples/catalogue/twindex.config.ts'];
    expect(await words('status', ...config, 'cat')).toEqual(['catalogue', '']);
    expect(await words('plan', ...config, 'catalogue', '')).toEqual(['']);
    expect(await words('status', '--config', 'no-such-file.json', '')).toEqual(['']);
  });
});

describe('twindex version', () => {
  const NODE = `node      ${process.versions.node}`;

  test('works without a configuration', async () => {
    const { code, stdout } = await twindex(['version', '--config', 'no-such-file.json']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^twindex   \d+\.\d+\.\d+/);
    expect(stdout).toContain(NODE);
    expect(stdout).toMatch(/^cluster   not known: no-such-file\.json: expected a file/m);
  });

  test('works when the cluster is away', async () => {
    const { code, stdout } = await twindex(['version', '--config', await unreachable(), '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      node: process.versions.node,
      cluster: { error: expect.stringContaining('cannot connect') },
    });
  });
});

async function unreachable(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'twindex-version-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'twindex.config.json');
  // nothing listens on port 1
  await writeFile(
    file,
    JSON.stringify({ cluster: { nodes: ['http://127.0.0.1:1'] }, indexes: ['./*.json'] }),
  );
  return file;
}
