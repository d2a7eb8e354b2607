// Reads CPU seconds and memory of processes from /proc, and measures how long a process takes. Linux only.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const TICKS_PER_SECOND = 100; // USER_HZ, which is the same on every Linux that Node supports
const PARENT = 1;
const GROUP = 2;
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;

/** CPU seconds of a process, its descendants, and the living processes of its process group. */
export function cpuSecondsOfTree(root: number): number {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), stat: statOf(Number(name)) }))
    .filter(({ stat }) => stat !== undefined);
  const tree = new Set([root]);
  for (let before = 0; before < tree.size; ) {
    before = tree.size;
    for (const { pid, stat } of all)
      if (tree.has(stat?.[PARENT] as number) || stat?.[GROUP] === root) tree.add(pid);
  }
  return all
    .filter(({ pid }) => tree.has(pid))
    .reduce((sum, { stat }) => sum + ticks(stat) / TICKS_PER_SECOND, 0);
}

/** In MiB: `VmRSS` now, `VmHWM` the peak since the process began. @returns undefined after it has ended */
export function residentMb(pid: number | 'self', field: 'VmRSS' | 'VmHWM'): number | undefined {
  try {
    const line = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return line ? Number(line[1]) / 1024 : undefined;
  } catch {
    return undefined;
  }
}

interface Usage {
  readonly cpuSeconds: number;
  readonly peakRssMb: number;
}

/** Samples a process every 50 ms until it has ended. */
async function watchUsage(pid: number, ended: Promise<unknown>): Promise<Usage> {
  let usage: Usage = { cpuSeconds: 0, peakRssMb: 0 };
  const over = ended.then(
    () => true,
    () => true,
  );
  do {
    const stat = statOf(pid);
    const peak = residentMb(pid, 'VmHWM');
    if (stat && peak !== undefined) usage = { cpuSeconds: ticks(stat) / TICKS_PER_SECOND, peakRssMb: peak };
  } while (!(await Promise.race([over, sleep(50, false)])));
  return usage;
}

/** Measures a whole program that does not measure itself. The result includes its start, well under a second. */
export async function timeOf(
  name: string,
  program: string,
  args: readonly string[],
  cwd?: string,
): Promise<Usage & { readonly seconds: number }> {
  const began = performance.now();
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(child, 'close') as Promise<[number | null]>;
  const usage = await watchUsage(child.pid as number, ended);
  const [code] = await ended;
  if (code !== 0) throw new Error(`${name} ended with ${code}`);
  return { seconds: (performance.now() - began) / 1_000, ...usage };
}

function ticks(stat: readonly number[] | undefined): number {
  return (stat?.[USER_TICKS] ?? 0) + (stat?.[SYSTEM_TICKS] ?? 0);
}

/** The fields of /proc/PID/stat after the name of the process, which may contain spaces and brackets. */
function statOf(pid: number): readonly number[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
  } catch {
    return undefined;
  }
}
