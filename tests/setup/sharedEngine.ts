// One engine of a kind for the whole test run, whichever projects use it.
import { connect, type EngineName } from '../../src/cluster/cluster.js';
import { type RunningEngine, startEngine } from '../../src/localEngine/startEngine.js';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    engineName: EngineName;
    engineUrls: readonly string[];
  }
}

interface Shared {
  readonly engine: Promise<RunningEngine>;
  users: number;
}

// Each project loads this module anew, so what they share can't be a variable of it.
const shared: Map<EngineName, Shared> = ((globalThis as Record<symbol, unknown>)[
  Symbol.for('twindex.test.engines')
] ??= new Map<EngineName, Shared>()) as Map<EngineName, Shared>;

const URL_VARIABLE = {
  opensearch: 'TWINDEX_TEST_OPENSEARCH_URL',
  elasticsearch: 'TWINDEX_TEST_ELASTICSEARCH_URL',
} as const;

/** A global set-up that gives its project a running engine, and stops it when the last project has ended. */
export async function provideEngine(name: EngineName, project: TestProject): Promise<() => Promise<void>> {
  const one = shared.get(name) ?? { engine: find(name), users: 0 };
  shared.set(name, one);
  one.users += 1;
  const engine = await one.engine;
  project.provide('engineName', engine.name);
  project.provide('engineUrls', [...engine.urls]);
  return async () => {
    one.users -= 1;
    if (one.users > 0) return;
    shared.delete(name);
    await engine.stop();
  };
}

async function find(name: EngineName): Promise<RunningEngine> {
  const url = process.env[URL_VARIABLE[name]];
  if (url) return useRunning(name, url);
  return startEngine(name, { onNote: (text) => console.log(text) });
}

async function useRunning(name: EngineName, url: string): Promise<RunningEngine> {
  const urls = url.split(',');
  const cluster = await connect({ nodes: urls });
  await cluster.close();
  if (cluster.engine.name !== name)
    throw new Error(`${URL_VARIABLE[name]} is ${url}, which is ${cluster.engine.name}`);
  return { ...cluster.engine, urls, nodes: [], stop: async () => {} };
}
