// Connects to a cluster, and detects its engine and version.
import { setTimeout as sleep } from 'node:timers/promises';
import { partsOf, TwindexError } from '../errors.js';
import type { ClusterConnection } from './clusterConnection.js';
import type { ClusterOptions } from './clusterOptions.js';
import { Connection } from './connection.js';
import type { Answer } from './request.js';
import { beginningOf, toTwindexError } from './engineErrors.js';
import { originsIn } from './origins.js';

export type EngineName = 'opensearch' | 'elasticsearch';

export interface Engine {
  readonly name: EngineName;
  readonly version: string;
  readonly major: number;
}

export interface Cluster {
  /** The options given to `connect`. They contain credentials, so never print them. */
  readonly options: ClusterOptions;
  readonly connection: ClusterConnection;
  readonly engine: Engine;
  /** The cluster of the source index, if it is another cluster (`source` in the configuration). */
  readonly source?: Cluster | undefined;
  /** Only for tests: guards of guardedReads.ts to leave out. If set, incomplete responses are accepted as well. */
  readonly unguarded?: readonly GuardName[];
  close(): Promise<void>;
}

/** Finds out why the first request to a cluster has failed. */
type Explain = (error: TwindexError, options: ClusterOptions) => Promise<TwindexError>;

const asItIs: Explain = async (error) => error;

export interface SourceOptions {
  readonly options: ClusterOptions;
  /** If true, `connect` succeeds even if the source cluster cannot be reached; later requests to it fail. */
  readonly mayBeAway?: boolean | undefined;
}

/**
 * Connects to a cluster, and detects its engine.
 * @param explain default: errors stay as they are. `connectProblem` finds their cause, which may take seconds
 * @throws TwindexError with the codes of `findEngine`, and those of `explain`
 */
export async function connect(
  options: ClusterOptions,
  source?: SourceOptions,
  explain: Explain = asItIs,
): Promise<Cluster> {
  const opened = await open(options).catch(async (error: unknown) => {
    throw error instanceof TwindexError ? await explain(error, options) : error;
  });
  try {
    const from = source && (await connectSource(source, explain));
    const close = async (): Promise<void> => {
      await Promise.all([opened.close(), from?.close()]);
    };
    return { options, ...opened, source: from, close };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** @see https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-genref.html */
function refuseServerless({ auth, nodes }: ClusterOptions): void {
  const isServerless =
    (auth && 'aws' in auth && auth.aws.service === 'aoss') ||
    nodes.some(
      (node) => URL.canParse(node) && /\.aoss\.amazonaws\.com(?:\.cn)?$/.test(new URL(node).hostname),
    );
  if (!isServerless) return;
  throw new TwindexError(
    'unsupported_engine',
    'Amazon OpenSearch Serverless has no cluster and nodes APIs, no write blocks and no _reindex, but twindex needs ' +
      'them. Use a domain of Amazon OpenSearch Service (docs/secured-clusters.md)',
  );
}

type Opened = Pick<Cluster, 'engine' | 'connection' | 'close'>;

async function open(options: ClusterOptions): Promise<Opened> {
  refuseServerless(options);
  const connection = new Connection(options);
  try {
    return { engine: await findEngine(connection), connection, close: () => connection.close() };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** The engine of a source cluster that `connect` could not reach, until that cluster answers. */
const UNKNOWN: Engine = { name: 'elasticsearch', version: 'unknown', major: 0 };
const AWAY_RETRY_MS = 2_000;

async function connectSource(
  { options: given, mayBeAway }: SourceOptions,
  explain: Explain,
): Promise<Cluster> {
  const options = { ...given, origins: given.origins ?? originsIn('source') };
  const opened = await open(options).catch(async (error: unknown) => {
    if (!(error instanceof TwindexError)) throw error;
    if (mayBeAway && (error.code === 'unreachable' || error.code === 'unanswered')) return away(options);
    const { code, message, hint } = partsOf(await explain(error, options));
    throw new TwindexError(code, `the cluster in \`source\`: ${message}`, { cause: error, hint });
  });
  return { options, ...opened };
}

/** Tries to find out the engine until the cluster answers. Then the fields of the returned `engine` are set. */
function away(options: ClusterOptions): Opened {
  const connection = new Connection(options);
  const engine = { ...UNKNOWN };
  const closing = new AbortController();
  const find = async (): Promise<void> => {
    for (;;) {
      await sleep(AWAY_RETRY_MS, undefined, { ref: false, signal: closing.signal });
      const found = await findEngine(connection).catch(() => undefined);
      if (found) return void Object.assign(engine, found);
    }
  };
  void find().catch(() => undefined); // only `close` ends it early
  const close = async (): Promise<void> => {
    closing.abort();
    await connection.close();
  };
  return { engine, connection, close };
}

/** OpenSearch has `must_exist` in the alias API since 2.12. Without it, replaced coordinators cannot be fenced. */
const OLDEST: Readonly<Record<EngineName, readonly [major: number, minor: number]>> = {
  opensearch: [2, 12],
  elasticsearch: [7, 17],
};

export const SUPPORTED = 'twindex works with OpenSearch 2.12 and later and Elasticsearch 7.17 and later';

export function isTooOld(name: EngineName, version: string): boolean {
  const [oldestMajor, oldestMinor] = OLDEST[name];
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
}

/** @throws TwindexError `unreachable`, `unanswered`, `unauthorized`, `forbidden`, `not_an_engine`, `unsupported_engine` */
export async function findEngine(connection: ClusterConnection): Promise<Engine> {
  // `GET /` is not used: Elasticsearch has it in a module, and answers 405 if this module is not installed
  const answer = await connection.send({
    method: 'GET',
    path: '/_nodes/_local',
    query: { filter_path: 'nodes.*.version,nodes.*.build_flavor,nodes.*.build_type' },
    repeat: 'never',
  });
  const { status } = answer;
  if (status === 401 || status === 403 || status === 429 || status >= 500) {
    throw toTwindexError({ method: 'GET', path: '/_nodes/_local' }, answer);
  }
  const { version, build_flavor: flavor } = localNode(answer.body.toString());
  // Elasticsearch sends this header since 7.14. Only Elasticsearch has a build flavour.
  const isElastic = answer.headers['x-elastic-product'] === 'Elasticsearch' || flavor !== undefined;
  const name: EngineName = isElastic ? 'elasticsearch' : 'opensearch';
  if (!version) throw notAnEngine(connection.urls[0] ?? '', answer);
  if (isTooOld(name, version))
    throw new TwindexError(
      'unsupported_engine',
      `${connection.urls[0]} is ${name} ${version}. ${SUPPORTED}.`,
    );
  return { name, version, major: Number(version.split('.')[0]) };
}

function notAnEngine(url: string, { status, headers, body }: Answer): TwindexError {
  const to = typeof headers['location'] === 'string' ? `, to ${headers['location']}` : '';
  const said = beginningOf(body.toString());
  return new TwindexError(
    'not_an_engine',
    `${url} is neither OpenSearch nor Elasticsearch: it answered ${status}${to}${said && ` with ${said}`}`,
    { status },
  );
}

interface NodeInfo {
  readonly version?: string;
  readonly build_flavor?: string;
}

function localNode(body: string): NodeInfo {
  try {
    const { nodes } = JSON.parse(body) as { nodes?: Record<string, NodeInfo> };
    return Object.values(nodes ?? {})[0] ?? {};
  } catch {
    return {};
  }
}

export type GuardName = 'searchPipeline' | 'cancellation' | 'timeout' | 'partialResults' | 'vectors';
