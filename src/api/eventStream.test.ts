import { describe, expect, test } from 'vitest';
import { EventQueue, startRun, type TwindexEvent } from './eventStream.js';

const head = <E extends string>(event: E, at: string) => ({ event, format: 1, at, level: 'info' }) as const;
const reached = (phase: string) => ({ migration: 'shop', phase });
const progress = (done: number, migration = 'shop') => ({
  migration,
  task: 'copy',
  done,
  total: 10,
  rate: 1,
  etaMs: undefined,
});

async function read(events: AsyncIterable<TwindexEvent>): Promise<TwindexEvent[]> {
  const found: TwindexEvent[] = [];
  for await (const event of events) found.push(event);
  return found;
}

describe('a run', () => {
  test('is a promise of its result, and the work begins though nobody reads its events', async () => {
    expect(await startRun(async () => 7)).toBe(7);
  });

  test('gives its events in their order, with name and time, and ends', async () => {
    const run = startRun(async (bus) => {
      bus.emit('state', { migration: 'shop', from: 'creating', to: 'copying' });
      await Promise.resolve();
      bus.emit('reached', reached('ready'));
      return 'done';
    });
    const events = await read(run);
    expect(events).toEqual([
      { ...head('state', expect.any(String) as string), migration: 'shop', from: 'creating', to: 'copying' },
      { ...head('reached', expect.any(String) as string), migration: 'shop', phase: 'ready' },
    ]);
    expect(events.map(({ at }) => new Date(at).toISOString())).toEqual(events.map(({ at }) => at));
    expect(await run).toBe('done');
  });

  test('throws its error in the loop, after the events before it', async () => {
    const run = startRun((bus) => {
      bus.emit('reached', reached('copying'));
      return Promise.reject(new Error('lost'));
    });
    const seen: string[] = [];
    const loop = async (): Promise<void> => {
      for await (const { event } of run) seen.push(event);
    };
    await expect(loop()).rejects.toThrow('lost');
    expect(seen).toEqual(['reached']);
  });

  test('goes on when the loop is left', async () => {
    let emitted = 0;
    const run = startRun(async (bus) => {
      for (; emitted < 3; emitted++) {
        bus.emit('reached', reached(String(emitted)));
        await Promise.resolve();
      }
      return emitted;
    });
    for await (const _ of run) break;
    expect(await run).toBe(3);
  });

  test('gives every loop all events from its beginning on', async () => {
    const run = startRun(async (bus) => void bus.emit('reached', reached('ready')));
    const [one, two] = await Promise.all([read(run), read(run)]);
    expect(one).toEqual(two);
    expect(one).toHaveLength(1);
    expect(await read(run)).toEqual([]);
  });
});

test('of progress and lag, only the newest waits for a slow reader; everything else is kept', async () => {
  const at = '2026-01-31T12:00:00.000Z';
  const queue = new EventQueue();
  for (const event of [
    { ...head('progress', at), ...progress(1) },
    { ...head('progress', at), ...progress(2) },
    { ...head('progress', at), ...progress(1, 'other') },
    { ...head('reached', at), ...reached('ready') },
    { ...head('reached', at), ...reached('cutover') },
    { ...head('progress', at), ...progress(3) },
  ] as const)
    queue.add(event);
  queue.end();
  expect((await read(queue.read())).map((event) => ('done' in event ? event.done : event.event))).toEqual([
    2,
    1,
    'reached',
    'reached',
    3,
  ]);
});
