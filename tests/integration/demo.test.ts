import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../src/demo/evidence.js';
import { engineName, engineUrls, uniqueName } from './engine.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const run = promisify(execFile);

describe('twindex demo', () => {
  it('migrates a small catalogue under its readers and writers, and the evidence is well', async () => {
    const args = [
      'demo',
      '--json',
      '--documents',
      '1000',
      '--seconds',
      '1',
      '--rate',
      '15',
      '--name',
      uniqueName('demo'),
    ];
    const env = { ...process.env, TWINDEX_URL: engineUrls.join(',') };
    const { code, stdout, stderr } = await run(process.execPath, [MAIN, ...args], { env }).then(
      (ended) => ({ ...ended, code: 0 }),
      (failed: { code: number; stdout: string; stderr: string }) => failed,
    );
    expect(code, `${stdout}${stderr}`).toBe(0);
    const lines = stdout.trim().split('\n');
    expect(lines).toHaveLength(1);
    const evidence = JSON.parse(lines[0] ?? '') as Evidence;
    expect(evidence).toMatchObject({
      engine: { name: engineName },
      reads: { failed: 0, empty: 0 },
      writes: { failed: 0, lost: 0, resurrected: 0 },
      verify: { differences: 0, repaired: 0 },
      problems: [],
      ok: true,
    });
    expect(evidence.phases.map((phase) => phase.name)).toEqual([
      'cutover',
      'rollback',
      'cutover again',
      'switch',
      'finalize',
    ]);
    expect(Object.keys(evidence.reads.byIndex)).toHaveLength(2);
  }, 1_200_000);
});
