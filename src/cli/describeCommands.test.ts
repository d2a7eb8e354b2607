import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { Cli } from './cli.js';
import type { CommandLineDescription } from './commandDescription.js';
import { COMMANDS, nameOfEntry } from './commandTable.js';
import { describeCommandLine } from './describeCommands.js';
import { createProgram } from './program.js';

const root = new URL('../../', import.meta.url);
const read = (path: string): Promise<string> => readFile(new URL(path, root), 'utf8');

const { drawJson, drawTables, drawnCommands } = (await import(
  new URL('scripts/drawCommands.js', root).href
)) as {
  drawJson: (description: CommandLineDescription) => string;
  drawTables: (page: string, description: CommandLineDescription) => string;
  drawnCommands: (page: string) => string[];
};

const description = await describeCommandLine();
const { commands } = description;
const options = commands.flatMap(({ name, options: own }) => own.map((option) => ({ ...option, name })));

test('schemas/commands.json is what `npm run docs:commands` writes', async () => {
  expect(await read('schemas/commands.json')).toBe(drawJson(description));
});

test('the tables of docs/commands.md are what `npm run docs:commands` writes, and each command has one', async () => {
  const page = await read('docs/commands.md');
  expect(drawTables(page, description)).toBe(page);
  expect(drawnCommands(page).sort()).toEqual(commands.map(({ name }) => name).sort());
});

describe('options have the same form everywhere', () => {
  test('the same option takes the same kind of value in all commands', () => {
    const forms = new Map<string, Set<string>>();
    for (const { flags } of options) {
      const [flag = ''] = /--[\w-]+/.exec(flags) ?? [];
      forms.set(flag, (forms.get(flag) ?? new Set()).add(flags));
    }
    expect([...forms.values()].filter((each) => each.size > 1)).toEqual([]);
  });

  test('values have few names', () => {
    const named = options.flatMap(({ flags }) => /<[^>]+>/.exec(flags) ?? []);
    expect([...new Set(named)].sort()).toEqual(VALUES);
  });

  test('descriptions are phrases: they begin in lower case and end without a full stop', () => {
    const wrong = options.filter((one) => /^[A-Z][a-z]|\.$/.test(one.description));
    expect(wrong.map(({ name, flags }) => `${name} ${flags}`)).toEqual([]);
  });
});

const VALUES = [
  '<address>',
  '<cluster>',
  '<duration>',
  '<engine>',
  '<factor>',
  '<file>',
  '<format>',
  '<index>',
  '<level>',
  '<n>',
  '<name:rule>',
  '<name>',
  '<phase>',
  '<rate>',
  '<route>',
  '<routing>',
  '<share>',
  '<size>',
  '<threshold...>',
  '<what>',
];

test.each(COMMANDS.filter(({ hidden }) => !hidden).map((entry) => ({ name: nameOfEntry(entry), entry })))(
  'the examples of $name run',
  async ({ name, entry }) => {
    expect(entry.examples).not.toEqual([]);
    for (const { run } of entry.examples) expect(await commandOf(run), run).toBe(name);
  },
);

/** Parses a command line as the shell and twindex do. @returns the command that would run */
async function commandOf(line: string): Promise<string | undefined> {
  const words = line
    .replace(/ >>? .*$/, '')
    .split(' ')
    .map((word) => word.replace(/^'(.*)'$/, '$1'));
  let called: string | undefined;
  const cli: Cli = {
    io: { stdout: process.stdout, stderr: process.stderr, stdin: process.stdin },
    invocation: 'twindex',
    signal: new AbortController().signal,
    action: () => async () => {
      called = words[0];
    },
  };
  const program = await createProgram(cli, (name) => name === words[0]);
  await program.parseAsync(words, { from: 'user' });
  return called;
}
