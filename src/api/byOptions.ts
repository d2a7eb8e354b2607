// The bodies of the functions of `createTwindex`. Each of them converts the options of the caller, calls a function
// of this folder (such as `migrateIndex`), and converts what that function returns.
import type { EventBus } from '../events.js';
import type { Gateway } from '../writers/gateway/gatewayServer.js';
import { DEFAULT_SETTINGS, type RunSettings } from './executePlan.js';
import { withFile } from './fromFile.js';
import { consentOf, migrateIndex } from './migrateIndex.js';
import { type Planned, planIndexes } from './planIndexes.js';
import { allDefinitions, definitionOf, definitionsOf, type Project, type Tell } from './project.js';
import { serveGateway } from './serveGateway.js';
import { steerMigration } from './steerMigration.js';
import type { Verb } from './steeringVerbs.js';
import type {
  MigrationOptions,
  PlanAllOptions,
  PlanOptions,
  SteeringOptions,
  TwindexGatewayOptions,
  VerifyOptions,
} from './twindexOptions.js';
import {
  type MigrationResult,
  type MigrationState,
  migrationResult,
  migrationState,
  verifyResult,
  type VerifyResult,
} from './twindexResults.js';
import { type PlanResult, planResult } from './planResult.js';
import { verifyIndexes } from './verifyIndexes.js';

interface Running {
  readonly bus: EventBus;
  /** Aborted by the user's signal, or when `close` is called. */
  readonly signal: AbortSignal;
}

const resultOf = ({ plan, sample }: Planned): PlanResult => planResult(plan, {}, sample);

export async function planByOptions(
  project: Project,
  name: string,
  options: PlanOptions,
  signal: AbortSignal,
): Promise<PlanResult> {
  const definition = await definitionOf(project, name);
  const [planned] = await planIndexes(project, [definition], { ...options, signal });
  return resultOf(planned as Planned);
}

export async function planAllByOptions(
  project: Project,
  options: PlanAllOptions,
  { signal, tell }: { readonly signal: AbortSignal; readonly tell: Tell },
): Promise<PlanResult[]> {
  const { names } = options;
  const definitions = names ? await definitionsOf(project, names, tell) : await allDefinitions(project, tell);
  return (await planIndexes(project, definitions, { ...options, signal })).map(resultOf);
}

export async function migrateByOptions(
  project: Project,
  name: string,
  asked: MigrationOptions,
  { bus, signal }: Running,
): Promise<MigrationResult> {
  const options = await withFile(asked);
  const { route, plan, stay = false } = options;
  const outcome = await migrateIndex(project, {
    definition: await definitionOf(project, name),
    route,
    reviewed: plan && { plan },
    settings: settingsOf(options),
    consent: consentOf(options),
    bus,
    signal,
    stay,
  });
  return migrationResult(outcome);
}

function settingsOf(options: MigrationOptions): RunSettings {
  const { maxDocsPerSecond, maxSlowdown, throttle } = options;
  const { maxLagMs, maxWritePauseMs, graceMs, leaseMs, dropRejected, maxRejected } = options;
  const { keepMs, soakMs, from, prune, force } = options;
  return {
    ...DEFAULT_SETTINGS,
    ...given({ maxLagMs, maxWritePauseMs, graceMs, leaseMs, dropRejected, maxRejected }),
    keepMs,
    soakMs,
    from,
    prune,
    force,
    throttle: given({ maxDocsPerSecond, maxSlowdown, auto: throttle }),
  };
}

type Given<T> = { [K in keyof T]?: NonNullable<T[K]> };

/** Leaves out keys whose value is undefined, so that they do not replace a default. */
const given = <T extends object>(values: T): Given<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;

export async function steerByOptions(
  project: Project,
  { verb, name }: { readonly verb: Verb; readonly name: string },
  options: SteeringOptions,
  { bus, signal }: Running,
): Promise<MigrationState> {
  const { force, supersede, timeoutMs, stay = false } = options;
  const tell = noteOn(bus, name);
  const asked = { verb, name, force, supersede, timeoutMs, stay, bus, signal, tell };
  const { phase, record } = await steerMigration(project, asked);
  const state = migrationState(record);
  return phase === 'paused' ? { ...state, paused: true } : state;
}

export async function verifyByOptions(
  project: Project,
  name: string,
  options: VerifyOptions,
  { bus, signal }: Running,
): Promise<VerifyResult> {
  const { level = 'content', sample, onFinding } = options;
  const tell = noteOn(bus, name);
  return verifyResult(await verifyIndexes(project, { name, level, sample, onFinding, bus, signal, tell }));
}

export async function gatewayByOptions(
  project: Project,
  options: TwindexGatewayOptions,
  tell: Tell,
): Promise<Gateway> {
  const { port = 9201, host, tls, maxBodyBytes, others } = options;
  const { readTimeoutMs: read, writeTimeoutMs: write, longTimeoutMs: long } = options;
  const times = { answer: given({ read, write, long }) };
  return serveGateway(project, { port, host, tls, maxBody: maxBodyBytes, times, others, tell });
}

/** Emits each line for the user as a `note` event. */
const noteOn =
  (bus: EventBus, name: string): Tell =>
  (line) => {
    const own = `${name}: `;
    const text = line.startsWith(own) ? line.slice(own.length) : line;
    bus.emit('note', { migration: name, level: 'info', text });
  };
