// A catalogue of small documents with the index file of its second version, in a folder, to be migrated by the command line.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect } from '../src/cluster/cluster.js';
import { fillVersion1 } from './load.js';
import { smallDocuments } from './products.js';

const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface SmallProjectOptions {
  readonly nodes: readonly string[];
  readonly name: string;
  readonly documents: number;
  readonly shards: number;
  /** Type of the new index's prices; they are a keyword in the old one. */
  readonly price: 'double' | 'text';
  /** The migration's functions, as source text: `{ up: …, down: … }`; none: documents stay as they are. */
  readonly migration?: string | undefined;
}

export class SmallProject {
  readonly name: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'twindex-bench-'));

  private constructor(name: string) {
    this.name = name;
  }

  static async create(options: SmallProjectOptions): Promise<SmallProject> {
    await fill(options);
    const project = new SmallProject(options.name);
    project.#write(options);
    return project;
  }

  /** `twindex COMMAND… --json`; its events are on stdout. */
  start(command: readonly string[]): ChildProcess {
    const config = ['--json', '--config', join(this.#folder, 'twindex.config.json')];
    return spawn(process.execPath, [CLI, ...command, ...config], { stdio: ['ignore', 'pipe', 'inherit'] });
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #write({ nodes, name, shards, price, migration }: SmallProjectOptions): void {
    const { properties } = smallDocuments.mappings as { properties: Record<string, object> };
    const definition = {
      name,
      version: 2,
      settings: { number_of_shards: shards, number_of_replicas: 0 },
      mappings: { properties: { ...properties, price: { type: price } } },
    };
    const migrations = migration === undefined ? '{}' : `{ 2: ${migration} }`;
    const text = `export default { ...${JSON.stringify(definition)}, migrations: ${migrations} };\n`;
    writeFileSync(join(this.#folder, 'index.mjs'), text);
    const config = { cluster: { nodes }, indexes: ['./index.mjs'] };
    writeFileSync(join(this.#folder, 'twindex.config.json'), JSON.stringify(config));
  }
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

/** Waits until a migration's events say that it does this. */
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
