// A catalogue of two versions with its configuration in a folder, and the command line run on it as a process.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cluster } from '../../src/cluster/cluster.js';
import { refresh } from '../../src/cluster/indices/refresh.js';
import { createIndex } from '../../src/cluster/indices/createIndex.js';

const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

// A writer that is refused in a hold, looks at the version, and writes again when the alias has moved, may write the
// shape of the index before: v1 takes numbers, too. So a document that has the shape already is left as it is.
interface Shape {
  /** Type of the new index's prices. */
  readonly price: string;
  /** As in an index file; none where documents stay as they are. */
  readonly migrations?: string;
  /** Of both indexes (0). */
  readonly replicas?: number;
}

export const MAPPED: Shape = {
  price: 'double',
  migrations: `{
    2: {
      up: (doc) => map(doc, 'string', (price) => Number.parseFloat(price.replace(',', '.'))),
      down: (doc) => map(doc, 'number', (price) => price.toFixed(2).replace('.', ',') + ' EUR'),
    },
  }`,
};

const indexFile = (name: string, { price, migrations = '{}', replicas = 0 }: Shape): string => `
const map = (doc, type, price) => (typeof doc.price === type ? { ...doc, price: price(doc.price) } : doc);
export default {
  name: ${JSON.stringify(name)},
  version: 2,
  settings: { number_of_shards: 2, number_of_replicas: ${replicas} },
  mappings: { properties: { n: { type: 'long' }, price: { type: '${price}' } } },
  migrations: ${migrations},
};
`;

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

export class Project {
  readonly name: string;
  readonly #replicas: number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'twindex-chaos-'));
  readonly #processes = new Set<ChildProcess>();

  /** @param source nodes of the cluster that the index comes from, where that is another one */
  constructor(name: string, nodes: readonly string[], shape: Shape = MAPPED, source?: readonly string[]) {
    this.name = name;
    this.#replicas = shape.replicas ?? 0;
    writeFileSync(
      join(this.#folder, 'twindex.config.json'),
      JSON.stringify({
        cluster: { nodes },
        ...(source && { source: { nodes: source } }),
        indexes: ['./index.mjs'],
      }),
    );
    writeFileSync(join(this.#folder, 'index.mjs'), indexFile(name, shape));
  }

  get writeAlias(): string {
    return `${this.name}-write`;
  }

  file(name: string): string {
    return join(this.#folder, name);
  }

  /** The first version, with some documents that nobody writes again. */
  async createFirst(cluster: Cluster, documents: number): Promise<void> {
    const index = `${this.name}-v1`;
    await createIndex(cluster, index, {
      settings: { number_of_shards: 2, number_of_replicas: this.#replicas },
      mappings: { properties: { n: { type: 'long' }, price: { type: 'keyword' } } },
      aliases: { [`${this.name}-read`]: {}, [this.writeAlias]: {} },
    });
    const lines = Array.from(
      { length: documents },
      (_, n) => `{"index":{"_id":"d${n}"}}\n{"n":${n},"price":"${n},50 EUR"}\n`,
    );
    await cluster.connection.json({ method: 'POST', path: `/${index}/_bulk`, body: lines.join('') });
    await refresh(cluster, index);
  }

  /** `twindex COMMAND NAME ...`, as a process of its own. */
  start(command: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
    const child = spawn(
      process.execPath,
      [CLI, ...command, '--config', join(this.#folder, 'twindex.config.json')],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...env },
      },
    );
    this.#processes.add(child);
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const ended = once(child, 'close').then(([code, signal]): Exit => {
      this.#processes.delete(child);
      return { code: code as number | null, signal: signal as NodeJS.Signals | null, output };
    });
    return { child, ended, output: () => output };
  }

  migrate(until: string, env: Readonly<Record<string, string>> = {}, more: readonly string[] = []): Running {
    const quick = ['--grace', '300ms', '--lease', '2s', '--max-write-pause', '4s', '--max-lag', '5s'];
    return this.start(['migrate', this.name, '--yes', '--json', '--until', until, ...quick, ...more], env);
  }

  close(): void {
    for (const child of this.#processes) child.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Exit>;
  readonly output: () => string;
}
