// `twindex gateway` as a process of its own, until the test ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

interface Run {
  readonly folder: string;
  readonly args: readonly string[];
  /** More environment variables. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Returns when the gateway has printed its first line. */
export async function runGateway({ folder, args, env = {} }: Run) {
  const child = spawn(process.execPath, [MAIN, 'gateway', '--port', '0', ...args], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
  const closed = once(child, 'close') as Promise<[number | null]>;
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = (await lines.next()).value as string;
  return { child, first, closed, stderr: () => stderr };
}

export const spawnGateway = (folder: string, ...args: string[]) => runGateway({ folder, args });

/** Returns when the gateway listens. */
export async function startGatewayProcess(folder: string) {
  const { child, first } = await spawnGateway(folder, '--json');
  return { url: (JSON.parse(first) as { url: string }).url, pid: child.pid as number };
}
