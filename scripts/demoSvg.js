// Makes docs/images/demo.svg from a real run of the demo: `npm run docs:demo`. It runs `twindex demo` in a
// pseudo-terminal (the program `script` of Linux), notes when each piece of output comes, and draws the terminal as an SVG whose frames
// CSS shows one after the other, in less time than the run took.
//
//   node scripts/demoSvg.js OUT.svg [--save RUN.json | --from RUN.json]     a saved run can be drawn again
//
// DEMO_OPTIONS: options of the demo, for example `--documents 20000` on a slow machine.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { performance } from 'node:perf_hooks';

const COLUMNS = 120;
const ROWS = 30;
/** How long the whole picture takes. At its end the last screen can be read. */
const SHOWN_SECONDS = 28;
const LAST_SECONDS = 9;
/** More pictures a second would only make the file larger. */
const FRAME_SECONDS = 0.33;
/** The demo clears lines and draws them again. Output within this time counts as one change of the screen. */
const DRAWING_SECONDS = 0.03;

/** @typedef {readonly [seconds: number, text: string]} Piece output, and when it came */
/** @typedef {{ readonly at: number, readonly lines: readonly string[] }} Screen */

/** @returns {Promise<Piece[]>} the output of the demo in a terminal of that size */
export function record() {
  const command = `stty cols ${COLUMNS} rows ${ROWS}; exec node dist/cli/main.js demo ${process.env['DEMO_OPTIONS'] ?? ''}`;
  const child = spawn('script', ['-qfec', command, '/dev/null'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  /** @type {Piece[]} */
  const pieces = [];
  const begun = performance.now();
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (text) => pieces.push([(performance.now() - begun) / 1000, text]));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve(pieces) : reject(new Error(`the demo ended with ${code}`)),
    );
  });
}

/**
 * The screen of a terminal after each piece. Of all control sequences, only those that the demo sends have an effect: the
 * move to an earlier line, and the clearing of the lines from there.
 * @param {readonly Piece[]} pieces @returns {Screen[]}
 */
