// The zod schema of an index file, and checks of names that the engine would refuse.
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { exactValues, plainValues } from '../json/exactJson.js';
import { closedObject } from './closedObject.js';
import { isNumber } from '../json/engineNumbers.js';
import { isPattern } from './family.js';
import { THRESHOLDS, type Acceptance } from './acceptance.js';
import { hooksIn, hooksSchema, notifyOf, notifySchema } from './hookSchema.js';
import { isObject } from '../json/plain.js';
import type { Json, JsonObject } from '../json/jsonTypes.js';
import type { IndexDefinition, IndexFamily, PipelineStep, Reingest, Transform } from './types.js';
import { type Input, type Problem, problem, problemsOf } from './validation.js';

const NAME_RULE =
  'name in lower case, at most 200 bytes long, that does not begin with - _ or +, and contains no space and none of \\ / * ? " < > | , # :';
const NAME = `a ${NAME_RULE} (for a family with one *, which is not the whole name)`;
const ALIAS = `an alias ${NAME_RULE}`;

/** True if both engines accept this name for an index or alias, even with `-v<version>` added. */
function isLegalName(name: string): boolean {
  if (name === '' || name === '.' || name === '..' || name !== name.toLowerCase()) return false;
  if (/[\\/*?"<>|,#:\s]/.test(name) || /^[-_+]/.test(name)) return false;
  return Buffer.byteLength(name) <= 200;
}

const isLegalPattern = (text: string): boolean => isLegalName(text.replace('*', 'x'));

const ownName = z
  .string({ error: NAME })
  .refine((text) => text !== '*' && isLegalPattern(text), { error: NAME });
const alias = z.string({ error: ALIAS }).refine(isLegalPattern, { error: ALIAS });
const VERSION = 'a whole number, 1 or more';
const OBJECT = 'an object as in PUT /<index>';
const jsonObject = z.custom<JsonObject>(isObject, { error: OBJECT }).meta({ type: 'object' });
const STEP =
  "a function, or an ingest pipeline { pipeline: 'name' } (JSON and YAML files hold no functions: write a .ts or .js file)";
/** `meta` is for schemas/index.schema.json: JSON and YAML have no functions, only pipelines. */
const step = z.custom<Transform | PipelineStep>(isStep, { error: STEP }).meta({
  type: 'object',
  properties: { pipeline: { type: 'string', minLength: 1 } },
  required: ['pipeline'],
  additionalProperties: false,
});

function isStep(value: unknown): boolean {
  if (typeof value === 'function') return true;
  if (!isObject(value) || Object.keys(value).length !== 1) return false;
  return typeof value.pipeline === 'string' && value.pipeline !== '' && !/[\s,*]/.test(value.pipeline);
}

const migration = closedObject(
  {
    up: step,
    down: step.optional(),
  },
  'an object with up and, if the change can be undone, down',
);

const QUERIES = 'the path of an NDJSON file with one search per line';
const SHARE = 'a number from 0 to 1';
const BOUND = 'a number, 0 or more';

const bound = z.number({ error: BOUND }).min(0, { error: BOUND }).optional();
const share = z.number({ error: SHARE }).min(0, { error: SHARE }).max(1, { error: SHARE }).optional();
const acceptance = closedObject(
  Object.fromEntries(
    Object.entries(THRESHOLDS).map(([name, side]) => [name, side === 'most' ? bound : share]),
  ),
  `an object of thresholds: ${Object.keys(THRESHOLDS).join(', ')}`,
).transform((given) => given as Acceptance);

export const indexSchema = closedObject(
  {
    name: ownName,
    version: z.int({ error: VERSION }).min(1, { error: VERSION }),
    aliases: closedObject(
      { read: alias.optional(), write: alias.optional() },
      'an object with read and write',
    ).optional(),
    settings: jsonObject.optional(),
    mappings: jsonObject.optional(),
    undeclaredFields: z.enum(['keep', 'dynamic'], { error: '"keep" or "dynamic"' }).optional(),
    migrations: z.record(z.string(), migration, { error: 'an object keyed by version' }).optional(),
    versioning: z.enum(['internal', 'external'], { error: '"internal" or "external"' }).optional(),
    reingest: z
      .custom<Reingest>((value) => typeof value === 'function', {
        error: "a function (JSON and YAML files can't contain one: write a .ts or .js file)",
      })
      .optional(),
    hooks: hooksSchema.optional(),
    notify: notifySchema.optional(),
    queries: z.string({ error: QUERIES }).min(1, { error: QUERIES }).optional(),
    acceptance: acceptance.optional(),
  },
  'an object such as { name, version, mappings }',
);

export function readIndexDefinition(
  input: Input,
  file: string,
): { definition: IndexDefinition } | { family: IndexFamily } | { problems: Problem[] } {
  const shaped = withExactSchema(input.value);
  const content = isObject(shaped) ? shaped : {};
  const parsed = indexSchema.safeParse(shaped);
  const problems = [
    ...(parsed.success ? [] : problemsOf(parsed.error, input)),
    ...aliasProblems(input, content),
    ...migrationKeyProblems(input, content),
    ...(isObject(content.settings) ? notJsonProblems(input, ['settings'], content.settings) : []),
    ...(isObject(content.mappings) ? mappingProblems(input, ['mappings'], content.mappings) : []),
  ];
  if (!parsed.success || problems.length > 0) return { problems };
  const {
    name,
    aliases,
    settings = {},
    mappings = {},
    migrations = {},
    versioning,
    reingest,
    hooks,
    notify,
    queries,
    acceptance: bounds,
    ...rest
  } = parsed.data;
  const declared = {
    ...rest,
    aliases: { read: aliases?.read ?? `${name}-read`, write: aliases?.write ?? `${name}-write` },
    settings,
    mappings,
    migrations: Object.fromEntries(Object.entries(migrations).map(([key, value]) => [Number(key), value])),
    ...(versioning ? { versioning } : {}),
    ...(reingest ? { reingest } : {}),
    ...(hooks ? { hooks: hooksIn(hooks, dirname(file)) } : {}),
    ...(notify === undefined ? {} : { notify: notifyOf(notify) }),
    ...(queries === undefined ? {} : { queries: resolve(dirname(file), queries) }),
    ...(bounds ? { acceptance: bounds } : {}),
    file,
  };
  return isPattern(name) ? { family: { pattern: name, ...declared } } : { definition: { name, ...declared } };
}

/** Keeps all digits of numbers in settings and mappings, and turns all other numbers into plain numbers. */
function withExactSchema(value: unknown): unknown {
  if (!isObject(value)) return value;
  const { settings, mappings, ...own } = value;
  return {
    ...(plainValues(own) as JsonObject),
    ...(settings === undefined ? {} : { settings: exactValues(settings) }),
    ...(mappings === undefined ? {} : { mappings: exactValues(mappings) }),
  };
}

function aliasProblems(input: Input, { name: declared, aliases }: JsonObject): Problem[] {
  if (typeof declared !== 'string' || !isObject(aliases)) return [];
  const family = isPattern(declared);
  const expected = family ? `an alias with one *, where the members of ${declared} differ` : ALIAS;
  return Object.entries(aliases).flatMap(([key, value]) =>
    typeof value === 'string' && isLegalPattern(value) && isPattern(value) !== family
      ? [problem(input, ['aliases', key], expected)]
      : [],
  );
}

function migrationKeyProblems(input: Input, content: JsonObject): Problem[] {
  const { migrations, version } = content;
  if (!isObject(migrations)) return [];
  const highest =
    typeof version === 'number' && Number.isInteger(version) ? version : Number.MAX_SAFE_INTEGER;
  const expected =
    highest < 2 ? 'no migrations, since version is 1' : `a version from 2 to ${shown(highest)} as the key`;
  return Object.keys(migrations)
    .filter((key) => !/^[1-9]\d*$/.test(key) || Number(key) < 2 || Number(key) > highest)
    .map((key) => `${input.file}: migrations: expected ${expected}, found ${JSON.stringify(key)}`);
}

function shown(highest: number): string {
  return highest === Number.MAX_SAFE_INTEGER ? 'version' : String(highest);
}

type Path = readonly PropertyKey[];

function notJsonProblems(input: Input, path: Path, value: unknown): Problem[] {
  if (value === null || ['string', 'boolean'].includes(typeof value)) return [];
  if (typeof value === 'bigint' || (isNumber(value) && (typeof value !== 'number' || Number.isFinite(value))))
    return [];
  if (Array.isArray(value))
    return value.flatMap((item, index) => notJsonProblems(input, [...path, index], item));
  if (isObject(value)) {
    return Object.entries(value).flatMap(([key, entry]) =>
      entry === undefined ? [] : notJsonProblems(input, [...path, key], entry),
    );
  }
  return [problem(input, path, 'a JSON value')];
}

/** Checks the structure: a field is an object, a type is a string, and only objects have properties. */
function mappingProblems(input: Input, path: Path, mappings: JsonObject): Problem[] {
  const { properties, ...parameters } = mappings;
  const rest = notJsonProblems(input, path, parameters);
  return [...rest, ...fieldsProblems(input, [...path, 'properties'], properties)];
}

function fieldsProblems(input: Input, path: Path, fields: Json | undefined): Problem[] {
  if (fields === undefined || fields === null) return [];
  if (!isObject(fields)) return [problem(input, path, 'an object of fields')];
  return Object.entries(fields).flatMap(([key, field]) => fieldProblems(input, [...path, key], field));
}

function fieldProblems(input: Input, path: Path, field: Json): Problem[] {
  if (!isObject(field)) return [problem(input, path, 'a field such as { type: "keyword" }')];
  const { type, properties, fields, ...parameters } = field;
  const problems = notJsonProblems(input, path, parameters);
  if (type !== undefined && (typeof type !== 'string' || type === '')) {
    problems.push(problem(input, [...path, 'type'], 'the name of a field type'));
  } else if (
    type === undefined &&
    properties === undefined &&
    Object.keys(parameters).every((key) => key !== 'dynamic' && key !== 'enabled')
  ) {
    problems.push(problem(input, [...path, 'type'], 'the name of a field type, or properties beside it'));
  } else if (properties !== undefined && !['object', 'nested', 'passthrough', undefined].includes(type)) {
    problems.push(problem(input, [...path, 'properties'], `no properties in a field of type ${type}`));
  }
  return [
    ...problems,
    ...fieldsProblems(input, [...path, 'properties'], properties),
    ...fieldsProblems(input, [...path, 'fields'], fields),
  ];
}
