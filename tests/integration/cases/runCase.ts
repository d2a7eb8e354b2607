// Carries out one case of tests/cases on one engine: makes the index of version 1, goes through the steps, and compares what
// is there with what the case expects.
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { type Case, fileFor, INDEX_FILE, type Step, type StepOf } from './caseFile.js';
import { documentsIn, documentsOf, type Engine, leavesOf, read, send } from './readBack.js';
import { Command, type Ended } from './twindex.js';

/** Long enough for a machine that is busy with other things: nothing is said about speed. */
const COMMAND_MS = 300_000;
const POLL_MS = 250;
const AT_ONCE = 8;

export async function runCase(one: Case, engine: Engine, index: string): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'twindex-case-'));
  const running = new RunningCase(one, engine, index, scratch);
  try {
    await running.run();
  } finally {
    await running.cleanUp();
    await rm(scratch, { recursive: true });
  }
}

class RunningCase {
  readonly #case: Case;
  readonly #engine: Engine;
  readonly #name: string;
  readonly #scratch: string;
  readonly #commands = new Map<string, Command>();
  /** Gateways by name, and where they listen. */
  readonly #gateways = new Map<string, { readonly command: Command; readonly url: string }>();
  #indexFile = '';
  #settingsBefore: string | undefined;

  constructor(one: Case, engine: Engine, name: string, scratch: string) {
    this.#case = one;
    this.#engine = engine;
    this.#name = name;
    this.#scratch = scratch;
  }

