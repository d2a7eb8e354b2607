// Implements the programmatic interface. Large modules are imported when they are first used, since an application
// that only needs `defineIndex` also imports this file.
import { TwindexError } from '../errors.js';
import type { EventBus } from '../events.js';
import { once } from '../once.js';
import type { FunctionName } from './checkOptions.js';
import { requireTwindexOptions, readDeclarations } from './declarations.js';
import { startRun, type TwindexRun } from './eventStream.js';
import { type Declarations, openProject, type Project, type ProjectOptions } from './project.js';
import type { PlanResult } from './planResult.js';
import { indexesFor, type Verb } from './steeringVerbs.js';
import type { Twindex, TwindexGateway } from './twindex.js';
import type {
  Abortable,
  MigrationOptions,
  PlanAllOptions,
  PlanOptions,
  SteeringOptions,
  TwindexGatewayOptions,
  TwindexOptions,
  VerifyOptions,
} from './twindexOptions.js';
import type { MigrationResult, MigrationState, MigrationStatus, VerifyResult } from './twindexResults.js';

/**
 * Gives access to migrations from code: deploy scripts, release jobs, tests. The declared indexes come from a
 * configuration file, or from the options. twindex connects to the cluster when a function is first called,
 * and reads the index files once.
 * @throws TwindexError `usage` for an unknown option. Errors in the configuration are thrown later, by the
 * functions of the returned object.
 * @see docs/api.md
 * @example
 * import { createTwindex, defineIndex } from 'twindex';
 *
 * const twindex = createTwindex({
 *   cluster: { nodes: ['http://localhost:9200'] },
 *   indexes: [defineIndex({ name: 'catalogue', version: 2, mappings: { properties: { price: { type: 'double' } } } })],
 * });
 * try {
 *   const { outcome, index } = await twindex.migrate('catalogue', { until: 'ready' });
 *   console.log(outcome, index);
 * } finally {
 *   await twindex.close();
 * }
 */
export function createTwindex(options: TwindexOptions = {}): Twindex {
  requireTwindexOptions(options);
  return new OpenTwindex(options);
}

type Source = NonNullable<ProjectOptions['source']>;

type Steering = Exclude<Extract<Verb, FunctionName>, 'verify'>;

/** The needs of a function are the needs of the command that has the same name. */
const needsOf = (what: FunctionName): Required<Pick<ProjectOptions, 'source' | 'indexes'>> =>
  NEEDS[what] ?? { source: 'mayBeAway', indexes: indexesFor(what as Steering) };

const FROM_JOURNAL = { source: 'unneeded', indexes: 'later' } as const;
const EVERYTHING = { source: 'needed', indexes: 'now' } as const;

const NEEDS: { readonly [N in FunctionName]?: ReturnType<typeof needsOf> } = {
  plan: EVERYTHING,
  planAll: EVERYTHING,
  migrate: EVERYTHING,
  verify: EVERYTHING,
  status: FROM_JOURNAL,
  statusAll: FROM_JOURNAL,
  gateway: { source: 'mayBeAway', indexes: 'now' },
};

const CLOSED =
  'this Twindex was closed. To continue, create a new one with createTwindex() and repeat the call';

class OpenTwindex implements Twindex {
  readonly #config: () => Promise<Declarations>;
  readonly #withIndexes: () => Promise<Declarations>;
  readonly #warn: (text: string) => void;
  readonly #closing = new AbortController();
  /** One project, with its own connections, for each value of `Source`. */
  readonly #projects = new Map<Source, () => Promise<Project>>();
  readonly #opened = new Set<Project>();
  readonly #running = new Set<Promise<unknown>>();
  readonly #gateways = new Set<TwindexGateway>();

  constructor(options: TwindexOptions) {
    this.#config = once(() => readDeclarations(options, false));
    this.#withIndexes = once(() => readDeclarations(options, true));
    this.#warn = options.onWarning ?? ((text) => process.emitWarning(text, 'TwindexWarning'));
  }

