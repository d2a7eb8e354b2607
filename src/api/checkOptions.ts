// Checks the options of the functions of `createTwindex`, for callers that do not use TypeScript.
import { z } from 'zod';
import { TwindexError } from '../errors.js';
import { isObject } from '../json/plain.js';
import { ROUTES } from '../protocol/record.js';
import { THRESHOLDS } from '../schema/acceptance.js';
import { closedObject } from '../schema/closedObject.js';
import { problemsOf } from '../schema/validation.js';
import type { Twindex } from './twindex.js';
import type {
  Abortable,
  MigrationOptions,
  PlanAllOptions,
  PlanOptions,
  SteeringOptions,
  TwindexGatewayOptions,
  VerifyOptions,
} from './twindexOptions.js';

/** The functions of `Twindex` that have options. */
export type FunctionName = Exclude<keyof Twindex, 'close' | typeof Symbol.asyncDispose>;

/** @throws TwindexError `usage`. Its message has one line for each problem */
export function requireOptions(name: FunctionName, value: unknown): void {
  const { error } = SCHEMAS[name].safeParse(value);
  if (error) throw new TwindexError('usage', problemsOf(error, { file: name, value }).join('\n'));
}

type Shape<T> = Readonly<Record<keyof T, z.ZodType>>;

/** The longest duration that is accepted: Node has no timers beyond 24.8 days. */
const LONGEST_MS = 24 * 86_400_000;

const within = (expected: string, min: number, max: number) =>
  z.number({ error: expected }).min(min, { error: expected }).max(max, { error: expected }).optional();
const whole = (expected: string, min: number, max = Number.MAX_SAFE_INTEGER) =>
  z.int({ error: expected }).min(min, { error: expected }).max(max, { error: expected }).optional();
const oneOf = (values: readonly string[]) =>
  z.enum(values, { error: `one of ${values.join(', ')}` }).optional();
const text = (expected: string) => z.string({ error: expected }).min(1, { error: expected });
const flag = z.boolean({ error: 'true or false' }).optional();

const time = within('a time in ms, 0 or more', 0, Number.MAX_SAFE_INTEGER);
const timeout = within('a time in ms, from 1 ms to 24 days', 1, LONGEST_MS);
const callback = z.custom((value) => typeof value === 'function', { error: 'a function' }).optional();
const force = z.array(oneOf(Object.keys(THRESHOLDS)), { error: 'a list of thresholds' }).optional();

const abortable: Shape<Abortable> = {
  signal: z.custom((value) => value instanceof AbortSignal, { error: 'an AbortSignal' }).optional(),
};

const planShape: Shape<PlanOptions> = {
  ...abortable,
  route: oneOf(ROUTES),
  sample: whole('a whole number of documents from 1 to 100,000', 1, 100_000),
};

const planAllShape: Shape<PlanAllOptions> = {
  ...planShape,
  names: z.array(text('a name or a pattern'), { error: 'a list of names and patterns' }).optional(),
};

const migrationShape: Shape<MigrationOptions> = {
  ...abortable,
  until: oneOf(['ready', 'cutover', 'switched', 'finalized']),
  stay: flag,
  plan: z
    .custom((value) => isObject(value) && 'fingerprint' in value && 'kind' in value, {
      error: 'a plan, or its kind and fingerprint',
    })
    .optional(),
  route: oneOf(ROUTES),
  from: text('the path of an NDJSON file').optional(),
  prune: flag,
  maxDocsPerSecond: within('a number above 0', Number.MIN_VALUE, Number.MAX_VALUE),
  maxSlowdown: within('a number above 1 and up to 100', 1 + Number.EPSILON, 100),
  throttle: flag,
  maxLagMs: time,
  maxWritePauseMs: time,
  graceMs: time,
  leaseMs: timeout,
  keepMs: time,
  soakMs: time,
  dropRejected: flag,
  maxRejected: whole('a whole number, 0 or more', 0),
  force,
  allowOutage: flag,
  allowNoWayBack: flag,
};

const steeringShape: Shape<SteeringOptions> = {
  ...abortable,
  timeoutMs: time,
  force,
  supersede: flag,
  stay: flag,
};

const verifyShape: Shape<VerifyOptions> = {
  ...abortable,
  level: oneOf(['stamps', 'content']),
  sample: whole('a whole number of documents, 1 or more', 1),
  onFinding: callback,
};

const gatewayShape: Shape<TwindexGatewayOptions> = {
  port: whole('a port, 0 to 65535', 0, 65_535),
  host: text('an address').optional(),
  tls: z
    .strictObject({ cert: text('a PEM text'), key: text('a PEM text') }, { error: '{ cert, key }' })
    .optional(),
  maxBodyBytes: whole('a whole number of bytes, 1 to 2^31', 1, 2 ** 31),
  readTimeoutMs: timeout,
  writeTimeoutMs: timeout,
  longTimeoutMs: timeout,
  others: oneOf(['source', 'target']),
};

const schemaOf = (shape: Readonly<Record<string, z.ZodType>>): z.ZodType =>
  closedObject(shape, 'an object of options');

const steering = schemaOf(steeringShape);

const SCHEMAS: Readonly<Record<FunctionName, z.ZodType>> = {
  plan: schemaOf(planShape),
  planAll: schemaOf(planAllShape),
  migrate: schemaOf(migrationShape),
  status: schemaOf(abortable),
  statusAll: schemaOf(abortable),
  cutover: steering,
  switch: steering,
  rollback: steering,
  finalize: steering,
  abort: steering,
  pause: steering,
  resume: steering,
  verify: schemaOf(verifyShape),
  gateway: schemaOf(gatewayShape),
};
