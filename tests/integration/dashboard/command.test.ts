// `twindex dashboard`, and `twindex gateway --dashboard`, from the first line to the end.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../eventually.js';
import { Project } from '../cli/project.js';

const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

/** Until it says where it listens. */
async function start({ folder }: Project, ...args: string[]) {
  const child = spawn(process.execPath, [MAIN, ...args, '--json'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const notes: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => notes.push(line));
  const closed = once(child, 'close') as Promise<[number | null]>;
  const { value } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  return { child, closed, notes, url: (JSON.parse(value as string) as { url: string }).url };
}

describe('twindex dashboard', () => {
  it('says where it listens, serves the page, and ends in good order', async () => {
    const project = await Project.create();
    const { child, closed, url } = await start(project, 'dashboard', '--port', '0');
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const page = await fetch(url);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).toContain('<title>twindex</title>');
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('twindex_journal_up 1');
    child.kill('SIGTERM');
    expect(await closed).toEqual([0, null]);
  });

  it('is served by a gateway, too, on a port of its own', async () => {
    const project = await Project.create();
    await project.write('token', 'token-of-the-gateway-dashboard');
    const { child, closed, notes, url } = await start(
      project,
      'gateway',
      '--port',
      '0',
      '--dashboard',
      '0',
      '--token-file',
      join(project.folder, 'token'),
    );
    const shown = await eventually(
      'its address is said',
      () => /the dashboard is at ([^\s"]+)/.exec(notes.join('\n'))?.[1],
      30_000,
    );
    expect(shown).not.toBe(url);
    expect(await (await fetch(`${shown}/api/about`)).json()).toMatchObject({
      reading: 'open',
      steering: true,
    });
    child.kill('SIGTERM');
    expect(await closed).toEqual([0, null]);
  });

  it('does not begin with options that are wrong or not safe', async () => {
    const project = await Project.create();
    await project.write('short', 'secret');
    for (const [args, text] of [
      [['dashboard', '--port', 'x'], '--port: "x" is not a port'],
      [['dashboard', '--host', '0.0.0.0'], 'reading needs a token as well'],
      [['dashboard', '--token-file', 'nowhere'], "the file can't be read"],
      [['dashboard', '--token-file', 'short'], 'fewer than 16 characters'],
      [['gateway', '--port', '0', '--dashboard', 'x'], '--dashboard: "x" is not a port'],
      [['gateway', '--port', '0', '--dashboard', '0.0.0.0:0'], 'reading needs a token as well'],
    ] as const) {
      const { code, stderr } = await project.run(...args);
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(text) });
      expect(stderr).toContain('error[usage]');
      expect(stderr).not.toContain('secret');
    }
  });
});
