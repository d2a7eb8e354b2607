// The alert rules of deploy/ in a real Prometheus, during a whole migration: each alert fires when it should, and none at
// another time.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { connect } from '../../src/cluster/cluster.js';
import { updateAliases } from '../../src/cluster/indices/updateAliases.js';
import { loadRecord } from '../../src/journal/journal.js';
import { listWriters, removeWriter } from '../../src/journal/writerDocuments.js';
import { type Phase, phaseOf } from '../../src/protocol/states.js';
import { eventually } from '../eventually.js';
import { startFront } from '../front.js';
import { engineUrls, testCluster, uniqueName } from '../integration/engine.js';
import { freePort, GatewayProcess } from './gatewayProcess.js';
import { Project, type Running } from './project.js';
import { hasPrometheus, Prometheus } from './prometheusServer.js';
import { Workload } from './workload.js';

const WAIT_MS = 120_000;
/** Of what follows the writes, for each request with copies. */
const SLOW_MS = 8_000;
const BULK = 1_000;
const BULK_EVERY_MS = 150;

const title = 'each alert fires when it should, and at no other time, during a whole migration';
const skipped = `${title} (skipped: prometheus is missing; apt-get install prometheus)`;

it.skipIf(!hasPrometheus)(hasPrometheus ? title : skipped, wholeMigration, 900_000);

async function wholeMigration(): Promise<void> {
  const scene = await Scene.set();
  const workload = await scene.write();
  const migrate = scene.migrate('cutover');
  await scene.untilPhase('cutover');
  await scene.expectFired();
  await gatewayIsKilled(scene);
  await lagGrows(scene);
  await workload.stop();
  const next = await nobodyCoordinates(scene, migrate);
  await standsStillInHold(scene, next);
  const last = await aliasIsMoved(scene);
  await scene.project.start(['finalize', scene.project.name, '--yes']).ended;
  await scene.untilPhase('finalized');
  expect((await last.ended).code).toBe(0);
  await scene.expectFired();
}

async function gatewayIsKilled(scene: Scene): Promise<void> {
  const [gateway] = scene.gateways;
  await gateway.kill();
  await scene.prometheus.untilFiring('TwindexLostLease');
  await scene.forgetDeadWriters();
  await gateway.start();
  await scene.expectFired('TwindexLostLease');
}

/** Following does not keep up with an application that bypasses the gateways. */
async function lagGrows(scene: Scene): Promise<void> {
  const flood = scene.flood();
  scene.followsSlowly = true;
  await scene.prometheus.untilFiring('TwindexLagGrows');
  scene.followsSlowly = false;
  await flood.stop();
  await scene.expectFired('TwindexLagGrows');
}

/** No gateway is there that could take over. @returns a coordinator that will stand still in the next hold */
async function nobodyCoordinates(scene: Scene, migrate: Running): Promise<Running> {
  for (const gateway of scene.gateways) expect(await gateway.stop()).toBe(0);
  migrate.child.kill('SIGKILL');
  await scene.prometheus.untilFiring('TwindexNoCoordinator');
  const standsStill = { TWINDEX_CRASH: 'after:closeWriters', TWINDEX_CRASH_SIGNAL: 'SIGSTOP' };
  const next = scene.migrate('cutover', standsStill, ['--lease', '40s']);
  await scene.expectFired('TwindexNoCoordinator');
  for (const gateway of scene.gateways) await gateway.start();
  return next;
}

async function standsStillInHold(scene: Scene, migrate: Running): Promise<void> {
  const workload = await scene.write();
  scene.project.start(['switch', scene.project.name]);
  await scene.prometheus.untilFiring('TwindexLongHold');
  migrate.child.kill('SIGKILL');
  // the waiting command notices it, and coordinates from now on
  await scene.untilPhase('switched');
  await scene.expectFired('TwindexLongHold');
  await workload.stop();
}

/** @returns the coordinator: the command `resume`, since the one before has ended with the halt */
async function aliasIsMoved(scene: Scene): Promise<Running> {
  const { name } = scene.project;
  const alias = `${name}-read`;
  await updateAliases(scene.cluster, [
    { remove: { index: `${name}-v2`, alias } },
    { add: { index: `${name}-v1`, alias } },
  ]);
  await scene.prometheus.untilFiring('TwindexNeedsAttention halted');
  const resuming = scene.project.start(['resume', name]);
  await scene.expectFired('TwindexNeedsAttention halted');
  return resuming;
}

