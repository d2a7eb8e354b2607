// A project with several index files, and its indexes in the cluster with a few documents each.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { createIndex } from '../../../src/cluster/indices/createIndex.js';
import { engineUrls, testCluster } from '../engine.js';
import { Project } from './project.js';
import { eventually } from '../../eventually.js';

const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

export const KEYWORD = { properties: { price: { type: 'keyword' } } };
export const LONG = { properties: { price: { type: 'long' } } };
export const SETTINGS = { number_of_shards: 1, number_of_replicas: 0 };
export const QUICK = ['--yes', '--grace', '1s', '--max-lag', '5s', '--max-write-pause', '5s'];
export const TO_THE_END = [...QUICK, '--until', 'finalized'];

export interface Line {
  readonly event: string;
  readonly migration?: string;
  readonly name?: string;
  readonly [key: string]: unknown;
}

export interface Summary {
  readonly done: readonly string[];
  readonly unchanged: readonly string[];
  readonly needsYou: readonly { readonly name: string; readonly message: string }[];
  readonly failed: readonly { readonly name: string; readonly code: string; readonly message: string }[];
  readonly interrupted: readonly string[];
}

export class FleetProject {
  readonly project: Project;

  private constructor(project: Project) {
    this.project = project;
  }

  static async create(): Promise<FleetProject> {
    const project = await Project.create();
    const config = { cluster: { nodes: engineUrls, maxRetries: 0 }, indexes: ['./indexes/*'] };
    await project.write('twindex.config.json', JSON.stringify(config));
    return new FleetProject(project);
  }

  /** `NAME-x`, as the outputs have it `x`. */
  nameOf(part: string): string {
    return `${this.project.name}-${part}`;
  }

  /** An index file for `NAME-<part>`; what `content` holds goes before. */
  async declare(part: string, version: number, mappings: object, content: object = {}): Promise<void> {
    const file = { name: this.nameOf(part), version, settings: SETTINGS, mappings, ...content };
    await this.project.write(`indexes/${part.replace('*', 'family')}.json`, JSON.stringify(file));
  }

  /** `NAME-<part>-v1` with its aliases and 50 documents whose prices are numbers, or not. */
  async live(part: string, { prices = (n: number): string => `${n}` } = {}): Promise<void> {
    const cluster = await testCluster();
    const name = this.nameOf(part);
    await createIndex(cluster, `${name}-v1`, {
      settings: SETTINGS,
      mappings: KEYWORD,
      aliases: { [`${name}-read`]: {}, [`${name}-write`]: {} },
    });
    const lines = Array.from(
      { length: 50 },
      (_, n) => `{"index":{"_id":"${n}"}}\n${JSON.stringify({ price: prices(n) })}\n`,
    );
    await cluster.connection.json({
      method: 'POST',
      path: `/${name}-write/_bulk`,
      query: { refresh: true },
      body: lines.join(''),
    });
  }

  /** The concrete indexes behind an alias, without NAME. */
  async behind(part: string, alias: 'read' | 'write'): Promise<string[]> {
    const { connection } = await testCluster();
    const path = `/_alias/${this.nameOf(part)}-${alias}`;
    const { status, body } = await connection.send({ method: 'GET', path });
    if (status === 404) return [];
    const found = Object.keys(JSON.parse(body.toString()) as object);
    return found.map((index) => index.replace(`${this.project.name}-`, ''));
  }

  /** With `--json`: the lines of stdout, parsed, and the summary; NAME- is left out. */
  async run(...args: string[]): Promise<{ code: number; lines: Line[]; summary: Summary }> {
    const { code, stdout, stderr } = await this.project.run(...args, '--json');
    const lines = stdout
      .replaceAll('NAME-', '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Line);
    const last = lines.at(-1);
    if (last?.event !== 'summary') throw new Error(`no summary: ${code} ${stderr}`);
    const { event: _, ...summary } = last;
    return { code, lines, summary: summary as unknown as Summary };
  }

  /** As a process of its own, killed when the test ends. */
  start(...args: string[]): RunningFleet {
    const named = args.map((arg) => arg.replaceAll('NAME', this.project.name));
    const child = spawn(process.execPath, [MAIN, ...named, '--json'], {
      cwd: this.project.folder,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    return new RunningFleet(child);
  }
}

export class RunningFleet {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown[]>;
  readonly #lines: Line[] = [];
  #over = false;

  constructor(child: ChildProcess) {
    this.#child = child;
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      this.#lines.push(JSON.parse(line) as Line);
    });
    this.#closed = once(child, 'close').then((how) => {
      this.#over = true;
      return how;
    });
  }

  /** Until it has said so. */
  async until(wanted: (line: Line) => boolean): Promise<void> {
    const hasSaid = (): boolean => {
      if (this.#lines.some(wanted)) return true;
      if (this.#over) throw new Error(`it ended before: ${JSON.stringify(this.#lines.at(-1))}`);
      return false;
    };
    await eventually(
      () => `${String(wanted)}; the last line is ${JSON.stringify(this.#lines.at(-1))}`,
      hasSaid,
      120_000,
    );
  }

  async stop(signal: NodeJS.Signals): Promise<{ code: unknown; last: Line | undefined }> {
    this.#child.kill(signal);
    return this.end();
  }

  async end(): Promise<{ code: unknown; last: Line | undefined }> {
    const [code] = await this.#closed;
    return { code, last: this.#lines.at(-1) };
  }
}
