import { PassThrough } from 'node:stream';
import { afterEach, expect, test, vi } from 'vitest';
import { withSpinner } from './spinner.js';

function terminal(isTTY: boolean): { readonly stderr: PassThrough & { isTTY: boolean }; text: () => string } {
  const stderr = Object.assign(new PassThrough(), { isTTY });
  const chunks: string[] = [];
  stderr.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
  return { stderr, text: () => chunks.join('') };
}

afterEach(() => {
  vi.useRealTimers();
});

async function shown(isTTY: boolean, forMs: number): Promise<string> {
  vi.useFakeTimers();
  const { stderr, text } = terminal(isTTY);
  let end: (value: string) => void = () => undefined;
  const work = withSpinner({ stderr }, 'reading', () => new Promise<string>((resolve) => (end = resolve)));
  await vi.advanceTimersByTimeAsync(forMs);
  end('done');
  expect(await work).toBe('done');
  return text();
}

test('on a terminal the line turns after a second, and goes at the end', async () => {
  const text = await shown(true, 1_150);
  expect(text).toContain('⠋ reading');
  expect(text).toContain('⠙ reading');
  expect(text.endsWith('\r\u001b[2K')).toBe(true);
});

test('work that takes less than a second shows nothing', async () => {
  expect(await shown(true, 900)).toBe('');
});

test('where stderr is no terminal nothing is shown', async () => {
  expect(await shown(false, 5_000)).toBe('');
});

test('the line goes when the work fails', async () => {
  vi.useFakeTimers();
  const { stderr, text } = terminal(true);
  const work = withSpinner({ stderr }, 'reading', async () => {
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    throw new Error('failed');
  });
  work.catch(() => undefined);
  await vi.advanceTimersByTimeAsync(2_000);
  await expect(work).rejects.toThrow('failed');
  expect(text().endsWith('\r\u001b[2K')).toBe(true);
});