export function screensOf(pieces, columns = COLUMNS) {
  /** @type {string[]} */
  let lines = [''];
  let row = 0;
  /** @param {string} text */
  const write = (text) => {
    const line = (lines[row] ?? '') + text;
    lines[row] = line.slice(0, columns);
    if (line.length <= columns) return;
    newLine();
    write(line.slice(columns));
  };
  const newLine = () => {
    row += 1;
    lines[row] ??= '';
  };
  return pieces.map(([at, text]) => {
    // oxlint-disable-next-line no-control-regex
    for (const [part, up, letter] of text.matchAll(/\u001B\[(\d*)([A-Za-z])|\r?\n|\r|[^\r\n\u001B]+/g)) {
      if (letter === 'A') row = Math.max(0, row - Number(up || 1));
      else if (letter === 'J') lines = [...lines.slice(0, row), ''];
      else if (letter !== undefined || part === '\r') continue;
      else if (part.endsWith('\n')) newLine();
      else write(part);
    }
    const shown = lines.at(-1) === '' ? lines.slice(0, -1) : lines;
    return { at, lines: [...shown] };
  });
}

/**
 * Screens of a long run, at their times in a short film. The film is divided at each line that stays. A long wait for
 * such a line is shortened more than a short one.
 * @param {readonly Screen[]} screens @returns {Screen[]}
 */
export function pickFrames(screens) {
  const whole = screens.at(-1)?.lines ?? [];
  const end = screens.at(-1)?.at ?? 0;
  /** @type {{ at: number, staying: number }[]} */
  const parts = [];
  for (const { at, lines } of screens) {
    const staying = lines.findIndex((line, row) => line !== whole[row]);
    const count = staying === -1 ? lines.length : staying;
    if (count > (parts.at(-1)?.staying ?? -1)) parts.push({ at, staying: count });
  }
  const lengths = parts.map(({ at }, n) => Math.log1p((parts[n + 1]?.at ?? end) - at));
  const scale = (SHOWN_SECONDS - LAST_SECONDS) / (lengths.reduce((sum, length) => sum + length, 0) || 1);
  /** @param {number} at */
  const filmTime = (at) => {
    const n = parts.findLastIndex((part) => part.at <= at);
    const before = lengths.slice(0, n).reduce((sum, length) => sum + length, 0);
    const begin = parts[n]?.at ?? 0;
    const share = (at - begin) / ((parts[n + 1]?.at ?? end) - begin || 1);
    return scale * (before + share * (lengths[n] ?? 0));
  };
  /** @type {Screen[]} */
  const frames = [];
  for (const [n, { at, lines }] of screens.entries()) {
    if ((screens[n + 1]?.at ?? Infinity) < at + DRAWING_SECONDS) continue;
    const time = filmTime(at);
    const last = frames.at(-1);
    if (n < screens.length - 1 && last && time < last.at + FRAME_SECONDS) continue;
    if (last?.lines.join('\n') !== lines.join('\n')) frames.push({ at: time, lines });
  }
  return frames;
}

const CHARACTER = 7.83;
const LINE = 18;
const MARGIN = 16;
const WIDTH = Math.ceil(COLUMNS * CHARACTER + 2 * MARGIN);
const HEIGHT = ROWS * LINE + 2 * MARGIN;

/** Lines that a reader should notice. */
const MARKED = [
  ['good', /^(?:cutover|rollback|switch|finalize|All checks)\b/],
  ['bad', /^a gateway is killed/],
];

/** @param {readonly Screen[]} frames @returns {string} */
export function drawSvg(frames) {
  /** @type {Map<string, string>} ids of lines */
  const ids = new Map();
  const strip = frames.map(({ lines }, n) => {
    const uses = lines.slice(-ROWS).map((line, row) => {
      if (line.trim() === '') return '';
      const id = ids.get(line) ?? `l${ids.size}`;
      ids.set(line, id);
      return `<use href="#${id}" y="${row * LINE}"/>`;
    });
    return `<g transform="translate(${n * WIDTH})">${uses.join('')}</g>`;
  });
  const steps = frames.map(
    ({ at }, n) => `${percent(n === 0 ? 0 : at)}{transform:translateX(-${n * WIDTH}px)}`,
  );
  const texts = [...ids].map(([line, id]) => {
    const [mark] = MARKED.find(([, pattern]) => /** @type {RegExp} */ (pattern).test(line)) ?? [];
    return `<text id="${id}" y="14"${mark ? ` class="${mark}"` : ''}>${escape(anonymous(line))}</text>`;
  });
  const last = (frames.length - 1) * WIDTH;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="A recorded run of twindex demo">
<style>
text{font:13px/1 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#d7dce2;white-space:pre}
.good{fill:#7ee0a1;font-weight:bold}.bad{fill:#ffb86b;font-weight:bold}
.film{animation:film ${SHOWN_SECONDS}s steps(1,end) infinite}
@keyframes film{${steps.join('')}}
@media (prefers-reduced-motion:reduce){.film{animation:none;transform:translateX(-${last}px)}}
</style>
<defs>${texts.join('\n')}</defs>
<rect width="100%" height="100%" rx="10" fill="#171a20"/>
<svg x="${MARGIN}" y="${MARGIN}" width="${WIDTH - 2 * MARGIN}" height="${HEIGHT - MARGIN}"><g class="film">${strip.join('\n')}</g></svg>
</svg>
`;
}

/** @param {number} seconds */
const percent = (seconds) => `${((100 * seconds) / SHOWN_SECONDS).toFixed(2)}%`;

/** Replaces the names of the user and the machine of the recording. @param {string} line */
const anonymous = (line) => line.replace(/\S+@\S+(?= asks for)/, 'lena@laptop');

/** @param {string} text */
const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [out = '', option, file = ''] = process.argv.slice(2);
  const pieces = option === '--from' ? JSON.parse(readFileSync(file, 'utf8')) : await record();
  if (option === '--save') writeFileSync(file, JSON.stringify(pieces));
  writeFileSync(out, drawSvg(pickFrames(screensOf(pieces))));
}
