// `npm run docs:commands` describes the command line from the commands themselves: for programs in
// schemas/commands.json, and for people in the tables of options between the markers of docs/commands.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** @typedef {import('../src/cli/commandDescription.js').CommandLineDescription} Description */
/** @typedef {import('../src/cli/commandDescription.js').CommandDescription} CommandDescription */
/** @typedef {import('../src/cli/commandDescription.js').OptionDescription} OptionDescription */

/** @param {Description} description */
export const drawJson = (description) => `${JSON.stringify(description, undefined, 2)}\n`;

/** Options that the page describes once, at its top. */
const COMMON = ['--config', '--json', '--help'];

const BLOCK = /(<!-- options of ([a-z ]+): [^\n]*-->\n)[^]*?(<!-- end of options -->)/g;

/** @param {string} page @param {Description} description @returns {string} the page with new tables */
export function drawTables(page, { commands }) {
  return page.replace(BLOCK, (_, begin, names, end) => {
    const shown = names.split(' ').map((/** @type {string} */ name) => {
      const found = commands.find((one) => one.name === name);
      if (!found) throw new Error(`docs/commands.md: there is no command ${name}`);
      return found;
    });
    return `${begin}${shown.length === 1 ? tableOf(shown[0]) : commonTable(shown)}${end}`;
  });
}

/** @param {string} page @returns {string[]} the commands that have a table */
export const drawnCommands = (page) =>
  [...page.matchAll(BLOCK)].flatMap(([, , names = '']) => names.split(' '));

/** @param {CommandDescription} command */
function tableOf(command) {
  const rows = ownOptions(command).map((option) => [
    code(optionText(option)),
    defaultText(option),
    text(option),
  ]);
  return `\`${synopsis(command)}\`\n${table(['option', 'default', ''], rows)}`;
}

/** @param {readonly CommandDescription[]} commands */
function commonTable(commands) {
  /** @type {Map<string, { option: OptionDescription, names: string[] }>} */
  const byOption = new Map();
  for (const command of commands)
    for (const option of ownOptions(command)) {
      const key = JSON.stringify(option);
      const { names } = byOption.get(key) ?? { names: [] };
      byOption.set(key, { option, names: [...names, command.name] });
    }
  const rows = [...byOption.values()].map(({ option, names }) => [
    code(optionText(option)),
    names.length === commands.length ? 'all' : names.map(code).join(' '),
    defaultText(option),
    text(option),
  ]);
  return table(['option', 'of', 'default', ''], rows);
}

/** @param {readonly string[]} heads @param {readonly (readonly string[])[]} rows */
function table(heads, rows) {
  if (rows.length === 0) return '';
  const line = (/** @type {readonly string[]} */ cells) =>
    `|${cells.map((cell) => (cell === '' ? ' ' : ` ${cell} `)).join('|')}|`;
  return `\n${[line(heads), `|${'---|'.repeat(heads.length)}`, ...rows.map(line)].join('\n')}\n`;
}

/** @param {CommandDescription} command */
const ownOptions = ({ options }) =>
  options.filter(({ flags }) => !COMMON.some((common) => flags.includes(common)));

const MANY = 8;

/** @param {CommandDescription} command */
function synopsis(command) {
  const own = ownOptions(command).map((option) => `[${optionText(option)}]`);
  const options = own.length > MANY ? ['[options]'] : own;
  const named = command.arguments.map(({ name, required, variadic }) => {
    const shown = variadic ? `${placeholder(name.replace(/s$/, ''))}…` : placeholder(name);
    return required ? shown : `[${shown}]`;
  });
  return ['twindex', command.name, ...named, ...options].join(' ');
}

/** @param {OptionDescription} option @returns {string} `--out FILE`, `--until ready|cutover` */
function optionText({ flags, choices }) {
  return flags.replace(/<([^>.]+)(\.\.\.)?>/, (_, value, more) => {
    const values = choices && !more ? choices.join('|') : placeholder(value);
    return `${values}${more ? '…' : ''}`;
  });
}

/** @param {string} value */
const placeholder = (value) => value.toUpperCase();

/** A default that commander does not know as a value is a text at the end of the description. */
const TOLD_DEFAULT = / \(default: ([^)]+)\)$/;

/** @param {OptionDescription} option */
const defaultText = ({ default: value, description }) =>
  value === undefined ? prose(TOLD_DEFAULT.exec(description)?.[1] ?? '') : code(value);

/** @param {OptionDescription} option */
const text = ({ description }) => prose(description.replace(TOLD_DEFAULT, ''));

/** Escapes text, so that Markdown takes it neither for HTML nor for the end of a cell. @param {string} value */
const prose = (value) => value.replaceAll('|', '\\|').replaceAll('<', '&lt;');

/** @param {string} value */
const code = (value) => `\`${value.replaceAll('|', '\\|')}\``;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { describeCommandLine } = await import('../dist/cli/describeCommands.js');
  const description = await describeCommandLine();
  writeFileSync(new URL('../schemas/commands.json', import.meta.url), drawJson(description));
  const page = new URL('../docs/commands.md', import.meta.url);
  writeFileSync(page, drawTables(readFileSync(page, 'utf8'), description));
}
