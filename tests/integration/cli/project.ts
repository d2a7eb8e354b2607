// A folder with a configuration and an index file, and the command line run in it as a user runs it.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { run } from '../../../src/cli/run.js';
import type { ErrorCode } from '../../../src/errors.js';
import type { ClusterOptions } from '../../../src/cluster/clusterOptions.js';
import { getIndexes, type LiveIndex } from '../../../src/cluster/indices/getIndex.js';
import { eventually } from '../../eventually.js';
import { engineUrls, testCluster, uniqueName } from '../engine.js';

/** Where the tests were started. */
const HOME = process.cwd();
const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

export interface Ran {
  readonly code: number;
  /** The name of the index is written NAME. */
  readonly stdout: string;
  readonly stderr: string;
}

export class Project {
  readonly name = uniqueName('cli');
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** In a folder that goes when the test ends. */
  static async create(cluster: Partial<ClusterOptions> = {}): Promise<Project> {
    const folder = await mkdtemp(join(tmpdir(), 'twindex-cli-'));
    onTestFinished(async () => {
      process.chdir(HOME);
      await rm(folder, { recursive: true });
    });
    const project = new Project(folder);
    const config = { cluster: { nodes: engineUrls, maxRetries: 0, ...cluster }, indexes: ['./index.json'] };
    await writeFile(join(folder, 'twindex.config.json'), JSON.stringify(config));
    await project.declare(1);
    return project;
  }

  async declare(
    version: number,
    mappings: object = { properties: { price: { type: 'keyword' } } },
  ): Promise<void> {
    const settings = { number_of_shards: 1, number_of_replicas: 0 };
    const content = { name: this.name, version, settings, mappings };
    await writeFile(join(this.folder, 'index.json'), JSON.stringify(content));
  }

  async write(file: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.folder, file)), { recursive: true });
    await writeFile(join(this.folder, file), text);
  }

  /**
   * `twindex ...args` in this process, without a terminal: starting a process for each command took most of the time of
   * these tests. NAME in an argument stands for the name of the index.
   */
  async run(...args: string[]): Promise<Ran> {
    const stdout = new KeptText();
    const stderr = new KeptText();
    // The command reads its configuration, and writes files, where the user is.
    process.chdir(this.folder);
    const code = await run(this.#named(args), { stdout, stderr, stdin: Readable.from([]) });
    return this.#ran(code, stdout.text, stderr.text);
  }

  /** The phase of the migration, undefined where there is none. */
  async phase(): Promise<string | undefined> {
    const { code, stdout } = await this.run('status', 'NAME', '--json');
    if (code !== 0) return undefined;
    return (JSON.parse(stdout) as { migrations: readonly { phase: string }[] }).migrations[0]?.phase;
  }

  /** A `twindex migrate` that stays, and has reached `phase`. */
  async stay(phase: string, ...options: readonly string[]): Promise<{ readonly ended: Promise<Ran> }> {
    const ended = this.run('migrate', 'NAME', '--yes', '--until', phase, ...options);
    const reached = async (): Promise<boolean> => (await this.phase()) === phase;
    const tooEarly = ended.then(({ code, stderr }) => {
      throw new Error(`migrate ended with ${code}: ${stderr}`);
    });
    await Promise.race([eventually(`the phase ${phase}`, reached, 60_000), tooEarly]);
    return { ended };
  }

  /** The same with the built program, in a process of its own. */
  async runProcess(...args: string[]): Promise<Ran> {
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        [MAIN, ...this.#named(args)],
        { cwd: this.folder },
        (error, stdout, stderr) => resolve(this.#ran(error ? Number(error.code) : 0, stdout, stderr)),
      );
    });
  }

  /** Everything that exists under the project's name. */
  async state(): Promise<LiveIndex[]> {
    return getIndexes(await testCluster(), `${this.name}*`);
  }

  #named(args: readonly string[]): string[] {
    return args.map((arg) => arg.replaceAll('NAME', this.name));
  }

  #ran(code: number, stdout: string, stderr: string): Ran {
    return { code, stdout: this.#anonymous(stdout), stderr: this.#anonymous(stderr) };
  }

  #anonymous(text: string): string {
    return text.replaceAll(this.name, 'NAME').replaceAll(this.folder, 'FOLDER');
  }
}

class KeptText extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** What a command prints when it fails, where there is no terminal. */
export const printed = (code: ErrorCode, message: string): string =>
  `error[${code}]: ${message}\n  see docs/errors.md#${code}\n`;

/** Version 1 is live, with one document. */
export async function liveProject(): Promise<Project> {
  const project = await Project.create();
  await project.run('migrate', 'NAME', '--yes');
  const { connection } = await testCluster();
  const path = `/${project.name}-write/_doc/1`;
  await connection.json({ method: 'PUT', path, query: { refresh: true }, body: { price: '1' } });
  return project;
}
