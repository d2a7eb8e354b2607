// The memory of `twindex gateway` as a process, with very many clients or very large requests. docs/security.md states the bounds.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { liveProject, Project } from '../cli/project.js';
import { startGatewayProcess } from './gatewayProcess.js';
import { get, RawClient } from './harness.js';

const MIB = 1 << 20;
const MAPPINGS = { properties: { price: { type: 'keyword' }, blob: { type: 'object', enabled: false } } };

/** Resident memory of a process in MiB: now, or the most it ever had. */
function memoryOf(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
}

const bulkOf = (documents: number, bytes: number): string =>
  Array.from(
    { length: documents },
    (_, n) => `{"index":{"_id":"${n}"}}\n{"price":"1","blob":{"text":"${'x'.repeat(bytes)}"}}\n`,
  ).join('');

describe('the memory of a gateway', () => {
  it('grows by at most 32 KiB for each of 2,000 idle connections', async () => {
    const project = await liveProject();
    const { url, pid } = await startGatewayProcess(project.folder);
    for (let n = 0; n < 500; n++) await get(`${url}/-/health`);
    const before = memoryOf(pid, 'VmRSS');
    const clients = Array.from({ length: 2_000 }, () => RawClient.open(url));
    for (const client of clients) client.send('GET /-/health HTTP/1.1\r\nhost: a\r\n\r\n');
    for (const client of clients) await client.until((text) => text.includes('ok'));
    const each = ((memoryOf(pid, 'VmRSS') - before) * 1024) / clients.length;
    console.log(`${each.toFixed(1)} KiB for each idle connection`);
    expect(each).toBeLessThan(32);
    for (const client of clients) client.socket.destroy();
  });

  it('is bounded while 50 bulks of 20 MB are written to both indexes at once', async () => {
    const project = await Project.create();
    await project.declare(1, MAPPINGS);
    expect(await project.run('migrate', 'NAME', '--yes')).toMatchObject({ code: 0 });
    const { url, pid } = await startGatewayProcess(project.folder);
    await project.declare(2, {
      ...MAPPINGS,
      properties: { ...MAPPINGS.properties, price: { type: 'double' } },
    });
    expect(await project.run('migrate', 'NAME', '--yes', '--no-stay', '--until', 'ready')).toMatchObject({
      code: 0,
    });
    const body = bulkOf(20, MIB);
    const sent = Array.from({ length: 50 }, () =>
      get(`${url}/${project.name}-write/_bulk`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/x-ndjson' },
      }),
    );
    const answers = await Promise.all(sent);
    const most = memoryOf(pid, 'VmHWM');
    console.log(
      `${Math.round(most)} MiB; ${answers.filter(({ status }) => status === 200).length} bulks were taken`,
    );
    expect(answers.map(({ status }) => status).filter((status) => status !== 200 && status !== 429)).toEqual(
      [],
    );
    expect(answers.some(({ status }) => status === 200)).toBe(true);
    expect(most).toBeLessThan(1_024 + 768);
    expect((await get(`${url}/-/health`)).status).toBe(200);
  });
});
