// The work of `twindex init`: reads the indexes of the cluster, and writes the files that are missing.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, extname, join, relative, resolve } from 'node:path';
import { type Cluster, connect } from '../cluster/cluster.js';
import { connectProblem } from '../cluster/connectProblem.js';
import { isTwindexError, messageOf, TwindexError } from '../errors.js';
import { printJson } from '../json/exactJson.js';
import { type LeftOut, type Recognised, recogniseIndexes } from '../plan/recogniseIndexes.js';
import { partOf } from '../schema/family.js';
import { loadConfig } from '../schema/load.js';
import { engineTitle } from '../schema/nearestName.js';
import { type IndexFileFormat, renderIndexFile } from '../schema/render.js';
import { renderConfigFile } from '../schema/renderConfig.js';
import type { DeclaredIndexes } from '../schema/types.js';
import { print } from '../terminal.js';
import { chooseIndexes } from './chooseIndexes.js';
import { clusterAddress, type ClusterAddress } from './clusterAddress.js';
import type { Cli } from './cli.js';
import { EXIT, type ExitCode } from './exitCode.js';
import type { InitFlags } from './initFlags.js';
import { withProject } from './openProject.js';
import { initLines, type InitReport, type WrittenIndex } from './text/initText.js';

interface Init {
  readonly expressions: readonly string[];
  readonly flags: InitFlags;
  /** The configuration, if there is one. */
  readonly configFile: string | undefined;
  readonly cli: Cli;
}

export async function initProject({ expressions, flags, configFile, cli }: Init): Promise<ExitCode> {
  if (configFile !== undefined && flags.url !== undefined) await refuseOtherCluster(flags.url, configFile);
  const address = configFile === undefined ? clusterAddress(flags, process.env) : undefined;
  const { recognised, leftOut, cluster } = await withCluster(flags, address, async (live) => ({
    ...(await recognise(live, expressions, flags.name)),
    cluster: `${(address?.nodes ?? nodesOf(live)).join(', ')} (${engineTitle(live.engine)})`,
  }));
  if (recognised.length === 0) throw nothingFound(leftOut);
  const files = new ProjectFiles(flags, configFile);
  const before = configFile === undefined ? undefined : await declaredIn(configFile);
  const wanted = recognised.filter(({ name }) => fileOf(before, name) === undefined);
  const config = await files.writeConfig(address);
  const written = await files.writeIndexes(wanted);
  const kept = recognised
    .filter((one) => !wanted.includes(one))
    .map((found) => ({ found, file: shown(fileOf(before, found.name) ?? ''), written: false }));
  const report: InitReport = {
    config,
    cluster,
    indexes: [...written, ...kept].sort((a, b) => (a.found.name < b.found.name ? -1 : 1)),
    leftOut,
    notFound: config.written ? [] : await notDeclared(files.config, written),
    notes: address ? addressNotes(flags, address) : [],
    options:
      flags.config === undefined || process.env['TWINDEX_CONFIG'] === flags.config
        ? ''
        : ` --config ${config.file}`,
  };
  if (flags.json) print(cli.io, printJson(jsonOf(report)));
  else for (const line of initLines(report)) print(cli.io, line);
  return EXIT.done;
}

/** The live index that `twindex init INDEX` prints. */
export async function recogniseOne(
  expression: string,
  flags: InitFlags,
  configFile: string | undefined,
): Promise<Recognised> {
  const address = configFile === undefined ? clusterAddress(flags, process.env) : undefined;
  const { recognised, leftOut } = await withCluster(flags, address, (cluster) =>
    recognise(cluster, [expression], flags.name),
  );
  const [found] = recognised;
  if (!found) throw nothingFound(leftOut);
  return found;
}

async function recognise(cluster: Cluster, expressions: readonly string[], name: string | undefined) {
  const { indexes, shared, leftOut } = await chooseIndexes(cluster, expressions);
  const found = recogniseIndexes(indexes, shared, name);
  return { recognised: found.recognised, leftOut: [...leftOut, ...found.leftOut] };
}

function nothingFound(leftOut: readonly LeftOut[]): TwindexError {
  const reasons = leftOut.map(({ index, reason }) => `${index}: ${reason}`).join('; ');
  return new TwindexError('not_found', `there is no index that can be declared (${reasons})`);
}

/** @param address undefined if the configuration contains the address */
async function withCluster<T>(
  flags: InitFlags,
  address: ClusterAddress | undefined,
  body: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  if (!address) {
    const options = { indexes: 'later', source: 'unneeded' } as const;
    return withProject(flags, ({ cluster }) => body(cluster), options);
  }
  const cluster = await connect(address.options, undefined, connectProblem);
  try {
    return await body(cluster);
  } finally {
    await cluster.close();
  }
}

const nodesOf = ({ options }: Cluster): string[] => options.nodes.map((node) => hostOf(node));
const hostOf = (node: string): string => new URL(node).origin;

