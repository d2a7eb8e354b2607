import { PassThrough } from 'node:stream';
import { expect, onTestFinished, test, vi } from 'vitest';
import { EventBus } from '../../events.js';
import { fleetLine, startFleetReport } from './fleetReport.js';

function capture(columns: number | undefined) {
  const written = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') =>
    new PassThrough().setEncoding('utf8').on('data', (text: string) => {
      written[name] += text;
    });
  const isTTY = columns !== undefined;
  const io = {
    stdin: new PassThrough(),
    stdout: Object.assign(stream('stdout'), isTTY ? { columns } : {}),
    stderr: Object.assign(stream('stderr'), { isTTY }),
  };
  return { io, written };
}

/** The time at the beginning of each line of a log. */
const TIME = /^1970-01-01T00:0\d:\d\dZ /;

const copy = (migration: string, done: number, task = 'copy') => ({
  migration,
  task,
  done,
  total: 200,
  rate: 1,
  etaMs: undefined,
});

test('one line shows how many migrations are done, and the activity of each running one', () => {
  const underWay = new Map([
    ['a', '45%'],
    ['b', 'verify 12%'],
  ]);
  const ended = { done: 3, needsYou: 0, failed: 0, interrupted: 2 };
  expect(fleetLine({ total: 12, ended, underWay })).toBe('3 of 12 done, 2 under way: a 45%, b verify 12%');
  expect(fleetLine({ total: 12, ended: { ...ended, failed: 1, needsYou: 2 }, underWay: new Map() })).toBe(
    '3 of 12 done, 2 waiting for you, 1 failed, 0 under way',
  );
});

test('on a terminal the progress line is never wider than the terminal, and log lines replace it', () => {
  const { io, written } = capture(31);
  vi.stubEnv('NO_COLOR', '1');
  onTestFinished(() => void vi.unstubAllEnvs());
  const bus = new EventBus();
  const report = startFleetReport(bus, io, { json: false, total: 2 });
  report.begin('tenant-a');
  bus.emit('note', { migration: 'tenant-a', level: 'warn', text: 'slow' });
  report.say('tenant-a: finalized');
  report.stop();
  const wipe = '\r\u001b[K';
  expect(written.stderr.split(wipe)).toEqual(['', '0 of 2 done, 1 under way', 'tenant-a: warning: slow\n']);
  expect(written.stdout).toBe('tenant-a: finalized\n');
});

test('in a log the progress line is printed every few seconds, with the activity of each migration', () => {
  vi.useFakeTimers({ now: 0 });
  onTestFinished(() => void vi.useRealTimers());
  const { io, written } = capture(undefined);
  const bus = new EventBus();
  const report = startFleetReport(bus, io, { json: false, total: 3 });
  report.begin('a');
  report.begin('b');
  vi.setSystemTime(10_000);
  bus.emit('progress', copy('a', 90));
  vi.setSystemTime(20_000);
  bus.emit('progress', copy('b', 24, 'verify'));
  bus.emit('progress', copy('b', 30, 'verify'));
  vi.setSystemTime(30_000);
  bus.emit('progress', copy('stranger', 90));
  vi.setSystemTime(40_000);
  bus.emit('state', { migration: 'a', from: 'restoring', to: 'mirroring' });
  vi.setSystemTime(50_000);
  report.end('b', 'failed');
  report.stop();
  expect(
    written.stderr
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(TIME, '')),
  ).toEqual([
    '0 of 3 done, 1 under way: a begins',
    '0 of 3 done, 2 under way: a 45%, b begins',
    '0 of 3 done, 2 under way: a 45%, b verify 12%',
    '0 of 3 done, 2 under way: a 45%, b verify 15%',
    '0 of 3 done, 2 under way: a mirroring, b verify 15%',
    '0 of 3 done, 1 failed, 1 under way: a mirroring',
  ]);
});

test('for programs, events and lines go to stdout, and nothing to stderr', () => {
  vi.useFakeTimers({ now: 0 });
  onTestFinished(() => void vi.useRealTimers());
  const { io, written } = capture(80);
  const bus = new EventBus();
  const report = startFleetReport(bus, io, { json: true, total: 2 });
  report.begin('a');
  bus.emit('reached', { migration: 'a', phase: 'ready' });
  report.end('a', 'done');
  report.say('{"event":"result"}');
  report.warn('a: failed');
  report.stop();
  expect(written.stdout).toBe(
    '{"event":"reached","format":1,"at":"1970-01-01T00:00:00.000Z","level":"info","migration":"a","phase":"ready"}\n{"event":"result"}\n',
  );
  expect(written.stderr).toBe('');
});
