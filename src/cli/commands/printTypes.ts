// `twindex types`: prints TypeScript types of the documents of an index.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import type { Command } from 'commander';
import type { Project } from '../../api/project.js';
import type { LiveIndex } from '../../cluster/indices/getIndex.js';
import { messageOf, TwindexError } from '../../errors.js';
import { printJson } from '../../json/exactJson.js';
import type { JsonObject } from '../../json/jsonTypes.js';
import { renderDocumentType, TYPES_HEADER, typeNameOf } from '../../schema/documentTypes.js';
import { print } from '../../terminal.js';
import type { Cli, GlobalOptions } from '../cli.js';
import { EXIT, type ExitCode } from '../exitCode.js';

interface TypesFlags extends GlobalOptions {
  readonly type?: string;
  readonly live?: boolean;
  readonly out?: string;
}

export function registerTypes(command: Command, cli: Cli): void {
  command
    .option('--type <name>', 'name of the type (default: Book for books)')
    .option('--live', 'use the live index, even if an index file declares the name')
    .option('--out <file>', 'file to write; replaces only a file that this command wrote (default: stdout)')
    .action(cli.action((name: string, flags: TypesFlags) => printTypes(name, flags, cli)));
}

async function printTypes(name: string, flags: TypesFlags, { io }: Cli): Promise<ExitCode> {
  const { type = typeNameOf(name) } = flags;
  if (!/^[A-Za-z_$][\w$]*$/.test(type))
    throw new TwindexError(
      'usage',
      `--type: expected the name of a TypeScript type such as Book, found ${type}`,
    );
  const found =
    (flags.live ? undefined : await declaredMappings(name, flags)) ?? (await liveMappings(name, flags));
  const text = renderDocumentType({ type, ...found });
  if (flags.out !== undefined) await replace(flags.out, text);
  if (flags.json)
    io.stdout.write(`${printJson({ name, type, of: found.of, file: flags.out ?? null, text })}\n`);
  else if (flags.out !== undefined)
    print(io, `${flags.out}: the type ${type}, for the documents of ${found.of}`);
  else io.stdout.write(text);
  return EXIT.done;
}

interface Found {
  readonly of: string;
  readonly mappings: JsonObject;
}

/** Reads the mappings from an index file, without a cluster. */
async function declaredMappings(name: string, flags: TypesFlags): Promise<Found | undefined> {
  const { loadConfig } = await import('../../schema/load.js');
  const { indexes, families } = await loadConfig({
    file: flags.config,
    cwd: process.cwd(),
    env: process.env,
  });
  const found = indexes.find((one) => one.name === name) ?? families.find(({ pattern }) => pattern === name);
  if (!found) return undefined;
  const file = relative(process.cwd(), found.file);
  return { of: `${name}, version ${found.version} (${file})`, mappings: found.mappings };
}

/** Reads the live index of a declared name. A name that no index file declares is taken as an index or an alias. */
async function liveMappings(name: string, flags: TypesFlags): Promise<Found> {
  const { withProject } = await import('../openProject.js');
  const { index, mappings } = await withProject(flags, (project) => findLiveIndex(project, name), {
    indexes: 'later',
    source: 'unneeded',
  });
  return { of: `the live index ${index}`, mappings };
}

async function findLiveIndex({ cluster, declared }: Project, name: string): Promise<LiveIndex> {
  const { chooseOne } = await import('../chooseIndexes.js');
  const { chooseLive, lookAround } = await import('../../plan/findLive.js');
  const { indexes } = await declared();
  const definition = indexes.find((one) => one.name === name);
  const live = definition && chooseLive(definition, await lookAround(cluster, definition));
  return live ?? (await chooseOne(cluster, name));
}

async function replace(file: string, text: string): Promise<void> {
  const before = await readFile(file, 'utf8').catch(() => undefined);
  if (before !== undefined && !before.startsWith(TYPES_HEADER))
    throw new TwindexError(
      'usage',
      `--out: ${file} was not written by twindex types, so it is left as it is. Name another file`,
    );
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  } catch (error) {
    throw new TwindexError('usage', `--out: cannot write ${file} (${messageOf(error)})`);
  }
}
