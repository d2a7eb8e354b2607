// Creates a catalogue of small documents, and a folder with the index file of version 2 for the command line.
import type { ChildProcess } from 'node:child_process';
import { connect } from '../src/cluster/cluster.js';
import { fillVersion1 } from './load.js';
import { smallDocuments } from './products.js';
import { Project, type ProjectOptions } from './project.js';

export interface SmallProjectOptions extends Pick<ProjectOptions, 'nodes' | 'name' | 'migration'> {
  readonly documents: number;
  readonly shards: number;
  /** The type of the new index's prices. In the old index they are a keyword. */
  readonly price: 'double' | 'text';
}

export async function createSmallProject(options: SmallProjectOptions): Promise<Project> {
  await fill(options);
  const { nodes, name, shards, price, migration } = options;
  const { properties } = smallDocuments.mappings as { properties: Record<string, object> };
  return new Project({
    nodes,
    name,
    settings: { number_of_shards: shards, number_of_replicas: 0 },
    mappings: { properties: { ...properties, price: { type: price } } },
    migration,
  });
}

async function fill({ nodes, name, documents, shards }: SmallProjectOptions): Promise<void> {
  const cluster = await connect({ nodes });
  try {
    const settings = { number_of_shards: shards, number_of_replicas: 0 };
    await fillVersion1(cluster, { name, corpus: smallDocuments, documents, settings });
  } finally {
    await cluster.close();
  }
}

/** Waits until the events of a migration report this task. */
export async function reached(child: ChildProcess, what: string): Promise<number> {
  let tail = '';
  for await (const chunk of child.stdout?.iterator({ destroyOnReturn: false }) ?? []) {
    const lines = (tail + String(chunk)).split('\n');
    tail = lines.pop() ?? '';
    const found = lines.some((line) => {
      const { task, to } = JSON.parse(line) as { task?: string; to?: string };
      return task === what || to === what;
    });
    if (found) return performance.now();
  }
  throw new Error(`the migration ended before ${what}`);
}