class Scene {
  readonly cluster;
  readonly project;
  readonly gateways;
  readonly prometheus;
  readonly #metricsPort;
  readonly #slow: { is: boolean };

  private constructor(parts: {
    readonly cluster: Awaited<ReturnType<typeof testCluster>>;
    readonly project: Project;
    readonly gateways: readonly [GatewayProcess, GatewayProcess];
    readonly prometheus: Prometheus;
    readonly metricsPort: number;
    readonly slow: { is: boolean };
  }) {
    this.cluster = parts.cluster;
    this.project = parts.project;
    this.gateways = parts.gateways;
    this.prometheus = parts.prometheus;
    this.#metricsPort = parts.metricsPort;
    this.#slow = parts.slow;
  }

  /** Two gateways, a third that declares another index and only watches, and Prometheus. */
  static async set(): Promise<Scene> {
    const cluster = await testCluster();
    const slow = { is: false };
    const front = await startFront({
      upstream: engineUrls[0],
      intercept: ({ path }) =>
        slow.is && path.includes('.Feed.') ? { type: 'delay', until: sleep(SLOW_MS) } : undefined,
    });
    const project = new Project(uniqueName('alerts'), [front.url]);
    const watching = new Project(uniqueName('watching'), engineUrls);
    await project.createFirst(cluster, 2_000);
    const gateways = [await GatewayProcess.start(project), await GatewayProcess.start(project)] as const;
    const watcher = await GatewayProcess.start(watching);
    const metricsPort = await freePort();
    const targets = [...gateways, watcher].map(({ url }) => new URL(url).host);
    const prometheus = await Prometheus.start([...targets, `127.0.0.1:${metricsPort}`], project.name);
    onTestFinished(async () => {
      await prometheus.stop();
      for (const one of [project, watching]) one.close();
      await front.close();
    });
    return new Scene({ cluster, project, gateways, prometheus, metricsPort, slow });
  }

  set followsSlowly(is: boolean) {
    this.#slow.is = is;
  }

  migrate(until: string, env: Readonly<Record<string, string>> = {}, more: readonly string[] = []): Running {
    return this.project.migrate(until, env, ['--metrics-port', String(this.#metricsPort), ...more]);
  }

  async untilPhase(phase: Phase): Promise<void> {
    const isThere = async () => {
      const record = (await loadRecord(this.cluster, this.project.name))?.source;
      return record !== undefined && phaseOf(record) === phase && record.state !== 'settling';
    };
    await eventually(`the phase ${phase}`, isThere, WAIT_MS);
  }

  /** Waits until no alert fires any more, and a moment longer. */
  async expectFired(...alerts: readonly string[]): Promise<void> {
    await sleep(5_000);
    expect(await this.prometheus.firedSince()).toEqual(alerts);
  }

  /** An application that knows both gateways. */
  async write(): Promise<Workload> {
    const through = await connect({ nodes: this.gateways.map(({ url }) => url) });
    const workload = new Workload(through, this.project.writeAlias, { documents: 30, pauseMs: 15 }).start();
    onTestFinished(async () => {
      await workload.stop();
      await through.close();
    });
    return workload;
  }

  /** Many writes, past the gateways. */
  flood(): { readonly stop: () => Promise<void> } {
    const stopping = new AbortController();
    const path = `/${this.project.writeAlias}/_bulk`;
    const line = (n: number): string => `{"index":{"_id":"f${n}"}}\n{"n":1,"price":"1,50 EUR"}\n`;
    const writing = (async () => {
      for (let from = 0; !stopping.signal.aborted; from += BULK) {
        const lines = Array.from({ length: BULK }, (_, n) => line(from + n));
        await this.cluster.connection.json({ method: 'POST', path, body: lines.join('') });
        await sleep(BULK_EVERY_MS);
      }
    })();
    return {
      stop: async () => {
        stopping.abort();
        await writing;
      },
    };
  }

  /** A coordinator does this ten minutes after a writer has died. */
  async forgetDeadWriters(): Promise<void> {
    const silent = (await listWriters(this.cluster)).filter(
      ({ names, updatedAt, leaseMs }) =>
        names.includes(this.project.name) && Date.now() - Date.parse(updatedAt) > leaseMs,
    );
    expect(silent).toHaveLength(1);
    for (const { id, heartbeat } of silent) await removeWriter(this.cluster, id, heartbeat + 1);
  }
}
