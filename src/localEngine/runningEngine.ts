// The interface of a running engine. Also waits until the engine is ready.
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, connect, type EngineName } from '../cluster/cluster.js';
import { isTwindexError, TwindexError } from '../errors.js';

export interface EngineNode {
  readonly name: string;
  readonly url: string;
  /** The id of the node's first process; undefined if the node does not run. */
  readonly pid: number | undefined;
  /** Sends a signal to all processes of the node. @returns false if the node does not run */
  kill(signal: NodeJS.Signals): boolean;
  /** Restarts a node that has ended, with its data, and waits until the cluster is complete. */
  restart(): Promise<void>;
}

export interface RunningEngine {
  readonly name: EngineName;
  readonly version: string;
  readonly urls: readonly string[];
  /** Empty if the engine was not started by this process. */
  readonly nodes: readonly EngineNode[];
  /** Ends the engine and deletes its data, if this process started it. Otherwise does nothing. */
  stop(): Promise<void>;
}

export interface NodeWatch {
  readonly name: string;
  readonly url: string;
  readonly logFile: string;
  /** @returns why the node ended; undefined if it runs */
  ended(): string | undefined;
}

interface Waiting {
  readonly nodes: readonly NodeWatch[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

const LOG_LINES = 25;

/**
 * Waits until every node sees all others and the cluster responds.
 * @throws TwindexError `local_engine` with the end of the log, if a node ends or the start takes too long
 */
export async function awaitReady({
  nodes,
  timeoutMs,
  signal,
}: Waiting): Promise<Pick<RunningEngine, 'name' | 'version'>> {
  const deadline = Date.now() + timeoutMs;
  const waiting = new Set(nodes);
  let engine: Pick<RunningEngine, 'name' | 'version'> | undefined;
  while (waiting.size > 0 || !engine) {
    signal?.throwIfAborted();
    for (const node of nodes) {
      const reason = node.ended();
      if (reason !== undefined) throw await startFailed(node, `ended at once (${reason})`);
      if (Date.now() > deadline) throw await startFailed(node, `was not ready within ${timeoutMs / 1000} s`);
    }
    for (const node of waiting) {
      engine = (await engineWith(node.url, nodes.length)) ?? engine;
      if (engine) waiting.delete(node);
      else break;
    }
    if (waiting.size > 0) await sleep(250);
  }
  return engine;
}

/** @returns undefined as long as the cluster has fewer than `count` nodes or no elected master */
async function engineWith(
  url: string,
  count: number,
): Promise<Pick<RunningEngine, 'name' | 'version'> | undefined> {
  let cluster: Cluster | undefined;
  try {
    cluster = await connect({ nodes: [url], requestTimeoutMs: 5_000, maxRetries: 0 });
    const health = await cluster.connection.json<{ number_of_nodes: number; status: string }>({
      method: 'GET',
      path: '/_cluster/health',
      query: { timeout: '2s' },
    });
    return health.number_of_nodes === count && health.status !== 'red' ? cluster.engine : undefined;
  } catch (error) {
    if (isTwindexError(error)) return undefined;
    throw error;
  } finally {
    await cluster?.close();
  }
}

export async function startFailed(node: NodeWatch, what: string): Promise<TwindexError> {
  const log = await readFile(node.logFile, 'utf8').catch(() => '');
  const lines = log.trimEnd().split('\n').slice(-LOG_LINES).join('\n');
  return new TwindexError(
    'local_engine',
    `${node.name} ${what}. The end of its log:\n${lines || '(nothing)'}`,
  );
}
