// A real terminal for tests: tmux gets bytes and says what a user sees.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export const hasTmux = spawnSync('tmux', ['-V']).status === 0;

/** What is on a real terminal, with everything that has scrolled off it, after it got these bytes. */
export async function shownBy({ columns, rows }: Size, bytes: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'twindex-screen-'));
  const tmux = (...args: string[]): string =>
    execFileSync('tmux', ['-S', join(folder, 'tmux'), '-f', '/dev/null', ...args], { encoding: 'utf8' });
  onTestFinished(() => {
    spawnSync('tmux', ['-S', join(folder, 'tmux'), 'kill-server']);
    rmSync(folder, { recursive: true, force: true });
  });
  writeFileSync(join(folder, 'bytes'), bytes);
  const size = ['-x', String(columns), '-y', String(rows)];
  tmux('new-session', '-d', ...size, `cat ${join(folder, 'bytes')}; sleep 600`);
  let shown = '';
  // The terminal may be slower than `cat`.
  for (let same = 0; same < 3; ) {
    await sleep(50);
    const now = tmux('capture-pane', '-p', '-S', '-');
    same = now === shown && now.trim() !== '' ? same + 1 : 0;
    shown = now;
  }
  return shown.trimEnd();
}
