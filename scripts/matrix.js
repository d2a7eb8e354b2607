// `npm run matrix`: starts each engine of the version matrix, runs integration tests and a short demo on it, and writes the
// results into the table of docs/versions.md. One engine runs at a time. Needs dist/ (the npm script builds it).
//
//   npm run matrix                                   every engine on the oldest Node, the newest engine on all others
//   npm run matrix -- --engine opensearch@2.19.5     one engine (repeatable; any version that can be downloaded)
//   npm run matrix -- --node 24                      one version of Node (repeatable)
//   npm run matrix -- --all                          all integration tests instead of the selection
//   npm run matrix -- --no-demo                      tests only
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startEngine } from '../dist/localEngine/startEngine.js';
import { chooseRows, countsIn, engineTitle, withRow } from './matrixTable.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PAGE = join(ROOT, 'docs/versions.md');
const CACHE = join(ROOT, 'node_modules/.cache/twindex-matrix');

/**
 * Whole migrations on every route, there and back, and with each layout of aliases; gateways; and the comparison of what is
 * declared with what an engine says. It takes a few minutes on two cores. The demo adds two gateways and two releases at once.
 */
const SELECTION = [
  'classification/',
  'gateway/command',
  'gateway/mirrored',
  'gateway/passing',
  'migration/layouts',
  'migration/pipeline',
  'migration/reingest',
  'migration/server',
  'mirror/documents',
  'sameSchema',
].map((path) => `tests/integration/${path}`);
/** Tests in migration/reingest that do not depend on the engine, or take long. */
const NOT_SELECTED = [
  'a source of truth that is wrong',
  'a file as the source of truth',
  'a document of the source of truth that v2 refuses',
  'a migration from the source of truth (?!fills v2|keeps the newer)',
];

const MINUTES = { selection: 20, all: 150, demo: 10 };
const DEMO = ['demo', '--json', '--documents', '2000', '--seconds', '1'];
const TESTED = { opensearch: 'TWINDEX_TEST_OPENSEARCH_URL', elasticsearch: 'TWINDEX_TEST_ELASTICSEARCH_URL' };

const { values: flags } = parseArgs({
  options: {
    engine: { type: 'string', multiple: true, default: [] },
    node: { type: 'string', multiple: true, default: [] },
    all: { type: 'boolean', default: false },
    'no-demo': { type: 'boolean', default: false },
  },
});

// Ctrl-C does not reach the tests and demos, which are process groups of their own. The listeners of `exit` end them.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
mkdirSync(CACHE, { recursive: true });
let hasFailed = false;
for (const [engine, node] of chooseRows(flags.engine, flags.node)) {
  const row = await measure(engine, node);
  writeFileSync(PAGE, withRow(readFileSync(PAGE, 'utf8'), row));
  const { passed, failed, skipped, demo } = row;
  console.log(`  ${passed} passed, ${failed} failed, ${skipped} skipped; demo: ${demo}`);
  if (failed !== '0' || demo === 'failed' || demo === 'not finished') hasFailed = true;
}
process.exitCode = hasFailed ? 1 : 0;

/** @param {string} spec @param {string} major of Node @returns {Promise<import('./matrixTable.js').Row>} */
async function measure(spec, major) {
  const node = nodeProgram(major);
  const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim().slice(1);
  console.log(`${engineTitle(spec)}, Node ${version}`);
  const job = { node, log: join(CACHE, `${spec}-node${major}`) };
  const results = await onEngine(spec, job).catch((error) => {
    console.log(`  ${error instanceof Error ? error.message : error}`);
    return { passed: '?', failed: 'did not start', skipped: '?', demo: 'not run' };
  });
  const date = new Date().toISOString().slice(0, 10);
  return {
    engine: engineTitle(spec),
    node: version,
    tests: flags.all ? 'all' : 'selection',
    ...results,
    date,
  };
}

/** @param {string} spec @param {Job} job */
async function onEngine(spec, job) {
  const engine = await startEngine(spec, { heapMb: 1024, onNote: (text) => console.log(`  ${text}`) });
  try {
    const [url = ''] = engine.urls;
    const counts = await runTests(job, engine.name, url);
    return { ...counts, demo: flags['no-demo'] ? 'not run' : await runDemo(job, url) };
  } finally {
    await engine.stop();
  }
}

/** @typedef {{ node: string, log: string }} Job the program `node` to run, and the beginning of the names of its logs */

/** @param {Job} job @param {'opensearch' | 'elasticsearch'} name @param {string} url */
async function runTests(job, name, url) {
  const files = flags.all ? [] : [...SELECTION, '--testNamePattern', `^(?!${NOT_SELECTED.join('|')})`];
  const output = await run(job, ['node_modules/vitest/vitest.mjs', 'run', '--project', name, ...files], {
    what: 'tests',
    minutes: flags.all ? MINUTES.all : MINUTES.selection,
    env: {
      [TESTED[name]]: url,
      [flags.all ? 'TWINDEX_NIGHTLY' : 'TWINDEX_NAMED_FILES']: '1',
      NO_COLOR: '1',
    },
  });
  return countsIn(output ?? '') ?? { passed: '?', failed: 'not finished', skipped: '?' };
}

/** @param {Job} job @param {string} url @returns {Promise<string>} */
async function runDemo(job, url) {
  const env = { TWINDEX_URL: url, NO_COLOR: '1' };
  const output = await run(job, ['dist/cli/main.js', ...DEMO], { what: 'demo', minutes: MINUTES.demo, env });
  if (output === undefined) return 'not finished';
  return /"ok":\s*true/.test(output) ? 'passed' : 'failed';
}

/**
 * Runs a program with a limit of time, and keeps its output in a file.
 * @param {Job} job @param {readonly string[]} args
 * @param {{ what: string, minutes: number, env: Record<string, string> }} options
 * @returns {Promise<string | undefined>} undefined if the time was over
 */
async function run({ node, log }, args, { what, minutes, env }) {
  const file = `${log}-${what}.log`;
  console.log(`  ${what}: ${file}`);
  // A process group of its own, so that `end` also ends everything that the program has started.
  const child = spawn(node, args, {
    cwd: ROOT,
    detached: true,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = () => void (child.exitCode === null && child.pid && process.kill(-child.pid, 'SIGKILL'));
  process.once('exit', end);
  const written = createWriteStream(file);
  const pieces = /** @type {Buffer[]} */ ([]);
  child.stdout.on('data', (piece) => pieces.push(piece)).pipe(written, { end: false });
  child.stderr.pipe(written, { end: false });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    end();
  }, minutes * 60_000);
  await once(child, 'close');
  clearTimeout(timer);
  process.off('exit', end);
  written.end();
  return isLate ? undefined : Buffer.concat(pieces).toString();
}

/** @param {string} major @returns {string} the path of the program, which npm downloads unless it is the present one */
function nodeProgram(major) {
  if (process.versions.node.split('.')[0] === major) return process.execPath;
  const folder = join(CACHE, `node-${major}`);
  const program = join(folder, 'node_modules/node/bin/node');
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  const args = ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', `node@${major}`];
  const { status } = spawnSync('npm', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0 || !existsSync(program)) throw new Error(`npm could not install node@${major}`);
  return program;
}
