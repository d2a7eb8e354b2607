// scripts/demoSvg.js, which draws a recorded run of the demo as an animated SVG.
import { expect, test } from 'vitest';

interface Screen {
  readonly at: number;
  readonly lines: readonly string[];
}

const { screensOf, pickFrames, drawSvg } = (await import(
  new URL('../scripts/demoSvg.js', import.meta.url).href
)) as {
  screensOf: (pieces: readonly [number, string][], columns?: number) => Screen[];
  pickFrames: (screens: readonly Screen[]) => Screen[];
  drawSvg: (frames: readonly Screen[]) => string;
};

test('lines that are drawn again replace the earlier ones', () => {
  const screens = screensOf([
    [0, 'begun\r\nreads 1\r\nwrites 1\r\n'],
    [1, '\u001B[2A\u001B[J'],
    [1, 'moved\r\nreads 2\r\nwrites 2\r\n'],
  ]);
  expect(screens.map(({ lines }) => lines)).toEqual([
    ['begun', 'reads 1', 'writes 1'],
    ['begun'],
    ['begun', 'moved', 'reads 2', 'writes 2'],
  ]);
});

test('a long line is wrapped', () => {
  const [screen] = screensOf([[0, '12345678\r\nabc\r\n']], 5);
  expect(screen?.lines).toEqual(['12345', '678', 'abc']);
});

test('a long run becomes a short film that ends with the last screen', () => {
  const screens = Array.from({ length: 1000 }, (_, n) => ({ at: n / 5, lines: ['begun', `reads ${n}`] }));
  const frames = pickFrames(screens);
  expect(frames.length).toBeLessThan(70);
  expect(frames.at(-1)?.lines).toEqual(['begun', 'reads 999']);
  expect(frames.at(-1)?.at).toBeLessThan(28);
});

test('a long wait for the next line is shortened more than a short one', () => {
  const run = (at: number, ...lines: string[]): Screen => ({ at, lines });
  const frames = pickFrames([
    run(0, 'a'),
    run(600, 'a', 'b'),
    run(610, 'a', 'b', 'c'),
    run(611, 'a', 'b', 'c', 'd'),
  ]);
  const [, b = 0, c = 0, d = 0] = frames.map(({ at }) => at);
  expect(b).toBeLessThan(5 * (c - b));
  expect(b).toBeGreaterThan(c - b);
  expect(c - b).toBeGreaterThan(d - c);
});

test('a line that several frames have is drawn once, and is escaped', () => {
  const svg = drawSvg([
    { at: 0, lines: ['a <b> & c'] },
    { at: 1, lines: ['a <b> & c', 'more'] },
  ]);
  expect(svg.match(/a &lt;b&gt; &amp; c/g)).toHaveLength(1);
  expect(svg).toContain('prefers-reduced-motion');
  expect(svg).toContain('@keyframes');
});
