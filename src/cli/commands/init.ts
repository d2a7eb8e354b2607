// `twindex init`: writes an index file from a live index.
import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { getIndexes, type LiveIndex } from '../../cluster/indices/getIndex.js';
import { messageOf, TwindexError } from '../../errors.js';
import { aliasesOfClients } from '../../protocol/names.js';
import { liveVersion } from '../../protocol/indexVersion.js';
import type { IndexFileFormat } from '../../schema/render.js';
import { type Cli, type GlobalOptions } from '../cli.js';
import { forUser, print } from '../../terminal.js';
import { EXIT, type ExitCode } from '../exitCode.js';
import { withProject } from '../openProject.js';
import { printJson } from '../../json/exactJson.js';

interface InitFlags extends GlobalOptions {
  readonly name?: string;
  readonly format: IndexFileFormat;
  readonly out?: string;
}

export function registerInit(command: Command, cli: Cli): void {
  command
    .option('--name <name>', 'name of the declared index (default: the index name without its -v<N>)')
    .addOption(
      new Option('--format <format>', 'format of the file').choices(['ts', 'json', 'yaml']).default('ts'),
    )
    .option('--out <file>', 'file to write (default: stdout); an existing file is not overwritten')
    .action(cli.action((index: string, flags: InitFlags) => init(index, flags, cli)));
}

async function init(expression: string, flags: InitFlags, { io }: Cli): Promise<ExitCode> {
  const live = await withProject(
    flags,
    async ({ cluster }) => theOne(expression, await getIndexes(cluster, expression)),
    { indexes: 'later' },
  );
  const name = flags.name ?? live.index.replace(/-v[1-9]\d*$/, '');
  const { guessed, ...aliases } = aliasesOf(name, live);
  if (guessed) io.stderr.write(forUser(io, whichAliases(live)));
  const { renderIndexFile } = await import('../../schema/render.js');
  const text = renderIndexFile({
    name,
    version: liveVersion(name, live),
    aliases,
    settings: live.settings,
    mappings: live.mappings,
    format: flags.format,
  });
  if (flags.out) await writeNew(flags.out, text);
  if (flags.json) print(io, printJson({ name, index: live.index, file: flags.out ?? null, text }));
  else if (flags.out) print(io, `${flags.out}: ${live.index} as ${name}`);
  else io.stdout.write(text);
  return EXIT.done;
}

function whichAliases({ index, aliases }: LiveIndex): string {
  const names = Object.keys(aliasesOfClients(aliases));
  const has = names.length === 0 ? 'no alias' : `the aliases ${names.join(', ')}`;
  return (
    `warning: ${index} has ${has}, so it can't be told which one readers use, and which one writers use. Correct \`aliases\` in the ` +
    'index file before you plan: with aliases that the index does not have, twindex takes it for an index that does not exist yet.\n'
  );
}

function theOne(expression: string, found: readonly LiveIndex[]): LiveIndex {
  const [live] = found;
  if (!live) throw new TwindexError('not_found', `there is no index or alias ${expression}`);
  if (found.length === 1) return live;
  const names = found.map(({ index }) => index).join(', ');
  throw new TwindexError('usage', `${expression} stands for several indexes (${names}). Name one of them.`);
}

interface Aliases {
  readonly read: string;
  readonly write: string;
  /** True if both are defaults, not aliases of the index. A plan may not find the index by them. */
  readonly guessed?: true;
}

/** The live aliases, if it is clear which is for reading and which for writing; otherwise the defaults. */
function aliasesOf(name: string, { index, aliases }: LiveIndex): Aliases {
  const names = Object.keys(aliasesOfClients(aliases));
  const [only] = names;
  if (only !== undefined && names.length === 1) return { read: only, write: only };
  if (only === undefined && index === name) return { read: name, write: name };
  const isMarked = (alias: string) => aliases[alias]?.is_write_index === true;
  const write =
    oneOf(names.filter((alias) => isMarked(alias) || /write|index/.test(alias))) ??
    oneOf(names.filter(isMarked));
  const others = names.filter((alias) => alias !== write);
  const read = oneOf(others) ?? oneOf(others.filter((alias) => /read|search/.test(alias)));
  if (read !== undefined && write !== undefined) return { read, write };
  return { read: `${name}-read`, write: `${name}-write`, guessed: true };
}

const oneOf = (names: readonly string[]): string | undefined => (names.length === 1 ? names[0] : undefined);

async function writeNew(file: string, text: string): Promise<void> {
  await writeFile(file, text, { flag: 'wx' }).catch((error: unknown) => {
    throw new TwindexError('usage', `--out: cannot write ${file} (${messageOf(error)})`);
  });
}
