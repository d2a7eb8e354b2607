// `twindex init`: writes index files, and the configuration if there is none, from a live cluster.
import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { messageOf, TwindexError } from '../../errors.js';
import type { Cli } from '../cli.js';
import type { InitFlags } from '../initFlags.js';
import { forUser, print } from '../../terminal.js';
import { EXIT, type ExitCode } from '../exitCode.js';
import { printJson } from '../../json/exactJson.js';

export function registerInit(command: Command, cli: Cli): void {
  command
    .option('--url <address>', 'address of the cluster (default: TWINDEX_URL, or the configuration)')
    .option('--ca-file <file>', "PEM file with the authority that signed the nodes' certificates")
    .option('--name <name>', 'name to declare (default: derived from the names of the index and its aliases)')
    .addOption(
      new Option('--format <format>', 'format of the files (default: ts)').choices(['ts', 'json', 'yaml']),
    )
    .option('--out <file>', 'file to write one index file to; - for stdout')
    .option('--write', 'write index files, even if there is a configuration')
    .action(cli.action((indexes: string[], flags: InitFlags) => init(indexes, flags, cli)));
}

async function init(expressions: readonly string[], flags: InitFlags, cli: Cli): Promise<ExitCode> {
  const { findConfigFile } = await import('../../schema/load.js');
  const configFile = await findConfigFile({ file: flags.config, cwd: process.cwd(), env: process.env });
  const [only] = expressions;
  const one = expressions.length === 1 && only !== undefined && !/[*,]/.test(only);
  for (const option of ['name', 'out'] as const)
    if (flags[option] !== undefined && !one)
      throw new TwindexError(
        'usage',
        `--${option} is for a single index: name the index, such as twindex init books --${option} …`,
      );
  const isPrinted = flags.out === '-' || (configFile !== undefined && !flags.url && !flags.write);
  if (isPrinted && one) return printIndexFile(only, flags, configFile, cli);
  if (isPrinted) throw printsOne(expressions);
  const { initProject } = await import('../initProject.js');
  return initProject({ expressions, flags, configFile, cli });
}

function printsOne(expressions: readonly string[]): TwindexError {
  const all = ['twindex init', ...expressions.map((text) => `'${text}'`), '--write'].join(' ');
  return new TwindexError(
    'usage',
    `without --write, init prints the index file of one index. Name this index. To write the files of all indexes: ${all}`,
  );
}

/** Prints one index file, or writes it to `--out`. Used if there is a configuration, or with `--out -`. */
async function printIndexFile(
  expression: string,
  flags: InitFlags,
  configFile: string | undefined,
  { io }: Cli,
): Promise<ExitCode> {
  const { recogniseOne } = await import('../initProject.js');
  const { aliasWarning } = await import('../text/initText.js');
  const found = await recogniseOne(expression, flags, configFile);
  const { live, name, version, aliases } = found;
  if (found.guessed) io.stderr.write(forUser(io, `${aliasWarning(found)}\n`));
  const { renderIndexFile } = await import('../../schema/render.js');
  const { settings, mappings } = live;
  const format = flags.format ?? 'ts';
  const text = renderIndexFile({ name, version, aliases, settings, mappings, format });
  const file = flags.out === '-' ? undefined : flags.out;
  if (file) await writeNew(file, text);
  if (flags.json) io.stdout.write(`${printJson({ name, index: live.index, file: file ?? null, text })}\n`);
  else if (file) print(io, `${file}: ${live.index} as ${name}`);
  else io.stdout.write(text);
  return EXIT.done;
}

async function writeNew(file: string, text: string): Promise<void> {
  await writeFile(file, text, { flag: 'wx' }).catch((error: unknown) => {
    throw new TwindexError('usage', `--out: cannot write ${file} (${messageOf(error)})`);
  });
}