  async run(): Promise<void> {
    await this.#makeProject();
    await this.#setClusterSettings();
    await this.#execute(this.#case.before, 'before');
    await this.#makeVersion1();
    await this.#execute(this.#case.steps, 'steps');
    if ((await readdir(this.#case.folder)).includes('expected')) await this.#compareAll('expected');
  }

  /** Nothing of a case is left for the next one. The indexes go with the test file. */
  async cleanUp(): Promise<void> {
    const commands = [
      ...this.#commands.values(),
      ...[...this.#gateways.values()].map(({ command }) => command),
    ];
    await Promise.all(commands.map((command) => command.stop()));
    if (this.#settingsBefore !== undefined)
      await this.#engineSays('PUT', '/_cluster/settings', this.#settingsBefore);
    const pipelines = this.#engine.name === 'opensearch' ? ['/_search/pipeline'] : [];
    for (const path of ['/_index_template', '/_template', '/_ingest/pipeline', ...pipelines])
      await send({ method: 'DELETE', url: `${this.#engine.url}${path}/${this.#name}*` });
  }

  async #makeProject(): Promise<void> {
    const files = await readdir(this.#case.folder, { withFileTypes: true });
    for (const file of files.filter((entry) => entry.isFile())) await this.#copyToScratch(file.name);
    this.#indexFile = files.map((file) => file.name).find((name) => INDEX_FILE.test(name)) as string;
    await this.#writeConfig();
  }

  async #writeConfig(): Promise<void> {
    const config = { cluster: { nodes: [this.#engine.url] }, indexes: [`./${this.#indexFile}`] };
    await writeFile(join(this.#scratch, 'twindex.config.json'), JSON.stringify(config));
  }

  async #copyToScratch(file: string): Promise<void> {
    const [from, to] = [join(this.#case.folder, file), join(this.#scratch, file)];
    if (/^queries\.ndjson$|\.(json|ya?ml|[mc]?[jt]s)$/.test(file))
      await writeFile(to, this.#named(await readFile(from, 'utf8')));
    else await copyFile(from, to);
  }

  async #setClusterSettings(): Promise<void> {
    const { clusterSettings } = this.#case;
    if (clusterSettings === undefined) return;
    const settings = JSON.parse(clusterSettings) as Record<string, unknown>;
    const withoutThem = Object.fromEntries(Object.keys(settings).map((key) => [key, null]));
    this.#settingsBefore = JSON.stringify({ persistent: withoutThem });
    await this.#engineSays('PUT', '/_cluster/settings', `{"persistent":${clusterSettings}}`);
  }

  async #makeVersion1(): Promise<void> {
    const v1 = fileFor(this.#case.folder, 'v1.json', this.#engine.name);
    if (!v1) return;
    await this.#engineSays('PUT', `/${this.#name}-v1`, this.#named(await readFile(v1, 'utf8')));
    const documents = fileFor(this.#case.folder, 'documents.ndjson', this.#engine.name);
    if (!documents) return;
    const body = await readFile(documents, 'utf8');
    const answer = await this.#engineSays('POST', `/${this.#name}-v1/_bulk?refresh=true`, body);
    if (!/"errors":false/.test(answer)) throw new Error(`documents.ndjson was not accepted: ${answer}`);
  }

  #engineSays(method: string, path: string, body: string): Promise<string> {
    return read({ method, url: this.#engine.url + path, body });
  }

  async #execute(steps: readonly Step[], where: string): Promise<void> {
    for (const [at, step] of steps.entries()) {
      const place = `${where}.${at}`;
      try {
        await this.#step(step, place);
      } catch (error) {
        if (error instanceof Error && !error.message.startsWith('tests/cases/'))
          error.message = `tests/cases/${this.#case.name}/case.yaml, ${place} (${titleOf(step)}): ${this.#anonymous(error.message)}`;
        throw error;
      }
    }
  }

  async #step(step: Step, place: string): Promise<void> {
    switch (step.verb) {
      case 'run':
        return this.#run(step);
      case 'start':
        return this.#start(step);
      case 'reached':
        await this.#command(step.by).event('reached', ({ phase }) => phase === step.reached);
        return undefined;
      case 'stop':
        await this.#command(step.stop).stop();
        this.#commands.delete(step.stop);
        return undefined;
      case 'ends':
        expectOutput(this.#textsOf(await this.#command(step.ends).end(COMMAND_MS)), step);
        this.#commands.delete(step.ends);
        return undefined;
      case 'gateway':
        return this.#startGateway(step.gateway);
      case 'request':
        return this.#request(step);
      case 'declare':
        return this.#declare(step.declare);
      case 'compare':
        return this.#until(step.within, () => this.#compareAll(step.compare));
      case 'together':
        await Promise.all(step.together.map((part, at) => this.#execute([part], `${place}.together.${at}`)));
        return undefined;
    }
  }

  async #run(step: StepOf<'run'>): Promise<void> {
    await this.#until(step.within, async () => {
      const command = new Command(this.#argv(step.run));
      expectOutput(this.#textsOf(await command.end(COMMAND_MS)), step);
    });
  }

  #start({ start }: StepOf<'start'>): void {
    const [name = ''] = start;
    if (this.#commands.has(name)) throw new Error(`${name} runs already: stop it first`);
    this.#commands.set(name, new Command([...this.#argv(start), '--json']));
  }

  #command(name: string): Command {
    const command = this.#commands.get(name) ?? this.#gateways.get(name)?.command;
    if (!command) throw new Error(`nothing was started by the name ${name}`);
    return command;
  }

  async #startGateway(name: string): Promise<void> {
    const command = new Command(this.#argv(['gateway', '--port', '0', '--json']));
    const { url } = await command.event('listening', () => true);
    this.#gateways.set(name, { command, url: String(url) });
  }

  async #request(step: StepOf<'request'>): Promise<void> {
    const numbers = Array.from({ length: step.times }, (_, n) => n);
    const one = (n: number) => this.#until(step.within, () => this.#sendOnce(step, n));
    const workers = Array.from({ length: Math.min(AT_ONCE, step.times) }, async () => {
      for (let n = numbers.shift(); n !== undefined; n = numbers.shift()) await one(n);
    });
    await Promise.all(workers);
  }

  async #sendOnce(step: StepOf<'request'>, n: number): Promise<void> {
    const fill = (text: string) => this.#named(text).replaceAll('{n}', String(n));
    const [method = '', path = ''] = fill(step.request).split(' ');
    const file =
      step.file === undefined ? undefined : await readFile(join(this.#case.folder, step.file), 'utf8');
    const body = step.body ?? file;
    const headers = { ...step.headers, ...(step.version && { 'x-twindex-version': String(step.version) }) };
    const { status, text } = await send({
      method,
      url: this.#doorOf(step.through) + path,
      headers,
      body: body === undefined ? undefined : fill(body),
    });
    const wanted = step.status ?? SUCCESS;
    const answer = `${method} ${path} was answered with ${status}: ${this.#anonymous(text)}`;
    if (!wanted.includes(status)) throw new Error(`expected ${wanted.join(' or ')}, and ${answer}`);
    expectTexts(answer, step);
  }

  #doorOf(name: string | undefined): string {
    if (name === undefined || name === 'engine') return this.#engine.url;
    const gateway = this.#gateways.get(name);
    if (gateway) return gateway.url;
    throw new Error(`no step has started a gateway with the name ${name}`);
  }

  async #declare(file: string): Promise<void> {
    await rm(join(this.#scratch, this.#indexFile));
    this.#indexFile = `index${extname(file)}`;
    await copyFile(join(this.#scratch, file), join(this.#scratch, this.#indexFile));
    await this.#writeConfig();
  }

  async #compareAll(folder: string): Promise<void> {
    const path = join(this.#case.folder, folder);
    const versions = (await readdir(path)).sort();
    if (versions.length === 0) throw new Error(`${folder}/ is empty`);
    for (const version of versions) {
      if (!/^v\d+$/.test(version)) throw new Error(`${folder}/${version}: expected a folder v1, v2, ...`);
      const files = await readdir(join(path, version));
      for (const part of new Set(files.map(partOf)))
        await this.#compare(join(folder, version), part, `${this.#name}-${version}`);
    }
  }

  async #compare(folder: string, part: Part, index: string): Promise<void> {
    const file = fileFor(join(this.#case.folder, folder), fileOf(part), this.#engine.name);
    if (!file) return;
    const expected = await readFile(file, 'utf8');
    const title = `tests/cases/${this.#case.name}/${folder}/${basename(file)}`;
    if (part === 'documents') {
      expectText(await documentsOf(this.#engine, index), documentsIn(expected), title);
      return;
    }
    const url = `${this.#engine.url}/${index}/${API[part]}`;
    const found = leavesOf(this.#anonymous(await read({ method: 'GET', url })));
    const { actual, wanted } = sideBySide(part, leavesOf(expected), found);
    expectText(actual, wanted, title);
  }

  async #until(withinMs: number | undefined, attempt: () => Promise<void>): Promise<void> {
    const deadline = Date.now() + (withinMs ?? 0);
    for (;;) {
      try {
        await attempt();
        return;
      } catch (error) {
        if (Date.now() > deadline) throw error;
      }
      await sleep(POLL_MS);
    }
  }

  #argv(words: readonly string[]): readonly string[] {
    const [command = '', ...rest] = words.map((word) =>
      this.#named(word).replaceAll('FOLDER', this.#scratch),
    );
    // nothing of a case stays on its way inside the cluster for the minute that is the default
    const grace = command === 'migrate' && !rest.includes('--grace') ? ['--grace', '300ms'] : [];
    return [command, '--config', join(this.#scratch, 'twindex.config.json'), ...rest, ...grace];
  }

  #textsOf({ exit, output }: Ended): Ended {
    return { exit, output: this.#anonymous(output) };
  }

  #named(text: string): string {
    return text.replaceAll(/\bNAME\b/g, this.#name);
  }

  #anonymous(text: string): string {
    return text.replaceAll(this.#name, 'NAME').replaceAll(this.#scratch, 'FOLDER');
  }
}

const SUCCESS = [200, 201, 202];

const titleOf = (step: Step): string => {
  const value = (step as unknown as Record<string, unknown>)[step.verb];
  return `${step.verb}: ${Array.isArray(value) && typeof value[0] === 'string' ? value.join(' ') : String(value)}`;
};

interface Texts {
  readonly says?: readonly string[] | undefined;
  readonly saysNot?: readonly string[] | undefined;
}

function expectOutput({ exit, output }: Ended, step: Texts & { readonly exit: number }): void {
  if (exit !== step.exit)
    throw new Error(`expected exit code ${step.exit}, found ${exit}, with the output\n${output}`);
  expectTexts(output, step);
}

function expectTexts(output: string, { says = [], saysNot = [] }: Texts): void {
  for (const text of says) if (!has(output, text)) throw new Error(`expected "${text}" in\n${output}`);
  for (const text of saysNot) if (has(output, text)) throw new Error(`expected no "${text}" in\n${output}`);
}

/** `/.../` is a regular expression. */
function has(output: string, text: string): boolean {
  const pattern = /^\/(.*)\/$/s.exec(text)?.[1];
  return pattern === undefined ? output.includes(text) : new RegExp(pattern).test(output);
}

const API = { mappings: '_mapping', settings: '_settings', aliases: '_alias' } as const;
type Part = 'documents' | keyof typeof API;

const fileOf = (part: Part): string => (part === 'documents' ? 'documents.ndjson' : `${part}.json`);

function partOf(file: string): Part {
  const part = /^(documents|mappings|settings|aliases)(\.(opensearch|elasticsearch))?\.(ndjson|json)$/.exec(
    file,
  )?.[1];
  if (part === undefined)
    throw new Error(`${file}: expected documents.ndjson, mappings.json, settings.json or aliases.json`);
  return part as Part;
}

/** Only what is expected is looked at. `null` expects that there is nothing. */
function sideBySide(
  part: Exclude<Part, 'documents'>,
  expected: ReadonlyMap<string, string>,
  found: ReadonlyMap<string, string>,
): { actual: string; wanted: string } {
  const [bare, there] = [expected, found].map(
    (leaves) => new Map([...leaves].map(([path, text]) => [plainPath(part, path), plainText(part, text)])),
  ) as [Map<string, string>, Map<string, string>];
  const lines = [...bare].map(([path, text]) => {
    const nothing = [...there.keys()].every((other) => other !== path && !other.startsWith(`${path}.`));
    return {
      wanted: `${path} = ${text === 'null' ? 'nothing' : text}\n`,
      actual: `${path} = ${nothing ? 'nothing' : (there.get(path) ?? 'an object')}\n`,
    };
  });
  const sorted = lines.sort((a, b) => (a.wanted < b.wanted ? -1 : 1));
  return {
    actual: sorted.map((line) => line.actual).join(''),
    wanted: sorted.map((line) => line.wanted).join(''),
  };
}

/** The answer has the index and the kind around it; settings may be written with and without `index.`. */
function plainPath(part: Exclude<Part, 'documents'>, path: string): string {
  const withoutIndex = path.replace(/^NAME-v\d+\.(mappings|settings|aliases)\.?/, '');
  return part === 'settings' ? withoutIndex.replace(/^index\./, '') : withoutIndex;
}

/** The engines return every setting as a text. */
const plainText = (part: Part, text: string): string =>
  part === 'settings' && text.startsWith('"') ? String(JSON.parse(text)) : text;

function expectText(actual: string, wanted: string, title: string): void {
  expect(actual, `${title} (+ found, - expected)`).toBe(wanted);
}
