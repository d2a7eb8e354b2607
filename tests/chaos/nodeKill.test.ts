// A node of three is killed while documents are copied, by each route.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Cluster, connect } from '../../src/cluster/cluster.js';
import { countDocuments } from '../../src/cluster/documents/countDocuments.js';
import { refresh } from '../../src/cluster/indices/refresh.js';
import { type RunningEngine, startEngine } from '../../src/localEngine/startEngine.js';
import { loadRecord } from '../../src/journal/journal.js';
import { MAPPED, Project, type Running } from './project.js';
import { Workload } from './workload.js';
import { eventually } from '../eventually.js';

const DOCUMENTS = 30_000;
const RATE = '3000/s';
const AWAY_MS = 4_000;
const WAIT_MS = 120_000;

describe('a node that is killed while documents are copied', () => {
  let engine: RunningEngine;
  let cluster: Cluster;

  beforeAll(async () => {
    engine = await startEngine('opensearch', { nodes: 3, heapMb: 512 });
    cluster = await connect({ nodes: engine.urls });
  }, 300_000);

  afterAll(async () => {
    await cluster?.close();
    await engine?.stop();
  });

  interface Shard {
    readonly shard: string;
    readonly prirep: string;
    readonly node: string;
  }

  /** The node that has the primary of a shard. */
  async function holderOf(index: string): Promise<string> {
    const shards = await cluster.connection.json<Shard[]>({
      method: 'GET',
      path: `/_cat/shards/${index}`,
      query: { format: 'json' },
      repeat: 'always',
    });
    return shards.find(({ shard, prirep }) => shard === '0' && prirep === 'p')?.node as string;
  }

  async function untilCopied(running: Running, documents: number): Promise<void> {
    const isCopied = (): boolean => {
      const done = [...running.output().matchAll(/"task":"copy","done":(\d+)/g)].at(-1)?.[1];
      if (Number(done ?? 0) >= documents) return true;
      if (running.child.exitCode !== null) throw new Error(running.output());
      return false;
    };
    await eventually(() => `${documents} documents are copied\n${running.output()}`, isCopied, WAIT_MS);
  }

  it.each([
    ['server', 'v1'],
    ['server', 'v2'],
    ['client', 'v1'],
    ['client', 'v2'],
  ] as const)('by the route %s, with a primary of %s', { timeout: 600_000 }, async (route, version) => {
    const shape = route === 'server' ? { price: 'keyword' } : MAPPED;
    const project = new Project(`node-${route}-${version}`, engine.urls, { ...shape, replicas: 1 });
    onTestFinished(() => project.close());
    await project.createFirst(cluster, DOCUMENTS);
    const workload = new Workload(cluster, project.writeAlias, { documents: 30 }).start();
    onTestFinished(() => workload.stop());

    const running = project.migrate('switched', {}, ['--max-docs', RATE, '--no-stay']);
    await untilCopied(running, DOCUMENTS / 4);
    const holder = await holderOf(`${project.name}-${version}`);
    const node = engine.nodes.find(({ name }) => name === holder);
    expect(node?.kill('SIGKILL')).toBe(true);
    await sleep(AWAY_MS);
    await node?.restart();
    const { output, code } = await running.ended;
    expect(output).toContain('"phase":"switched"');
    expect(code).toBe(0);
    await workload.stop();

    const target = `${project.name}-v2`;
    const { lost, resurrected, checked } = await workload.compare(target);
    expect({ lost, resurrected }).toEqual({ lost: [], resurrected: [] });
    expect(checked).toBeGreaterThan(0);
    await refresh(cluster, target);
    if (workload.live !== undefined)
      expect(await countDocuments(cluster, target)).toBe(DOCUMENTS + workload.live);
    const evidence = (await loadRecord(cluster, project.name))?.source.evidence;
    console.log(
      route,
      version,
      'copied',
      evidence?.copied,
      'of',
      DOCUMENTS,
      'differences',
      evidence?.differences,
    );
    expect(evidence?.differences).toBe(0);
  });
});
