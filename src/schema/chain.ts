// Combines the transforms between two versions of a schema into one function.
import { messageOf, TwindexError } from '../errors.js';
import { setOwn } from '../json/exactParser.js';
import { isObject } from '../json/plain.js';
import type { Source } from '../json/jsonTypes.js';
import type { IndexDefinition, Migration, PipelineStep, Transform } from './types.js';

/** The facts about a document that a transform gets and cannot change. */
interface ChainMeta {
  readonly id: string;
  readonly routing: string | undefined;
}

/** Returns the document in the shape of the last version; null if a step drops the document. */
export type TransformChain = (doc: Source, meta: ChainMeta) => Promise<Source | null> | Source | null;

/** Runs a document through an ingest pipeline of the engine; null if the pipeline drops the document. */
export type RunPipeline = (pipeline: string, doc: Source, meta: ChainMeta) => Promise<Source | null>;

type Migrations = Pick<IndexDefinition, 'name' | 'migrations'>;

interface Step {
  readonly what: string;
  readonly version: number;
  readonly transform: Transform;
}

/**
 * Combines the steps between two versions. To a higher version, these are `up` of each version above `from`; to a
 * lower version, `down` of each version above `to`, the newest first. The chain never changes the given document.
 * @param runPipeline for steps that are pipelines; without it, such a step fails
 * @returns undefined if there is no step, so that documents stay the same
 * @throws TwindexError (from the chain) `failed` if a step throws, or returns neither a plain object nor null
 */
export function transformChain(
  definition: Migrations,
  from: number,
  to: number,
  runPipeline: RunPipeline = noPipelines,
): TransformChain | undefined {
  const declared = from <= to ? stepsUp(definition, from, to) : stepsDown(definition, from, to);
  const steps = declared.map((step) => ({ ...step, transform: runnable(step.transform, runPipeline) }));
  if (steps.length === 0) return undefined;
  return (doc, meta) => run(steps, copyOf(doc) as Source, meta);
}

function runnable(step: Transform | PipelineStep, runPipeline: RunPipeline): Transform {
  if (typeof step === 'function') return step;
  return (doc, meta) => runPipeline(step.pipeline, doc, meta);
}

const noPipelines: RunPipeline = (pipeline) =>
  Promise.reject(new Error(`the ingest pipeline ${pipeline} can't be run here`));

/** Copies a value deeply. structuredClone would turn exact numbers into plain numbers. */
function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  if (!isObject(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) setOwn(copy, key, copyOf(value[key]));
  return copy;
}

/** True if documents of version `from` can be converted back to `to`: each `up` in between has a `down`. */
export function hasDown(definition: Migrations, from: number, to: number): boolean {
  return versionsBetween(to, from).every((version) => {
    const { up, down } = migrationTo(definition, version);
    return up === undefined || down !== undefined;
  });
}

interface Declared extends Omit<Step, 'transform'> {
  readonly transform: Transform | PipelineStep;
}

function stepsUp(definition: Migrations, from: number, to: number): Declared[] {
  return versionsBetween(from, to).flatMap((version) => {
    const { up } = migrationTo(definition, version);
    return up ? [{ what: `migrations[${version}].up of ${definition.name}`, version, transform: up }] : [];
  });
}

function stepsDown(definition: Migrations, from: number, to: number): Declared[] {
  return versionsBetween(to, from)
    .toReversed()
    .flatMap((version) => {
      const { down } = migrationTo(definition, version);
      const what = `migrations[${version}].down of ${definition.name}`;
      return down ? [{ what, version: version - 1, transform: down }] : [];
    });
}

/** All versions above `low`, up to and including `high`. */
function versionsBetween(low: number, high: number): number[] {
  return Array.from({ length: Math.max(0, high - low) }, (_, index) => low + 1 + index);
}

function migrationTo(definition: Migrations, version: number): Migration {
  return definition.migrations[version] ?? {};
}

/** Synchronous if all steps are: a promise for each document costs more than most transforms. */
function run(
  steps: readonly Step[],
  doc: Source,
  meta: ChainMeta,
  first = 0,
): Promise<Source | null> | Source | null {
  let current = doc;
  for (let index = first; index < steps.length; index++) {
    const step = steps[index] as Step;
    const result = take(step, current, meta);
    if (result instanceof Promise) {
      return result.then((next) => (next === null ? null : run(steps, next, meta, index + 1)));
    }
    if (result === null) return null;
    current = result;
  }
  return current;
}

function take(step: Step, doc: Source, meta: ChainMeta): Promise<Source | null> | Source | null {
  try {
    const result: unknown = step.transform(doc, {
      id: meta.id,
      routing: meta.routing,
      version: step.version,
    });
    if (!isPromise(result)) return checked(step, result, meta);
    return Promise.resolve(result).then(
      (value) => checked(step, value, meta),
      (error: unknown) => {
        throw threw(step, error, meta);
      },
    );
  } catch (error) {
    throw error instanceof TwindexError ? error : threw(step, error, meta);
  }
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

function checked(step: Step, value: unknown, meta: ChainMeta): Source | null {
  if (value === null || isObject(value)) return value;
  throw new TwindexError(
    'failed',
    `${step.what} returned ${kindOf(value)} for document ${meta.id}. ` +
      'Return the document as a plain object, or null to drop it.',
  );
}

function threw(step: Step, error: unknown, meta: ChainMeta): TwindexError {
  const message = `${step.what} failed for document ${meta.id}: ${messageOf(error)}${whereOf(error)}`;
  return new TwindexError('failed', message, { cause: error });
}

/** The place in the index file where a step threw: the first line of the stack. */
function whereOf(error: unknown): string {
  if (!(error instanceof Error) || error instanceof TwindexError) return '';
  const frame = (error.stack ?? '').split('\n').find((line) => /^\s*at /.test(line));
  const place = frame && /(?:file:\/\/)?([^()\s]+:\d+:\d+)\)?$/.exec(frame)?.[1];
  return place ? ` (at ${place.split('/').slice(-2).join('/')})` : '';
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'undefined (is a return missing?)';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return `an instance of ${value?.constructor?.name ?? 'a class'}`;
  return `a ${typeof value}`;
}
