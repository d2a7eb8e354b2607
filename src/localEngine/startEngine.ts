// Finds a running engine by its URL, or starts one with a local JDK or with Docker.
import { connect } from '../cluster/cluster.js';
import { connectProblem } from '../cluster/connectProblem.js';
import { TwindexError } from '../errors.js';
import { obtainDistribution } from './distribution.js';
import { dockerAnswers, launchInDocker } from './docker.js';
import { findJava, type Java } from './findJava.js';
import { launch } from './launch.js';
import type { RunningEngine } from './runningEngine.js';
import {
  type ClusterShape,
  candidates,
  type EngineOptions,
  type EngineSpec,
  javaRange,
  parseShape,
  parseSpec,
  rangeText,
} from './spec.js';

export type { RunningEngine } from './runningEngine.js';
export type { EngineOptions } from './spec.js';

/**
 * Returns the cluster at TWINDEX_URL (one or more URLs, with commas), or starts a new one.
 * @param spec `opensearch@3.8.0`, `elasticsearch`, ...
 * @throws TwindexError `usage`, `unreachable`, `config_invalid`, `local_engine`
 */
export async function findEngine(spec?: string, options: EngineOptions = {}): Promise<RunningEngine> {
  const urls = (process.env.TWINDEX_URL ?? '')
    .split(',')
    .map((url) => url.trim())
    .filter((url) => url !== '');
  return urls.length > 0 ? useRunning(urls, spec) : startEngine(spec, options);
}

/**
 * Starts a new, empty engine, which runs until `stop()` or until this process ends. If the machine's JDK is
 * too old for the default version, an older version is started.
 * @param spec `opensearch@3.8.0`, `elasticsearch`, ...
 * @throws TwindexError `usage`, `local_engine` if the machine can run no engine, or if it does not start
 */
export async function startEngine(spec?: string, options: EngineOptions = {}): Promise<RunningEngine> {
  const wanted = parseSpec(spec);
  const shape = parseShape(options);
  const obstacles: string[] = [];
  for (const candidate of candidates(wanted)) {
    const local = await startLocally(candidate, shape, options);
    if (local.type === 'started') return local.engine;
    obstacles.push(local.obstacle);
  }
  if (await dockerAnswers()) {
    options.onNote?.(`starting ${wanted.name} ${wanted.version} in Docker`);
    return launchInDocker({ spec: wanted, shape, signal: options.signal });
  }
  throw noWay(wanted, obstacles);
}

type Local =
  | { readonly type: 'started'; readonly engine: RunningEngine }
  | { readonly type: 'impossible'; readonly obstacle: string };

async function startLocally(spec: EngineSpec, shape: ClusterShape, options: EngineOptions): Promise<Local> {
  const range = javaRange(spec);
  const search = findJava(range);
  if (search.type === 'none') {
    const obstacle = `${spec.name} ${spec.version} needs ${rangeText(range)}; ${seenText(search.seen)}`;
    return { type: 'impossible', obstacle };
  }
  const { java } = search;
  const onNote = options.onNote ?? (() => {});
  const { signal } = options;
  const distribution = await obtainDistribution({ spec, java, signal, onNote });
  if (distribution.type === 'not-fetched') return { type: 'impossible', obstacle: distribution.reason };
  const size = shape.nodes === 1 ? '' : ` with ${shape.nodes} nodes`;
  onNote(`starting ${spec.name} ${spec.version}${size} on Java ${java.major}`);
  return { type: 'started', engine: await launch({ spec, shape, home: distribution.home, java, signal }) };
}

function seenText(seen: readonly Java[]): string {
  if (seen.length === 0) return 'no JDK was found';
  return `found only ${seen.map(({ home, major }) => `Java ${major} in ${home}`).join(', ')}`;
}

function noWay(wanted: EngineSpec, obstacles: readonly string[]): TwindexError {
  const range = javaRange(wanted);
  return new TwindexError(
    'local_engine',
    [
      `there is no way to run ${wanted.name} ${wanted.version} here: ${obstacles.join('; ')}; no Docker daemon answers.`,
      'Do one of these:',
      '  - set TWINDEX_URL to a running cluster (http://localhost:9200),',
      `  - install ${rangeText(range)} and Maven (the JDK is looked for in JAVA_HOME, on the PATH and in the usual folders),`,
      '  - start Docker.',
    ].join('\n'),
  );
}

const ORIGINS = { nodes: 'TWINDEX_URL', auth: 'TWINDEX_URL', caFile: 'NODE_EXTRA_CA_CERTS' };

async function useRunning(urls: readonly string[], spec: string | undefined): Promise<RunningEngine> {
  const cluster = await connect({ nodes: urls, origins: ORIGINS }, undefined, connectProblem);
  await cluster.close();
  const { name, version } = cluster.engine;
  if (spec !== undefined && parseSpec(spec).name !== name) {
    throw new TwindexError(
      'usage',
      `${spec} was requested, but TWINDEX_URL is ${name} ${version}. Unset TWINDEX_URL, or point it at such a cluster.`,
    );
  }
  return { name, version, urls, nodes: [], stop: async () => {} };
}
