// Finds and reads the configuration and the index files, and reports all problems in them together.
import { access } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import type { ClusterOptions, Origins } from '../cluster/clusterOptions.js';
import { TwindexError } from '../errors.js';
import { plainValues } from '../json/exactJson.js';
import type { Config } from './config.js';
import { type ConfigContent, configSchema, isAddress } from './configSchema.js';
import { hooksIn, mergedHooks, notifyOf } from './hookSchema.js';
import { readIndexDefinition } from './indexSchema.js';
import { isObject } from '../json/plain.js';
import { type FileContent, isData, readContent } from './readFile.js';
import type { DeclaredIndexes, IndexDefinition, IndexFamily } from './types.js';
import { pathText, type Problem, problem, problemsOf, throwProblems, withoutSecrets } from './validation.js';

type Environment = Readonly<Record<string, string | undefined>>;

export interface LoadOptions {
  /** The path given with `--config`, relative to `cwd`. */
  readonly file?: string | undefined;
  readonly cwd: string;
  /** The variables TWINDEX_CONFIG and TWINDEX_URL, and those in `${NAME}` in JSON and YAML. */
  readonly env: Environment;
  /** False: index files are not read, for example because none is written yet. */
  readonly withIndexes?: boolean;
  /**
   * False: the parts about the cluster are not read, so their variables and secrets may be missing. The
   * result then has an address that does not exist.
   */
  readonly withCluster?: boolean;
}

const NAMES = ['ts', 'js', 'mjs', 'json', 'yaml', 'yml'].map((ending) => `twindex.config.${ending}`);

/**
 * Loads the configuration with all index definitions.
 * @throws TwindexError `config_invalid`; its message has one line for each problem
 */
export async function loadConfig({
  file: given,
  cwd,
  env,
  withIndexes = true,
  withCluster = true,
}: LoadOptions): Promise<Config> {
  const file = await findConfig(given ?? env.TWINDEX_CONFIG, cwd);
  const show = (path: string) => shownPath(path, cwd);
  const content = await readConfig(file, show(file), withCluster ? env : undefined);
  const files = withIndexes ? await findIndexFiles(file, show(file), content.indexes) : [];
  const defaults = defaultsOf(content, dirname(file));
  const declared = withDefaults(await readIndexFiles(files, show), defaults);
  const { cluster, source } = content;
  const again = async (): Promise<ConfigContent> => await readConfig(file, show(file), env);
  const sourceAgain = async (): Promise<ClusterOptions> => {
    const now = (await again()).source;
    return now ? clusterOptions(now, file) : { nodes: [] };
  };
  return {
    file,
    cluster: {
      ...clusterOptions(cluster, file),
      readAgain: async () => clusterOptions((await again()).cluster, file),
      origins: originsIn('cluster', show(file), env),
    },
    ...(source && {
      source: {
        ...clusterOptions(source, file),
        readAgain: sourceAgain,
        origins: originsIn('source', show(file), {}),
      },
    }),
    defaults,
    ...declared,
  };
}

/** The first configuration file that exists, as an absolute path. */
export async function findConfigFile({ file, cwd, env }: LoadOptions): Promise<string | undefined> {
  const given = file ?? env.TWINDEX_CONFIG;
  const files = given === undefined || given === '' ? NAMES : [given];
  for (const path of files.map((name) => resolve(cwd, name))) if (await exists(path)) return path;
  return undefined;
}

async function findConfig(given: string | undefined, cwd: string): Promise<string> {
  if (given !== undefined && given !== '') return resolve(cwd, given);
  const file = await findConfigFile({ cwd, env: {} });
  if (file !== undefined) return file;
  throw new TwindexError(
    'config_invalid',
    `expected one of ${NAMES.join(', ')} in ${cwd}, found none. Write one, or name another file with --config or TWINDEX_CONFIG.`,
  );
}

async function exists(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  );
}

/** The path of the file: relative to the current folder if the file is below it, otherwise absolute. */
function shownPath(file: string, cwd: string): string {
  const path = relative(cwd, file);
  return path.startsWith('..') || isAbsolute(path) ? file : path;
}

/** @param env undefined: the parts about the cluster are left out */
async function readConfig(file: string, shown: string, env: Environment | undefined): Promise<ConfigContent> {
  const content = await readContent(file);
  if (content.type === 'unreadable') throw new TwindexError('config_invalid', `${shown}: ${content.reason}`);
  const plain = plainValues(content.value);
  const { value, problems } = env
    ? withEnvironment(plain, { env, shown, data: isData(file) })
    : { value: withoutCluster(plain), problems: [] as Problem[] };
  const parsed = configSchema.safeParse(value);
  if (!parsed.success) problems.push(...problemsOf(parsed.error, { file: shown, value }));
  throwProblems(problems);
  return parsed.data as ConfigContent;
}

