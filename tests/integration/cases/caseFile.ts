// A case of tests/cases: its files, read and checked. tests/cases/README.md describes every key.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { EngineName } from '../../../src/cluster/cluster.js';
import { PHASES } from '../../../src/protocol/states.js';

const FOLDER = new URL('../../cases/', import.meta.url).pathname;

const texts = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const seconds = z
  .string()
  .regex(/^\d+s$/, 'expected whole seconds, like 20s')
  .transform((text) => Number.parseInt(text, 10) * 1000);
const command = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (typeof value === 'string' ? value.trim().split(/\s+/) : value));
const method = z
  .string()
  .regex(/^(GET|HEAD|PUT|POST|DELETE) \/\S*$/, 'expected a method and a path, like PUT /NAME-write/_doc/1');

const phase = z.enum(PHASES);

/** What is looked for in an output or an answer, and how long it may take to appear. */
const outcome = { says: texts.optional(), saysNot: texts.optional(), within: seconds.optional() };

const STEPS = {
  run: z.strictObject({ run: command, exit: z.int().default(0), ...outcome }),
  start: z.strictObject({ start: command }),
  reached: z.strictObject({ reached: phase, by: z.string().default('migrate') }),
  stop: z.strictObject({ stop: z.string() }),
  ends: z.strictObject({
    ends: z.string(),
    exit: z.int().default(0),
    says: texts.optional(),
    saysNot: texts.optional(),
  }),
  gateway: z.strictObject({ gateway: z.string() }),
  request: z.strictObject({
    request: method,
    through: z.string().optional(),
    version: z.int().optional(),
    headers: z.record(z.string(), z.string()).default({}),
    body: z.string().optional(),
    file: z.string().optional(),
    status: z
      .union([z.int(), z.array(z.int())])
      .transform((value) => [value].flat())
      .optional(),
    times: z.int().min(1).default(1),
    ...outcome,
  }),
  declare: z.strictObject({ declare: z.string() }),
  compare: z.strictObject({ compare: z.string(), within: seconds.optional() }),
} as const;

type Verb = keyof typeof STEPS;
type PlainStep = { [V in Verb]: z.infer<(typeof STEPS)[V]> & { readonly verb: V } }[Verb];
export type Step = PlainStep | { readonly verb: 'together'; readonly together: readonly Step[] };
export type StepOf<V extends Step['verb']> = Extract<Step, { verb: V }>;

/** Goes over everything that a step may be, so that a misspelt key is named where it stands. */
const step: z.ZodType<Step> = z.unknown().transform((value, context): Step => {
  const given = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  const verbs = Object.keys(given).filter((key) => key === 'together' || Object.hasOwn(STEPS, key));
  const [verb] = verbs;
  if (verbs.length !== 1 || verb === undefined) {
    const all = [...Object.keys(STEPS), 'together'].join(', ');
    context.addIssue({ code: 'custom', message: `expected a step with exactly one of: ${all}` });
    return z.NEVER;
  }
  const schema = verb === 'together' ? z.strictObject({ together: z.array(step) }) : STEPS[verb as Verb];
  const result = schema.safeParse(value);
  if (result.success) return { ...result.data, verb } as Step;
  for (const { path, message } of result.error.issues)
    context.addIssue({ code: 'custom', path: [...path], message });
  return z.NEVER;
});

const caseContent = z.strictObject({
  title: z.string(),
  why: z.string().optional(),
  /** Of each engine that has the feature, the oldest version; all versions of both when left out. */
  engines: z
    .strictObject({ opensearch: z.string().optional(), elasticsearch: z.string().optional() })
    .optional(),
  clusterSettings: z.string().optional(),
  before: z.array(step).default([]),
  steps: z.array(step).optional(),
});

export interface Case extends Omit<z.infer<typeof caseContent>, 'steps'> {
  readonly name: string;
  readonly folder: string;
  readonly steps: readonly Step[];
}

/** Without steps, the whole way until the writers are on the new index, and a comparison. */
const DEFAULT_STEPS: readonly Step[] = [
  { verb: 'run', run: ['migrate', 'NAME', '--yes', '--until', 'switched', '--no-stay'], exit: 0 },
  { verb: 'run', run: ['verify', 'NAME'], exit: 0, says: ['NAME: no difference'] },
];

export const INDEX_FILE = /^index\.(json|yaml|yml|js|mjs|ts)$/;
const KNOWN =
  /^(case\.yaml|(v1(\.(opensearch|elasticsearch))?)\.json|documents\.ndjson|expected|README\.md)$/;

/** All cases, or those that CASE=NAME,NAME in the environment names. */
export function listCases(): readonly string[] {
  const all = readdirSync(FOLDER, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const names = all.map(({ name }) => name).sort();
  const chosen = process.env['CASE']?.split(',');
  for (const name of chosen ?? [])
    if (!names.includes(name)) throw new Error(`CASE: there is no folder tests/cases/${name}`);
  return chosen ?? names;
}

/** Whether the case names its engines, or has another file for one of them. */
export function isAboutAnEngine({ engines, folder }: Case): boolean {
  return (
    engines !== undefined || readdirSync(folder).some((file) => /\.(opensearch|elasticsearch)\./.test(file))
  );
}

/** @throws an error that says everything that is wrong with the case */
export function readCase(name: string): Case {
  const folder = join(FOLDER, name);
  const where = `tests/cases/${name}/case.yaml`;
  const text = readFileSync(join(folder, 'case.yaml'), 'utf8');
  const result = caseContent.safeParse(parse(text));
  if (!result.success) {
    const problems = result.error.issues.map(
      ({ path, message }) => `${where}: ${path.join('.')}: ${message}`,
    );
    throw new Error(problems.join('\n'));
  }
  const files = readdirSync(folder);
  for (const file of files)
    if (!KNOWN.test(file) && !INDEX_FILE.test(file) && !text.includes(file))
      throw new Error(`tests/cases/${name}/${file} is used by nothing: case.yaml does not mention it`);
  if (files.filter((file) => INDEX_FILE.test(file)).length !== 1)
    throw new Error(`tests/cases/${name} needs one index file: index.yaml, index.json, index.js or index.ts`);
  const { steps = DEFAULT_STEPS, ...content } = result.data;
  if (!existsSync(join(folder, 'expected')) && !steps.some(expectsSomething))
    throw new Error(`${where} expects nothing: add a folder expected/, or texts that a command says`);
  return { ...content, steps, name, folder };
}

const expectsSomething = (one: Step): boolean =>
  one.verb === 'compare' ||
  (one.verb === 'together' ? one.together.some(expectsSomething) : 'says' in one && one.says !== undefined);

/** `FILE.ENGINE.json` where the engines differ, else `FILE.json`; undefined without either. */
export function fileFor(folder: string, file: string, engine: EngineName): string | undefined {
  const own = file.replace(/(\.[^.]+)$/, `.${engine}$1`);
  return [own, file].map((name) => join(folder, name)).find((path) => existsSync(path));
}

/** Undefined where the case runs on this engine, else the reason why it does not. */
export function whyNotOn({ engines }: Case, engine: EngineName, version: string): string | undefined {
  if (!engines) return undefined;
  const oldest = engines[engine];
  if (oldest === undefined) return `not on ${engine}`;
  const [wanted, there] = [oldest, version].map((text) => text.split('.').map(Number)) as [
    number[],
    number[],
  ];
  for (const [at, number] of wanted.entries()) {
    const difference = (there[at] ?? 0) - number;
    if (difference !== 0) return difference > 0 ? undefined : `from ${engine} ${oldest}`;
  }
  return undefined;
}
