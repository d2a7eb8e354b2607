import { PassThrough } from 'node:stream';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { EventBus } from '../../events.js';
import type { Io } from '../../terminal.js';
import { startReport } from './eventReport.js';
import { progressLine } from './progressText.js';

function capture(isTTY: boolean): { io: Io; stdout: () => string; stderr: () => string } {
  const streams = { stdout: new PassThrough(), stderr: new PassThrough(), stdin: new PassThrough() };
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    streams[name].setEncoding('utf8').on('data', (text: string) => {
      written[name] += text;
    });
  }
  return {
    io: { ...streams, stderr: Object.assign(streams.stderr, { isTTY }) },
    stdout: () => written.stdout,
    stderr: () => written.stderr,
  };
}

const AT = '2026-01-31T12:00:00.000Z';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date(AT) });
  onTestFinished(() => void vi.useRealTimers());
});

const PROGRESS = { migration: 'shop', task: 'copy', done: 12_500, total: 25_000, rate: 8_000, etaMs: 1_560 };

test('progress shows a bar, the counts, the rate and the time left', () => {
  expect(progressLine(PROGRESS, 200)).toBe(
    'copy  [##########----------] 50% 12,500 of 25,000, 8,000/s, 2s left',
  );
});

test('progress without a known total shows the count and the rate', () => {
  expect(progressLine({ ...PROGRESS, total: undefined, etaMs: undefined }, 200)).toBe(
    'copy  12,500, 8,000/s',
  );
});

test.each([
  [80, 'copy  [##########----------] 50% 12,500 of 25,000, 8,000/s, 2s left'],
  [60, 'copy  [#####-----] 50% 12,500 of 25,000, 8,000/s, 2s left'],
  [50, 'copy  50% 12,500 of 25,000, 8,000/s, 2s left'],
  [30, 'copy  50%, 8,000/s, 2s left'],
  [20, 'copy  50%, 2s left'],
  [5, 'copy  50%'],
])('progress leaves out facts where %d columns are too few, and cuts no word', (width, line) => {
  expect(progressLine(PROGRESS, width)).toBe(line);
});

test('progress is 100 percent when more than expected is done, or nothing was expected', () => {
  expect(progressLine({ ...PROGRESS, done: 30_000 }, 200)).toContain('] 100% 30,000 of 25,000');
  expect(progressLine({ ...PROGRESS, done: 0, total: 0 }, 200)).toContain('] 100% 0 of 0');
});

test('for programs every event is one line of JSON on stdout, and nothing else', () => {
  const { io, stdout, stderr } = capture(true);
  const bus = new EventBus();
  const report = startReport(bus, io, true);
  bus.emit('progress', PROGRESS);
  bus.emit('reached', { migration: 'shop', phase: 'cutover' });
  report.stop();
  bus.emit('reached', { migration: 'shop', phase: 'switched' });
  expect(
    stdout()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([
    { event: 'progress', format: 1, at: AT, level: 'info', ...PROGRESS },
    { event: 'reached', format: 1, at: AT, level: 'info', migration: 'shop', phase: 'cutover' },
  ]);
  expect(stderr()).toBe('');
});

test('in a log the first progress is shown, progress right after it is not, and notes always are', () => {
  const { io, stdout, stderr } = capture(false);
  const bus = new EventBus();
  const report = startReport(bus, io, false);
  bus.emit('progress', PROGRESS);
  bus.emit('progress', { ...PROGRESS, done: 13_000 });
  bus.emit('note', { migration: 'shop', level: 'warn', text: 'slow' });
  report.stop();
  expect(stderr()).toBe(
    '2026-01-31T12:00:00Z copy  [##########----------] 50% 12,500 of 25,000, 8,000/s, 2s left\n' +
      '2026-01-31T12:00:00Z shop: warning: slow\n',
  );
  expect(stdout()).toBe('');
});

test('on a terminal a log line replaces the progress bar', () => {
  const { io, stderr } = capture(true);
  const bus = new EventBus();
  const report = startReport(bus, io, false);
  bus.emit('progress', PROGRESS);
  bus.emit('state', { migration: 'shop', from: 'copying', to: 'restoring' });
  report.stop();
  const wipe = '\r\u001b[K';
  expect(stderr().split(wipe)).toEqual(['', progressLine(PROGRESS, 79), 'shop: restoring\n']);
});

test('for programs a lag is printed when it has changed, and once a second at most', () => {
  vi.useFakeTimers();
  const { io, stdout } = capture(false);
  const bus = new EventBus();
  const report = startReport(bus, io, true);
  const lag = (operations: number) =>
    bus.emit('lag', { migration: 'shop', operations, lagMs: 20, deletesPending: false });
  for (const operations of [5, 4, 3]) lag(operations);
  vi.advanceTimersByTime(1_000);
  lag(5);
  lag(2);
  vi.advanceTimersByTime(1_000);
  lag(2);
  report.stop();
  const printed = stdout()
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { operations: number }).operations);
  expect(printed).toEqual([5, 2]);
});