function withoutCluster(value: unknown): unknown {
  if (!isObject(value)) return value;
  const { cluster: _cluster, source: _source, hooks: _hooks, notify: _notify, ...rest } = value;
  return { ...rest, cluster: { nodes: ['http://none.invalid'] } };
}

interface EnvironmentContext {
  readonly env: Environment;
  readonly shown: string;
  readonly data: boolean;
}

/** Inserts TWINDEX_URL and, in JSON and YAML, the variables in `cluster`, `source`, `notify` and `hooks`. */
function withEnvironment(
  value: unknown,
  { env, shown, data }: EnvironmentContext,
): { value: unknown; problems: Problem[] } {
  const problems: Problem[] = [];
  if (!isObject(value)) return { value, problems };
  const cluster: unknown = value.cluster;
  const url = env.TWINDEX_URL;
  const nodes = url === undefined || url === '' ? undefined : url.split(',').map((part) => part.trim());
  for (const node of nodes ?? []) {
    if (isAddress(node)) continue;
    const expected = 'addresses such as http://localhost:9200, separated by commas';
    problems.push(`TWINDEX_URL: expected ${expected}, found ${JSON.stringify(withoutSecrets(node))}`);
  }
  if (nodes && problems.length > 0) throwProblems(problems);
  const known = nodes && (cluster === undefined || isObject(cluster)) ? withNodes(cluster, nodes) : cluster;
  if (!data) return { value: known === undefined ? value : { ...value, cluster: known }, problems };
  const context = { env, shown, problems };
  const replaced = {
    ...(known === undefined ? {} : { cluster: interpolate(known, ['cluster'], context) }),
    ...(value.source === undefined ? {} : { source: interpolate(value.source, ['source'], context) }),
    ...(value.notify === undefined ? {} : { notify: interpolate(value.notify, ['notify'], context) }),
    ...(value.hooks === undefined ? {} : { hooks: interpolateCalls(value.hooks, ['hooks'], context) }),
  };
  return { value: { ...value, ...replaced }, problems };
}

/** Replaces all addresses in the file by the nodes of TWINDEX_URL. */
function withNodes(cluster: object | undefined, nodes: readonly string[]): object {
  const { cloudId: _cloudId, ...rest } = (cluster ?? {}) as { readonly cloudId?: unknown };
  return { ...rest, nodes };
}

/** Inserts variables in hooks, except in commands, in which the shell does that. */
function interpolateCalls(value: unknown, path: readonly PropertyKey[], context: Interpolation): unknown {
  if (isObject(value) && value.url !== undefined) return interpolate(value, path, context);
  if (Array.isArray(value)) return value.map((item, n) => interpolateCalls(item, [...path, n], context));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, interpolateCalls(entry, [...path, key], context)]),
  );
}

interface Interpolation {
  readonly env: Environment;
  readonly shown: string;
  readonly problems: Problem[];
}

function interpolate(value: unknown, path: readonly PropertyKey[], context: Interpolation): unknown {
  if (typeof value === 'string') {
    return value.replace(/\$\{([^}]*)\}/g, (whole, name: string) => {
      const found = context.env[name];
      if (found !== undefined) return found;
      const expected = `the environment variable ${name} to be set`;
      context.problems.push(`${context.shown}: ${pathText(path)}: expected ${expected}, found it missing`);
      return whole;
    });
  }
  if (Array.isArray(value)) return value.map((item, index) => interpolate(item, [...path, index], context));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, interpolate(entry, [...path, key], context)]),
  );
}

async function findIndexFiles(file: string, shown: string, patterns: readonly string[]): Promise<string[]> {
  const { glob } = await import('tinyglobby');
  const problems: Problem[] = [];
  const found = new Set<string>();
  for (const [index, pattern] of patterns.entries()) {
    const files = await glob(pattern, {
      cwd: dirname(file),
      absolute: true,
      ignore: ['**/node_modules/**', '**/*.d.ts'],
    });
    if (files.length === 0) {
      const input = { file: shown, value: { indexes: patterns } };
      problems.push(problem(input, ['indexes', index], 'a pattern that at least one file matches'));
    }
    for (const each of files) found.add(resolve(each));
  }
  throwProblems(problems);
  return [...found].sort();
}

async function readIndexFiles(
  files: readonly string[],
  show: (path: string) => string,
): Promise<DeclaredIndexes> {
  const found: FoundDefinition[] = [];
  for (const file of files) found.push({ file, content: await readContent(file) });
  return collectIndexes(found, show);
}

