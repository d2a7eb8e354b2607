import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { EventBus, type Progress } from '../../events.js';
import { NO_PROGRESS } from '../../protocol/record.js';
import { ProgressMeter } from './progressMeter.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
});

/** A meter, and what it has emitted so far. */
function metered(before = NO_PROGRESS): { meter: ProgressMeter; emitted: Progress[] } {
  const emitted: Progress[] = [];
  const bus = new EventBus().on('progress', ({ task, done, total, rate, etaMs }) =>
    emitted.push({ task, done, total, rate, etaMs }),
  );
  return { meter: new ProgressMeter(bus, 'shop', before), emitted };
}

const done = (emitted: readonly Progress[]): number[] => emitted.map((progress) => progress.done);

test('progress never falls when documents have to be copied again, and the time left counts them', () => {
  const { meter, emitted } = metered();
  meter.begin('copy', 1_000);
  for (const documents of [400, -100, 50]) {
    vi.advanceTimersByTime(1_000);
    meter.add(documents);
  }
  expect(done(emitted)).toEqual([0, 400, 400, 400]);
  expect(emitted.at(-1)).toEqual({ task: 'copy', done: 400, total: 1_000, rate: 117, etaMs: 5_571 });
  vi.advanceTimersByTime(1_000);
  meter.add(100);
  expect(done(emitted).at(-1)).toBe(450);
});

test('what is saved says how many documents the next coordinator need not copy again', () => {
  const { meter } = metered();
  expect(meter.saved).toEqual(NO_PROGRESS);
  meter.begin('copy', 1_000);
  vi.advanceTimersByTime(1_000);
  meter.add(400);
  meter.unconfirmed = 150;
  expect(meter.saved).toEqual({
    task: 'copy',
    done: 400,
    confirmed: 250,
    total: 1_000,
    rate: 400,
    etaMs: 1_500,
  });
  meter.end();
  expect(meter.saved).toEqual(NO_PROGRESS);
});

test('after a crash a copy continues at what users have seen, and counts from what is confirmed', () => {
  const saved = { task: 'copy', done: 400, confirmed: 250, total: 1_000, rate: 400, etaMs: 1_500 };
  const { meter, emitted } = metered(saved);
  expect(meter.saved).toEqual(saved);
  meter.begin('copy', 1_000, { counted: saved.confirmed, shown: 430 });
  for (let second = 0; second < 3; second++) {
    vi.advanceTimersByTime(1_000);
    meter.add(100);
  }
  expect(done(emitted)).toEqual([430, 430, 450, 550]);
  expect(meter.saved).toMatchObject({ done: 550, confirmed: 550, rate: 100, etaMs: 4_500 });
});

test('a verification that a crash has interrupted begins again, behind what users have seen', () => {
  const { meter, emitted } = metered({ ...NO_PROGRESS, task: 'verify', done: 620, total: 1_000 });
  meter.begin('verify', 1_000);
  vi.advanceTimersByTime(1_000);
  meter.set(100);
  expect(emitted.at(-1)).toEqual({ task: 'verify', done: 620, total: 1_000, rate: 100, etaMs: 9_000 });
  meter.end();
  meter.begin('verify', 1_000);
  expect(done(emitted).at(-1)).toBe(0);
});

test('another task begins at zero', () => {
  const { meter, emitted } = metered({ ...NO_PROGRESS, task: 'copy', done: 620, total: 1_000 });
  meter.begin('verify', 1_000);
  expect(done(emitted)).toEqual([0]);
});

test('the total grows with the documents, so that progress is never above it', () => {
  const { meter, emitted } = metered();
  meter.begin('copy', 100);
  vi.advanceTimersByTime(1_000);
  meter.add(130);
  expect(emitted.at(-1)).toMatchObject({ done: 130, total: 130, etaMs: 0 });
});
