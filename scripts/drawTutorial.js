// `npm run docs:tutorial` runs scripts/newcomer.sh on the engine of TWINDEX_URL, and writes its commands and their output
// into docs/tutorial.md, one command per console block.
// tests/integration/cli/newcomer.test.ts runs the same script and compares the page with it.
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const PAGE = new URL('../docs/tutorial.md', import.meta.url);
const SCRIPT = fileURLToPath(new URL('newcomer.sh', import.meta.url));
const BLOCK = /^```console\n([^]*?)^```$/gm;

/** @param {string} transcript of newcomer.sh @returns {string[]} each command with its output */
export const commandsOf = (transcript) =>
  transcript
    .split(/^(?=\$ )/m)
    .map((text) => text.trim())
    .filter((text) => text !== '');

/** @param {string} page @returns {string[]} each command with its output, as they are in the page */
export const blocksOf = (page) => [...page.matchAll(BLOCK)].map(([, text = '']) => text.trim());

/**
 * @param {string} page
 * @param {readonly string[]} commands
 * @returns {string} the page with these commands in its console blocks
 */
export function fillIn(page, commands) {
  const count = blocksOf(page).length;
  if (count !== commands.length)
    throw new Error(
      `docs/tutorial.md has ${count} console blocks, and scripts/newcomer.sh runs ${commands.length} commands`,
    );
  let at = 0;
  return page.replace(BLOCK, () => `\`\`\`console\n${commands[at++]}\n\`\`\``);
}

/**
 * Removes or replaces what differs between two runs: log lines, durations, sizes, versions, and the width of columns.
 * @param {string} text
 */
export const comparable = (text) =>
  text
    .replaceAll(/^\d{4}-\d\d-\d\dT\S+Z .*\n?/gm, '')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/\b(?:\d+m ?)?[\d.,]+ ?m?s\b/g, 'DURATION')
    .replaceAll('just now', 'DURATION ago')
    .replaceAll(/[\d.]+ [KM]?B\b/g, 'SIZE')
    .replaceAll(/(?:OpenSearch|Elasticsearch) [\d.]+/g, 'ENGINE')
    .replaceAll(/\d+(?= packages| documents compared)/g, 'N')
    .replaceAll(/ +/g, ' ')
    .trim();

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const url = process.env['TWINDEX_URL'];
  if (!url) throw new Error('set TWINDEX_URL to an engine: `npm run engine` starts one');
  const env = { ...process.env, TWINDEX_URL: undefined, TWINDEX_CONFIG: undefined };
  const { stdout } = await promisify(execFile)(SCRIPT, [url], { env, maxBuffer: 1 << 24 });
  const commands = commandsOf(
    stdout.replaceAll(url, 'http://localhost:9200').replaceAll(/\S+@\S+(?= asks for)/g, 'lena@laptop'),
  );
  writeFileSync(PAGE, fillIn(readFileSync(PAGE, 'utf8'), commands));
}