/**
 * Reads index definitions that come from code. They are checked like those of index files. Messages call the
 * first one `indexes[0]`.
 * @throws TwindexError `config_invalid`; its message has one line for each problem
 */
export function readIndexInputs(values: readonly unknown[], defaults: Config['defaults']): DeclaredIndexes {
  const found = values.map((value, n): FoundDefinition => {
    return { file: `indexes[${n}]`, content: { type: 'content', value } };
  });
  return withDefaults(
    collectIndexes(found, (file) => file),
    defaults,
  );
}

interface FoundDefinition {
  readonly file: string;
  readonly content: FileContent;
}

function collectIndexes(found: readonly FoundDefinition[], show: (path: string) => string): DeclaredIndexes {
  const problems: Problem[] = [];
  const indexes: IndexDefinition[] = [];
  const families: IndexFamily[] = [];
  for (const { file, content } of found) {
    if (content.type === 'unreadable') {
      problems.push(`${show(file)}: ${content.reason}`);
      continue;
    }
    const result = readIndexDefinition({ file: show(file), value: content.value }, file);
    if ('problems' in result) problems.push(...result.problems);
    else if ('family' in result) families.push(result.family);
    else indexes.push(result.definition);
  }
  const named = [...indexes, ...families.map((family) => ({ ...family, name: family.pattern }))];
  throwProblems([...problems, ...clashes(named, show)]);
  return { indexes: indexes.sort((a, b) => (a.name < b.name ? -1 : 1)), families };
}

function defaultsOf(content: ConfigContent, folder: string): Config['defaults'] {
  return {
    hooks: content.hooks && hooksIn(content.hooks, folder),
    notify: content.notify === undefined ? undefined : notifyOf(content.notify),
  };
}

function withDefaults(declared: DeclaredIndexes, { hooks, notify }: Config['defaults']): DeclaredIndexes {
  if (!hooks && !notify) return declared;
  const filled = <D extends Pick<IndexDefinition, 'hooks' | 'notify'>>(one: D): D => ({
    ...one,
    hooks: mergedHooks(hooks, one.hooks),
    notify: one.notify ?? notify,
  });
  return { indexes: declared.indexes.map(filled), families: declared.families.map(filled) };
}

/** Reports names and aliases that another definition has already, and aliases that are called `<name>-v<N>`. */
function clashes(definitions: readonly IndexDefinition[], show: (path: string) => string): Problem[] {
  const problems: Problem[] = [];
  const owners = new Map<string, IndexDefinition>();
  for (const definition of definitions) {
    const { name, version, aliases } = definition;
    for (const [path, value] of [
      ['name', name],
      ['aliases.read', aliases.read],
      ['aliases.write', aliases.write],
    ] as const) {
      if (path !== 'name' && isConcreteIndex(value, name)) {
        problems.push(
          `${show(definition.file)}: ${path}: expected an alias that is not a concrete index of ${name} (version ${version}), found ${JSON.stringify(value)}`,
        );
      }
      const owner = owners.get(value);
      if (owner !== undefined && owner !== definition) {
        problems.push(
          `${show(definition.file)}: ${path}: expected a name that no other index has, found ${JSON.stringify(value)}, which ${show(owner.file)} has`,
        );
        break;
      }
      owners.set(value, definition);
    }
  }
  return problems;
}

function isConcreteIndex(alias: string, name: string): boolean {
  return alias.startsWith(`${name}-v`) && /^[1-9]\d*$/.test(alias.slice(name.length + 2));
}

function clusterOptions(cluster: ConfigContent['cluster'], file: string): ClusterOptions {
  const inFolder = (path: string): string => resolve(dirname(file), path);
  const { auth } = cluster;
  return {
    ...withPaths(cluster, ['caFile', 'certFile', 'keyFile'], inFolder),
    ...(auth && { auth: withPaths(auth, ['passwordFile', 'apiKeyFile', 'bearerFile'], inFolder) }),
  };
}

function withPaths<T extends object>(given: T, keys: readonly string[], change: (path: string) => string): T {
  const paths = Object.entries(given).filter(([key, value]) => keys.includes(key) && value !== undefined);
  return { ...given, ...Object.fromEntries(paths.map(([key, path]) => [key, change(path as string)])) };
}

/** Says for messages where each option is set. TWINDEX_URL replaces the nodes in the file. */
function originsIn(section: 'cluster' | 'source', shown: string, { TWINDEX_URL: url }: Environment): Origins {
  const inFile = (key: string): string => `${section}.${key} (${shown})`;
  return { nodes: url ? 'TWINDEX_URL' : inFile('nodes'), auth: inFile('auth'), caFile: inFile('caFile') };
}