  plan(name: string, options: PlanOptions = {}): Promise<PlanResult> {
    return this.#use('plan', options, async (project, signal) => {
      const { planByOptions } = await import('./byOptions.js');
      return planByOptions(project, name, options, signal);
    });
  }

  planAll(options: PlanAllOptions = {}): Promise<readonly PlanResult[]> {
    return this.#use('planAll', options, async (project, signal) => {
      const { planAllByOptions } = await import('./byOptions.js');
      return planAllByOptions(project, options, { signal, tell: this.#warn });
    });
  }

  migrate(name: string, options: MigrationOptions = {}): TwindexRun<MigrationResult> {
    return this.#run('migrate', options, async (project, signal, bus) => {
      const { migrateByOptions } = await import('./byOptions.js');
      return migrateByOptions(project, name, options, { bus, signal });
    });
  }

  status(name: string, options: Abortable = {}): Promise<MigrationStatus> {
    return this.#use('status', options, async ({ cluster }) => {
      const { statusOf } = await import('./readStatus.js');
      return statusOf(cluster, name);
    });
  }

  statusAll(pattern?: string, options: Abortable = {}): Promise<readonly MigrationStatus[]> {
    return this.#use('statusAll', options, async ({ cluster }) => {
      const { statusesOf } = await import('./readStatus.js');
      return statusesOf(cluster, pattern);
    });
  }

  cutover(name: string, options?: SteeringOptions): TwindexRun<MigrationState> {
    return this.#steer('cutover', name, options);
  }

  switch(name: string, options?: SteeringOptions): TwindexRun<MigrationState> {
    return this.#steer('switch', name, options);
  }

  rollback(name: string, options?: SteeringOptions): TwindexRun<MigrationState> {
    return this.#steer('rollback', name, options);
  }

  finalize(name: string, options?: SteeringOptions): TwindexRun<MigrationState> {
    return this.#steer('finalize', name, options);
  }

  abort(name: string, options?: SteeringOptions): TwindexRun<MigrationState> {
    return this.#steer('abort', name, options);
  }

  pause(name: string, options?: SteeringOptions): TwindexRun<MigrationState> {
    return this.#steer('pause', name, options);
  }

  resume(name: string, options?: SteeringOptions): TwindexRun<MigrationState> {
    return this.#steer('resume', name, options);
  }

  verify(name: string, options: VerifyOptions = {}): TwindexRun<VerifyResult> {
    return this.#run('verify', options, async (project, signal, bus) => {
      const { verifyByOptions } = await import('./byOptions.js');
      return verifyByOptions(project, name, options, { bus, signal });
    });
  }

  gateway(options: TwindexGatewayOptions = {}): Promise<TwindexGateway> {
    return this.#use('gateway', options, async (project) => {
      const { gatewayByOptions } = await import('./byOptions.js');
      const running = await gatewayByOptions(project, options, this.#warn);
      const close = async (): Promise<void> => {
        await running.stop();
        this.#gateways.delete(gateway);
      };
      const gateway = { url: running.url, close, [Symbol.asyncDispose]: close };
      this.#gateways.add(gateway);
      return gateway;
    });
  }

  readonly close = once(async (): Promise<void> => {
    this.#closing.abort(new TwindexError('interrupted', CLOSED));
    await Promise.allSettled(this.#running);
    await Promise.all([...this.#gateways].map((gateway) => gateway.close()));
    await Promise.all([...this.#opened].map(({ cluster }) => cluster.close()));
  });

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #steer(verb: Steering, name: string, options: SteeringOptions = {}): TwindexRun<MigrationState> {
    return this.#run(verb, options, async (project, signal, bus) => {
      const { steerByOptions } = await import('./byOptions.js');
      return steerByOptions(project, { verb, name }, options, { bus, signal });
    });
  }

  #run<R>(
    what: FunctionName,
    options: Abortable,
    body: (project: Project, signal: AbortSignal, bus: EventBus) => Promise<R>,
  ): TwindexRun<R> {
    return startRun((bus) => this.#use(what, options, (project, signal) => body(project, signal, bus)));
  }

  /**
   * Runs the body with the project. `close` aborts the signal of the body, and waits until the body has
   * ended.
   */
  async #use<R>(
    what: FunctionName,
    options: Abortable | TwindexGatewayOptions,
    body: (project: Project, signal: AbortSignal) => Promise<R>,
  ): Promise<R> {
    const { requireOptions } = await import('./checkOptions.js');
    requireOptions(what, options);
    const closing = this.#closing.signal;
    const { signal: given } = options as Abortable;
    const signal = given ? AbortSignal.any([given, closing]) : closing;
    signal.throwIfAborted();
    const work = this.#projectFor(what).then((project) => {
      signal.throwIfAborted();
      return body(project, signal);
    });
    this.#running.add(work);
    try {
      return await work;
    } catch (error) {
      // after an abort, throw its reason, which is more helpful than the error of the interrupted request
      signal.throwIfAborted();
      throw error;
    } finally {
      this.#running.delete(work);
    }
  }

  async #projectFor(what: FunctionName): Promise<Project> {
    const needs = needsOf(what);
    // read index files first, so that their errors are thrown before any request is sent
    const config = await (needs.indexes === 'now' ? this.#withIndexes() : this.#config());
    // without a source cluster, one connection serves all functions
    const source = config.source ? needs.source : 'unneeded';
    const known = this.#projects.get(source);
    const open = known ?? once(() => this.#open(source));
    if (!known) this.#projects.set(source, open);
    return open();
  }

  async #open(source: Source): Promise<Project> {
    const load = (withIndexes: boolean) => (withIndexes ? this.#withIndexes() : this.#config());
    const project = await openProject(load, { source, indexes: 'later' });
    this.#opened.add(project);
    return project;
  }
}
