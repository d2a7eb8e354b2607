// Starts the official images, on machines that have a Docker daemon but no suitable JDK.
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TwindexError } from '../errors.js';
import { discoveryOf } from './launch.js';
import { Reaper } from './reaperClient.js';
import {
  awaitReady,
  type EngineNode,
  type NodeWatch,
  type RunningEngine,
  startFailed,
} from './runningEngine.js';
import { type ClusterShape, type EngineSpec, javaOptions } from './spec.js';

export interface DockerPlan {
  readonly spec: EngineSpec;
  readonly shape: ClusterShape;
  readonly signal: AbortSignal | undefined;
}

/** The time limit for the start. It includes pulling the image. */
const START_WITHIN_MS = 900_000;

const IMAGE = {
  opensearch: 'opensearchproject/opensearch',
  elasticsearch: 'docker.elastic.co/elasticsearch/elasticsearch',
} as const;

export async function dockerAnswers(): Promise<boolean> {
  const child = spawn('docker', ['version', '--format', '{{.Server.Version}}'], {
    stdio: 'ignore',
    timeout: 15_000,
  });
  return new Promise((resolve) => {
    child.once('error', () => resolve(false));
    child.once('close', (code) => resolve(code === 0));
  });
}

/** @throws TwindexError `local_engine` with the end of the container's log */
export async function launchInDocker(plan: DockerPlan): Promise<RunningEngine> {
  const reaper = await Reaper.open();
  try {
    const network = `twindex-${randomBytes(4).toString('hex')}`;
    const names = Array.from({ length: plan.shape.nodes }, (_, index) => `${network}-node-${index + 1}`);
    // Registered before anything exists, so that nothing is left behind if this process is killed.
    reaper.atEnd('docker', ['rm', '--force', '--volumes', ...names]);
    reaper.atEnd('docker', ['network', 'rm', network]);
    createNetwork(network);
    for (const name of names) startContainer({ name, names, network, plan, reaper });
    const nodes = await Promise.all(names.map((name) => findNode(name, reaper, plan.signal)));
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

function createNetwork(name: string): void {
  const { status, stderr } = spawnSync('docker', ['network', 'create', name], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (status !== 0)
    throw new TwindexError('local_engine', `docker network create ${name} failed: ${stderr.trim()}`);
}

interface Container {
  readonly name: string;
  readonly names: readonly string[];
  readonly network: string;
  readonly plan: DockerPlan;
  readonly reaper: Reaper;
}

function startContainer({ name, names, network, plan, reaper }: Container): void {
  const { spec } = plan;
  reaper.start({
    key: name,
    program: 'docker',
    args: [
      'run',
      `--name=${name}`,
      `--hostname=${name}`,
      `--network=${network}`,
      '--publish=127.0.0.1::9200',
      ...Object.entries(containerEnvironment(name, names, plan)).map(
        ([key, value]) => `--env=${key}=${value}`,
      ),
      `${IMAGE[spec.name]}:${spec.version}`,
    ],
    env: Object.fromEntries(
      Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
    cwd: reaper.folder,
    user: undefined,
    logFile: join(reaper.folder, `${name}.log`),
  });
}

function containerEnvironment(
  name: string,
  names: readonly string[],
  { spec, shape }: DockerPlan,
): Record<string, string> {
  const ours =
    spec.name === 'opensearch'
      ? { DISABLE_SECURITY_PLUGIN: 'true', DISABLE_INSTALL_DEMO_CONFIG: 'true' }
      : { 'xpack.security.enabled': 'false', 'xpack.ml.enabled': 'false' };
  return {
    'node.name': name,
    'cluster.name': names[0] ?? name,
    'cluster.routing.allocation.disk.threshold_enabled': 'false',
    ...discoveryOf(
      spec.name,
      names.map((each) => ({ name: each, address: each })),
    ),
    ...ours,
    ...javaOptions(spec, shape),
    ...shape.settings,
  };
}

/** Waits until Docker has published the container's port. Docker may have to pull the image first. */
async function findNode(
  name: string,
  reaper: Reaper,
  signal: AbortSignal | undefined,
): Promise<ContainerNode> {
  const logFile = join(reaper.folder, `${name}.log`);
  const ended = () => {
    const now = reaper.look(name);
    return now.type === 'exited' ? now.reason : undefined;
  };
  for (;;) {
    signal?.throwIfAborted();
    const answer = spawnSync('docker', ['port', name, '9200/tcp'], { encoding: 'utf8', timeout: 15_000 });
    const port = /:(\d+)\s*$/m.exec(answer.stdout ?? '')?.[1];
    const watch = { name, url: `http://127.0.0.1:${port ?? 0}`, logFile, ended };
    if (port) return new ContainerNode(watch, reaper);
    const reason = ended();
    if (reason !== undefined) throw await startFailed(watch, `ended at once (${reason})`);
    await sleep(500);
  }
}

class ContainerNode implements EngineNode {
  readonly name: string;
  readonly url: string;
  readonly watch: NodeWatch;
  readonly #reaper: Reaper;

  constructor(watch: NodeWatch, reaper: Reaper) {
    this.name = watch.name;
    this.url = watch.url;
    this.watch = watch;
    this.#reaper = reaper;
  }

  get pid(): number | undefined {
    const now = this.#reaper.look(this.name);
    return now.type === 'running' ? now.pid : undefined;
  }

  kill(signal: NodeJS.Signals): boolean {
    return spawnSync('docker', ['kill', '--signal', signal, this.name], { stdio: 'ignore' }).status === 0;
  }

  restart(): Promise<void> {
    throw new TwindexError(
      'local_engine',
      `${this.name} runs in Docker, where a node can't be restarted. Use a local JDK.`,
    );
  }
}