/** A configuration is never changed, so it has to name the cluster of `--url`. */
async function refuseOtherCluster(url: string, configFile: string): Promise<void> {
  const { nodes } = clusterAddress({ url }, {});
  const env = { ...process.env, TWINDEX_URL: undefined };
  const config = await loadConfig({ file: configFile, cwd: process.cwd(), env, withIndexes: false });
  const known = config.cluster.nodes.map(hostOf);
  if (nodes.some((node) => known.includes(hostOf(node)))) return;
  throw new TwindexError(
    'usage',
    `${shown(configFile)} exists, and names another cluster (${known.join(', ')}) than --url. Leave out --url, or name another ` +
      'file with --config. init never overwrites a file.',
  );
}

const shown = (path: string): string => {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
};

async function declaredIn(file: string): Promise<DeclaredIndexes | undefined> {
  try {
    return await loadConfig({ file, cwd: process.cwd(), env: process.env });
  } catch (error) {
    // often a pattern matches no file yet, because init is about to write the file. An error with another cause is
    // thrown later, by `notDeclared`
    if (isTwindexError(error, 'config_invalid')) return undefined;
    throw error;
  }
}

const fileOf = (declared: DeclaredIndexes | undefined, name: string): string | undefined =>
  declared?.indexes.find((one) => one.name === name)?.file ??
  declared?.families.find(({ pattern }) => partOf(pattern, name) !== undefined)?.file;

/** The new index files that no entry of the configuration matches. @throws TwindexError `config_invalid` */
async function notDeclared(config: string, written: readonly WrittenIndex[]): Promise<string[]> {
  const declared = await loadConfig({ file: config, cwd: process.cwd(), env: process.env });
  return written.filter(({ found }) => fileOf(declared, found.name) === undefined).map(({ file }) => file);
}

class ProjectFiles {
  readonly config: string;
  readonly #flags: InitFlags;
  readonly #isNew: boolean;
  readonly #format: IndexFileFormat;

  constructor(flags: InitFlags, configFile: string | undefined) {
    const named = flags.config ?? `twindex.config.${flags.format ?? 'ts'}`;
    this.config = configFile ?? resolve(named);
    this.#flags = flags;
    this.#isNew = configFile === undefined;
    this.#format = flags.format ?? formatOf(this.config);
  }

  async writeConfig(address: ClusterAddress | undefined): Promise<InitReport['config']> {
    if (this.#isNew && address) {
      const { nodes, credentials } = address;
      const { caFile, out } = this.#flags;
      const folder = dirname(this.config);
      const indexes = [out === undefined ? `./indexes/*.${this.#format}` : fromFolder(folder, out)];
      const ca = caFile === undefined ? {} : { caFile: fromFolder(folder, caFile) };
      const text = renderConfigFile({ nodes, credentials, ...ca, indexes, format: formatOf(this.config) });
      await writeNew(this.config, text);
    }
    return { file: shown(this.config), written: this.#isNew };
  }

  async writeIndexes(recognised: readonly Recognised[]): Promise<WrittenIndex[]> {
    const files: WrittenIndex[] = [];
    for (const found of recognised) {
      const { live, name, version, aliases } = found;
      const { out } = this.#flags;
      const file =
        out === undefined ? join(dirname(this.config), 'indexes', `${name}.${this.#format}`) : resolve(out);
      const { settings, mappings } = live;
      const text = renderIndexFile({ name, version, aliases, settings, mappings, format: this.#format });
      files.push({ found, file: shown(file), written: await writeNew(file, text) });
    }
    return files;
  }
}

function formatOf(file: string): IndexFileFormat {
  const ending = extname(file);
  if (ending === '.json') return 'json';
  return ending === '.yaml' || ending === '.yml' ? 'yaml' : 'ts';
}

/** A path for a file in `folder`, with slashes on every system. */
const fromFolder = (folder: string, path: string): string =>
  `./${relative(folder, resolve(path)).replaceAll('\\', '/')}`;

/** Writes a file only if it does not exist yet. @returns false if it exists */
async function writeNew(file: string, text: string): Promise<boolean> {
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(file, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new TwindexError('usage', `cannot write ${shown(file)} (${messageOf(error)})`);
  }
}

function addressNotes(flags: InitFlags, { nodes, isSecret }: ClusterAddress): string[] {
  const inEnvironment = process.env['TWINDEX_URL'];
  const isSame = flags.url === undefined || flags.url === inEnvironment;
  if (isSecret && !isSame)
    return [
      'note: user and password were not written to a file. For further commands, set TWINDEX_URL to the address with both, as in --url. This ' +
        'address is used instead of the addresses in the configuration.',
    ];
  if (inEnvironment === undefined || inEnvironment === '' || isSame) return [];
  return [
    `warning: further commands use the address in TWINDEX_URL, not ${nodes.join(', ')}, as long as TWINDEX_URL is set`,
  ];
}

function jsonOf({ config, indexes, leftOut, notFound }: InitReport): object {
  return {
    config,
    indexes: indexes.map(({ found: { live, name, version, aliases, guessed }, file, written }) => ({
      name,
      index: live.index,
      version,
      aliases,
      aliasesUnclear: guessed,
      file,
      written,
    })),
    leftOut,
    notFound,
  };
}
