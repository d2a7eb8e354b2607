// Starts an unpacked distribution as a cluster of 1 to 3 nodes on free ports. All files are in one folder.
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineName } from '../cluster/cluster.js';
import { isTwindexError, TwindexError } from '../errors.js';
import { type EngineUser, engineUser, giveTo } from './engineUser.js';
import type { Java } from './findJava.js';
import { Reaper } from './reaperClient.js';
import { awaitReady, type EngineNode, type NodeWatch, type RunningEngine } from './runningEngine.js';
import { type ClusterShape, type EngineSpec, javaOptions, variablePrefix } from './spec.js';

export interface LaunchPlan {
  readonly spec: EngineSpec;
  readonly shape: ClusterShape;
  readonly home: string;
  readonly java: Java;
  readonly signal: AbortSignal | undefined;
}

interface NodePlan {
  readonly name: string;
  readonly folder: string;
  readonly httpPort: number;
  readonly transportPort: number;
}

const START_WITHIN_MS = 600_000;
const ATTEMPTS = 3;

/** @throws TwindexError `local_engine` with the end of the engine's log */
export async function launch(plan: LaunchPlan): Promise<RunningEngine> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await launchOnce(plan);
    } catch (error) {
      // Another process may have taken a port that was free a moment ago.
      const portTaken =
        isTwindexError(error, 'local_engine') && /Address already in use|Failed to bind/.test(error.message);
      if (!portTaken || attempt === ATTEMPTS) throw error;
    }
  }
}

async function launchOnce(plan: LaunchPlan): Promise<RunningEngine> {
  const user = engineUser();
  const reaper = await Reaper.open();
  try {
    const planned = await planNodes(reaper.folder, plan.shape.nodes);
    for (const node of planned) await prepareFolder(node, plan.home, user);
    const nodes = planned.map((node) => new LocalNode({ plan, node, all: planned, user, reaper }));
    for (const node of nodes) node.start();
    const watches = nodes.map((node) => node.watch);
    const { name, version } = await awaitReady({
      nodes: watches,
      timeoutMs: START_WITHIN_MS,
      signal: plan.signal,
    });
    return { name, version, urls: nodes.map((node) => node.url), nodes, stop: () => reaper.close() };
  } catch (error) {
    await reaper.close();
    throw error;
  }
}

interface LocalNodeParts {
  readonly plan: LaunchPlan;
  readonly node: NodePlan;
  readonly all: readonly NodePlan[];
  readonly user: EngineUser | undefined;
  readonly reaper: Reaper;
}

class LocalNode implements EngineNode {
  readonly name: string;
  readonly url: string;
  readonly watch: NodeWatch;
  readonly #parts: LocalNodeParts;

  constructor(parts: LocalNodeParts) {
    const { node, reaper, plan } = parts;
    this.#parts = parts;
    this.name = node.name;
    this.url = `http://127.0.0.1:${node.httpPort}`;
    this.watch = {
      name: `${plan.spec.name} ${plan.spec.version} (${node.name})`,
      url: this.url,
      logFile: join(node.folder, 'out.log'),
      ended: () => {
        const now = reaper.look(node.name);
        return now.type === 'exited' ? now.reason : undefined;
      },
    };
  }

  get pid(): number | undefined {
    const now = this.#parts.reaper.look(this.name);
    return now.type === 'running' ? now.pid : undefined;
  }

  start(): void {
    const { plan, node, all, user, reaper } = this.#parts;
    reaper.start({
      key: node.name,
      program: join(plan.home, 'bin', plan.spec.name),
      args: settingsOf(plan, node, all).map(([key, value]) => `-E${key}=${value}`),
      env: environmentOf(plan, node),
      cwd: node.folder,
      user,
      logFile: this.watch.logFile,
    });
  }

