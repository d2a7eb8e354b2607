// Downloads the distribution of an engine once, and unpacks it into a cache folder that all engines share.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { messageOf, TwindexError } from '../errors.js';
import { isReadableByOthers, makeReadable, runsAsRoot } from './engineUser.js';
import { isKnownFile, whyNotGenuine } from './checksums.js';
import type { Java } from './findJava.js';
import { fetchArtifact } from './maven.js';
import { addModules, hasModulesToAdd } from './modules.js';
import type { EngineSpec } from './spec.js';

export type Distribution =
  | { readonly type: 'ready'; readonly home: string }
  | { readonly type: 'not-fetched'; readonly reason: string };

export interface DistributionRequest {
  readonly spec: EngineSpec;
  readonly java: Java;
  readonly signal: AbortSignal | undefined;
  readonly onNote: (text: string) => void;
}

const GROUP = { opensearch: 'org.opensearch', elasticsearch: 'org.elasticsearch' } as const;
const UNPACKING = '.unpacking-';
const ABANDONED_MS = 3_600_000;

export async function obtainDistribution(request: DistributionRequest): Promise<Distribution> {
  const { spec, onNote } = request;
  const cache = await openCache();
  const home = join(cache, `${spec.name}-${spec.version}${hasModulesToAdd(spec) ? '-with-modules' : ''}`);
  if (existsSync(home)) return { type: 'ready', home };

  await removeAbandoned(cache);
  onNote(`fetching ${spec.name} ${spec.version} (once, into ${cache})`);
  const work = await mkdtemp(join(cache, UNPACKING));
  try {
    const unpacked = await fetchAndUnpack(work, request);
    if (unpacked.type === 'ready') await publish(unpacked.home, home);
    return unpacked.type === 'ready' ? { type: 'ready', home } : unpacked;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * Returns TWINDEX_CACHE or `~/.cache/twindex`. For root the default is `/var/cache/twindex`, since root runs
 * the engine as another user, who cannot read root's home.
 * @throws TwindexError `config_invalid`
 */
async function openCache(): Promise<string> {
  const chosen = process.env.TWINDEX_CACHE;
  const cache = chosen
    ? resolve(chosen)
    : runsAsRoot()
      ? '/var/cache/twindex'
      : join(homedir(), '.cache/twindex');
  try {
    await mkdir(cache, { recursive: true });
  } catch (error) {
    throw new TwindexError(
      'config_invalid',
      `cannot create the cache folder ${cache} (${messageOf(error)}). Set TWINDEX_CACHE to a folder that can be written.`,
    );
  }
  if (runsAsRoot() && !isReadableByOthers(cache)) {
    throw new TwindexError(
      'config_invalid',
      `the cache folder ${cache} can't be read by other users, but engines can't be started as root. Set TWINDEX_CACHE to a folder that everybody can read.`,
    );
  }
  return cache;
}

async function fetchAndUnpack(work: string, request: DistributionRequest): Promise<Distribution> {
  const { spec, java, signal, onNote } = request;
  const coordinates = `${GROUP[spec.name]}.distribution.integ-test-zip:${spec.name}:${spec.version}:zip`;
  const zip = `${spec.name}-${spec.version}.zip`;
  const fetched = await fetchArtifact(coordinates, { folder: work, signal, isCompared: isKnownFile(zip) });
  if (fetched.type === 'no-maven') {
    return {
      type: 'not-fetched',
      reason: `${spec.name} ${spec.version} can't be fetched: there is no mvn on the PATH`,
    };
  }
  if (fetched.type === 'failed') {
    return { type: 'not-fetched', reason: `Maven could not fetch ${coordinates}: ${fetched.output}` };
  }
  const wrong = await whyNotGenuine(join(work, zip));
  if (wrong !== undefined) throw new TwindexError('unsafe', `${wrong}.`);
  onNote(`unpacking ${spec.name} ${spec.version}`);
  await unzip(zip, { folder: work, java, signal });
  const home = join(work, `${spec.name}-${spec.version}`);
  if (hasModulesToAdd(spec)) {
    onNote(`adding the modules that the download of ${spec.name} ${spec.version} lacks`);
    const added = await addModules(home, { spec, work, signal });
    if (added.type === 'failed') return { type: 'not-fetched', reason: added.reason };
  }
  await makeReadable(
    home,
    (path) => path.startsWith(join(home, 'bin')) || /\.(so|dylib)$|\/controller$/.test(path),
  );
  return { type: 'ready', home };
}

interface Unzipping {
  readonly folder: string;
  readonly java: Java;
  readonly signal: AbortSignal | undefined;
}

async function unzip(zip: string, { folder, java, signal }: Unzipping): Promise<void> {
  const hasUnzip = spawnSync('unzip', ['-v'], { stdio: 'ignore' }).status === 0;
  const [program, args] = hasUnzip ? ['unzip', ['-q', zip]] : [join(java.home, 'bin/jar'), ['xf', zip]];
  const child = spawn(program, args, { cwd: folder, stdio: 'ignore', ...(signal ? { signal } : {}) });
  const code = await new Promise<number | null>((done, fail) => {
    child.once('error', fail);
    child.once('close', done);
  });
  if (code === 0) return;
  throw new TwindexError(
    'local_engine',
    `${program} could not unpack ${zip} in ${folder} (exit ${code}). Is the disk full?`,
  );
}

/** If two processes unpack the same distribution, the first rename wins, and the other folder is not used. */
async function publish(unpacked: string, home: string): Promise<void> {
  try {
    await rename(unpacked, home);
  } catch (error) {
    if (!existsSync(home)) throw error;
  }
}

/** Removes the folders of processes that were killed while they unpacked. */
async function removeAbandoned(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (!name.startsWith(UNPACKING)) continue;
    const folder = join(cache, name);
    const changed = (await stat(folder).catch(() => undefined))?.mtimeMs ?? Date.now();
    if (Date.now() - changed > ABANDONED_MS) await rm(folder, { recursive: true, force: true });
  }
}
