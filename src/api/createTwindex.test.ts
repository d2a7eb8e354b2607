import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { TwindexError } from '../errors.js';
import { createTwindex } from './createTwindex.js';
import type { MigrationOptions, TwindexOptions } from './twindexOptions.js';

/** Nothing listens on port 1. */
const AWAY = { nodes: ['http://127.0.0.1:1'], maxRetries: 0 };
const CATALOGUE = { name: 'catalogue', version: 2 };

/** What a function that fails throws: a TwindexError, as `code: message`. */
async function failure(work: PromiseLike<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof TwindexError) return `${error.code}: ${error.message}`;
  throw new Error('no TwindexError was thrown', { cause: error });
}

describe('the options of createTwindex', () => {
  test.each([
    [{ indices: [] }, 'unknown option indices; known are config, cluster, source, indexes, onWarning'],
    [{ cluster: { nodes: 'http://localhost:9200' } }, 'cluster: expected an object with nodes'],
    [{ cluster: AWAY, indexes: CATALOGUE }, 'indexes: expected a list of index definitions'],
  ])('%j are refused at once', (options, message) => {
    expect(() => createTwindex(options as unknown as TwindexOptions)).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining(message) }),
    );
  });

  test('a configuration that is missing is reported by the functions, and may be written meanwhile', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'twindex-api-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const config = join(folder, 'twindex.config.json');
    const twindex = createTwindex({ config });
    expect(await failure(twindex.plan('catalogue'))).toMatch(/^config_invalid: .*found nothing at this path/);
    await writeFile(config, JSON.stringify({ cluster: AWAY, indexes: ['x'] }));
    expect(await failure(twindex.status('catalogue'))).toMatch(/^unreachable: /);
    await twindex.close();
  });

  test('wrong definitions are reported before anything is sent, and not by what needs none', async () => {
    const twindex = createTwindex({ cluster: AWAY, indexes: [CATALOGUE, CATALOGUE] });
    const twice =
      'config_invalid: indexes[1]: name: expected a name that no other index has, found "catalogue", which indexes[0] has';
    expect(await failure(twindex.plan('catalogue'))).toBe(twice);
    expect(await failure(twindex.finalize('catalogue'))).toBe(twice);
    for (const what of ['status', 'pause', 'rollback', 'abort'] as const)
      expect(await failure(twindex[what]('catalogue'))).toMatch(/^unreachable: /);
    await twindex.close();
  });
});

describe('wrong options of a function are refused before anything is sent', () => {
  const twindex = createTwindex({ cluster: AWAY, indexes: [CATALOGUE] });

  test.each([
    [{ until: 'done' }, 'migrate: until: expected one of ready, cutover, switched, finalized, found "done"'],
    [{ untill: 'ready' }, 'migrate: untill: unknown key; did you mean until?'],
    [{ maxSlowdown: 1 }, 'migrate: maxSlowdown: expected a number above 1 and up to 100, found 1'],
    [{ graceMs: '60s' }, 'migrate: graceMs: expected a time in ms, 0 or more, found "60s"'],
    [{ plan: {} }, 'migrate: plan: expected a plan, or its kind and fingerprint, found an object'],
    [{ force: ['speed'] }, /^usage: migrate: force\[0\]: expected one of differences, .*, found "speed"$/],
    [{ signal: {} }, 'migrate: signal: expected an AbortSignal, found an object'],
  ])('%j', async (options, message) => {
    const found = await failure(twindex.migrate('catalogue', options as MigrationOptions));
    if (typeof message === 'string') expect(found).toBe(`usage: ${message}`);
    else expect(found).toMatch(message);
  });

  test('also of the others', async () => {
    expect(await failure(twindex.plan('catalogue', { sample: 0 }))).toBe(
      'usage: plan: sample: expected a whole number of documents from 1 to 100,000, found 0',
    );
    expect(await failure(twindex.planAll({ names: 'catalogue' as never }))).toBe(
      'usage: planAll: names: expected a list of names and patterns, found "catalogue"',
    );
    expect(await failure(twindex.switch('catalogue', { timeoutMs: -1 }))).toMatch(
      /^usage: switch: timeoutMs: /,
    );
    expect(await failure(twindex.gateway({ port: 65_536 }))).toMatch(/^usage: gateway: port: /);
  });
});

describe('a function', () => {
  test('fails with a code when the cluster is away, in a loop of events too, and ends no process', async () => {
    await using twindex = createTwindex({ cluster: AWAY, indexes: [CATALOGUE] });
    const exit = vi.spyOn(process, 'exit');
    const loop = async (): Promise<void> => {
      for await (const _ of twindex.migrate('catalogue')) throw new Error('an event');
    };
    expect(await failure(loop())).toMatch(/^unreachable: /);
    expect(await failure(twindex.rollback('catalogue'))).toMatch(/^unreachable: /);
    expect(exit).not.toHaveBeenCalled();
    expect(process.exitCode).toBeUndefined();
  });

  test('that was aborted throws the reason of the signal', async () => {
    await using twindex = createTwindex({ cluster: AWAY, indexes: [CATALOGUE] });
    const reason = new Error('deadline');
    await expect(twindex.plan('catalogue', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test('is refused after close, which may be called twice', async () => {
    const twindex = createTwindex({ cluster: AWAY, indexes: [CATALOGUE] });
    await twindex.close();
    await twindex.close();
    expect(await failure(twindex.status('catalogue'))).toMatch(/^interrupted: this Twindex was closed/);
  });
});