  kill(signal: NodeJS.Signals): boolean {
    const { pid } = this;
    if (pid === undefined) return false;
    try {
      return process.kill(-pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
      throw error;
    }
  }

  async restart(): Promise<void> {
    for (let waited = 0; this.watch.ended() === undefined; waited += 50) {
      if (waited > 30_000) {
        throw new TwindexError(
          'local_engine',
          `${this.name} still runs, so it can't be started again. Kill it first.`,
        );
      }
      await sleep(50);
    }
    this.start();
    const others = this.#parts.all.map((node) => new LocalNode({ ...this.#parts, node }).watch);
    await awaitReady({ nodes: others, timeoutMs: START_WITHIN_MS, signal: this.#parts.plan.signal });
  }
}

async function planNodes(folder: string, count: number): Promise<NodePlan[]> {
  const ports = await freePorts(count * 2);
  return Array.from({ length: count }, (_, index) => ({
    name: `node-${index + 1}`,
    folder: join(folder, `node-${index + 1}`),
    httpPort: ports[index * 2] as number,
    transportPort: ports[index * 2 + 1] as number,
  }));
}

/** Opens all ports at the same time, so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Copies the configuration for one node, since the distribution is shared and read-only. */
async function prepareFolder(
  { folder }: NodePlan,
  home: string,
  user: EngineUser | undefined,
): Promise<void> {
  for (const name of ['data', 'logs', 'tmp']) await mkdir(join(folder, name), { recursive: true });
  const config = join(folder, 'config');
  await cp(join(home, 'config'), config, { recursive: true });
  const jvm = join(config, 'jvm.options');
  const lines = (await readFile(jvm, 'utf8')).split('\n');
  // These options would let the engine write garbage collection logs and heap dumps into the shared folder.
  const kept = lines.filter((line) => !/Xlog:gc|Xloggc|HeapDump|ErrorFile/.test(line));
  await writeFile(jvm, kept.join('\n'));
  await giveTo(user, folder);
}

function settingsOf(
  { spec, shape }: LaunchPlan,
  node: NodePlan,
  all: readonly NodePlan[],
): [string, string][] {
  return Object.entries({
    'cluster.name': `twindex-${all[0]?.transportPort}`,
    'node.name': node.name,
    'http.host': '127.0.0.1',
    'transport.host': '127.0.0.1',
    'http.port': String(node.httpPort),
    'transport.port': String(node.transportPort),
    'path.data': join(node.folder, 'data'),
    'path.logs': join(node.folder, 'logs'),
    'cluster.routing.allocation.disk.threshold_enabled': 'false',
    // the engine needs this info only to find indexes of an earlier run, and this data folder is new
    'gateway.write_dangling_indices_info': 'false',
    ...discoveryOf(
      spec.name,
      all.map(({ name, transportPort }) => ({ name, address: `127.0.0.1:${transportPort}` })),
    ),
    ...securityOf(spec),
    ...shape.settings,
  });
}

export function discoveryOf(
  engine: EngineName,
  nodes: readonly { name: string; address: string }[],
): Record<string, string> {
  if (nodes.length === 1) return { 'discovery.type': 'single-node' };
  const initial =
    engine === 'opensearch' ? 'cluster.initial_cluster_manager_nodes' : 'cluster.initial_master_nodes';
  return {
    'discovery.seed_hosts': nodes.map(({ address }) => address).join(','),
    [initial]: nodes.map(({ name }) => name).join(','),
  };
}

function securityOf({ name, version }: EngineSpec): Record<string, string> {
  // The downloaded build of Elasticsearch 7 has no x-pack, and refuses settings of x-pack.
  return name === 'elasticsearch' && !version.startsWith('7.') ? { 'xpack.security.enabled': 'false' } : {};
}

function environmentOf({ spec, shape, java }: LaunchPlan, { folder }: NodePlan): Record<string, string> {
  const prefix = variablePrefix(spec);
  return {
    PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: folder,
    LANG: 'C.UTF-8',
    JAVA_HOME: java.home,
    [`${prefix}_JAVA_HOME`]: java.home,
    [`${prefix}_PATH_CONF`]: join(folder, 'config'),
    [`${prefix}_TMPDIR`]: join(folder, 'tmp'),
    ...javaOptions(spec, shape, '-XX:-UsePerfData -XX:-AlwaysPreTouch'),
    CLI_JAVA_OPTS: '-XX:-UsePerfData',
  };
}
