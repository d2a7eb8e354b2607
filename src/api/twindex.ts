/// <reference lib="esnext.disposable" preserve="true" />
// The types of the programmatic interface, which `createTwindex` returns.
import type { TwindexRun } from './eventStream.js';
import type { PlanResult } from './planResult.js';
import type {
  Abortable,
  MigrationOptions,
  PlanAllOptions,
  PlanOptions,
  SteeringOptions,
  TwindexGatewayOptions,
  VerifyOptions,
} from './twindexOptions.js';
import type { MigrationResult, MigrationState, MigrationStatus, VerifyResult } from './twindexResults.js';

/** A gateway that is listening. */
export interface TwindexGateway extends AsyncDisposable {
  /** For example `http://127.0.0.1:9201`. */
  readonly url: string;
  /** Stops accepting requests, finishes the requests in flight, and signs off in the journal. */
  close(): Promise<void>;
}

/**
 * The interface that `createTwindex` returns. Its functions print nothing, do not end the process, and do not
 * listen to signals of the process. They throw a TwindexError with a code. If the caller aborts `signal`,
 * they throw its reason.
 */
export interface Twindex extends AsyncDisposable {
  /**
   * Compares the live index with the declared one. It changes no index; with `sample` it makes a hidden index and
   * deletes it again. A plan that can't be carried out has the kind `blocked`, and its `findings` say why.
   * @throws TwindexError `config_invalid`, `not_found` (an undeclared name), `unreachable`, `unauthorized`
   * @example
   * import { createTwindex } from 'twindex';
   *
   * await using twindex = createTwindex();
   * const plan = await twindex.plan('catalogue', { sample: 100 });
   * console.log(plan.kind, plan.changes.map(({ path }) => path), plan.sample?.rejected.count);
   */
  plan(name: string, options?: PlanOptions): Promise<PlanResult>;

  /**
   * The plans of several indexes, sorted by name.
   * @throws TwindexError as `plan`; `usage` for a pattern that matches nothing
   * @example
   * import { createTwindex } from 'twindex';
   *
   * await using twindex = createTwindex();
   * const plans = await twindex.planAll();
   * if (plans.some(({ kind }) => kind === 'blocked')) process.exitCode = 3;
   */
  planAll(options?: PlanAllOptions): Promise<readonly PlanResult[]>;

  /**
   * Carries out the plan of an index, or continues the migration that is under way, up to the phase `until`.
   * It asks no questions: the call is the consent. Only two things need an option: closing the index for a
   * moment (`allowOutage`), and a switch that cannot be rolled back (`allowNoWayBack`).
   * @throws TwindexError `plan_blocked`, `flag_needed` (not allowed), `plan_stale`, `definition_changed`,
   * `unsafe` (a person has to decide), `lease_held` (another process coordinates this migration),
   * `hook_failed`, `too_many_rejected`, `failed`, and the codes of `plan`
   * @see docs/errors.md
   * @example
   * import { createTwindex } from 'twindex';
   *
   * await using twindex = createTwindex();
   * const run = twindex.migrate('catalogue', { until: 'ready', signal: AbortSignal.timeout(3_600_000) });
   * for await (const event of run) {
   *   if (event.event === 'progress') console.log(event.task, event.done, event.total);
   * }
   * const { migration } = await run;
   * console.log(migration?.phase, migration?.evidence.compared);
   */
  migrate(name: string, options?: MigrationOptions): TwindexRun<MigrationResult>;

  /**
   * The state of the last migration of a name, from the journal. Needs no index file.
   * @throws TwindexError `not_found` (no migration of this name is known), `failed` (the journal has lost it)
   * @example
   * import { createTwindex } from 'twindex';
   *
   * await using twindex = createTwindex();
   * const { phase, readers, writers, troubles } = await twindex.status('catalogue');
   * console.log(phase, readers, writers, troubles);
   */
  status(name: string, options?: Abortable): Promise<MigrationStatus>;

  /**
   * The last migration of each name, or of each name that matches a pattern, sorted by name.
   * @throws TwindexError `unreachable`, `unanswered`, `overloaded`
   * @example
   * import { createTwindex } from 'twindex';
   *
   * await using twindex = createTwindex();
   * const running = (await twindex.statusAll('tenant-*')).filter(({ phase }) => phase !== 'finalized');
   * console.log(running.length);
   */
  statusAll(pattern?: string, options?: Abortable): Promise<readonly MigrationStatus[]>;

  /**
   * Moves the readers to the new index. Like all functions that steer a migration, it sends a command to the
   * coordinator of the migration, and waits until the command is carried out. If no process coordinates the
   * migration, this process becomes the coordinator.
   * @throws TwindexError `not_found` (no migration is under way), `unsafe` (not possible now, or a threshold
   * does not hold), `hook_failed`, `timed_out`, `failed`
   * @example
   * import { createTwindex } from 'twindex';
   *
   * await using twindex = createTwindex();
   * const { phase, readers } = await twindex.cutover('catalogue');
   * console.log(phase, readers);
   */
  cutover(name: string, options?: SteeringOptions): TwindexRun<MigrationState>;

  /**
   * Moves the writers to the new index, and with them the readers, if these still use the old index.
   * @throws TwindexError as `cutover`
   * @example
   * import { createTwindex } from 'twindex';
   *
   * await using twindex = createTwindex();
   * const { writers, evidence } = await twindex.switch('catalogue', { timeoutMs: 600_000 });
   * console.log(writers, evidence.writePauseMs);
   */
  switch(name: string, options?: SteeringOptions): TwindexRun<MigrationState>;

  /**
   * Moves readers and writers back to the old index. The new index stays, and is kept in sync.
   * @throws TwindexError as `cutover`
   * @example
   * import { createTwindex } from 'twindex';
   *
   * await using twindex = createTwindex();
   * const { phase, readers, writers } = await twindex.rollback('catalogue');
   * console.log(phase, readers, writers);
   */
  rollback(name: string, options?: SteeringOptions): TwindexRun<MigrationState>;

  /**
   * Ends the migration with the new index: deletes the old one, or closes it (`keepMs`). After this there is
   * no rollback.
   * @throws TwindexError as `cutover`
   * @example
   * import { createTwindex } from 'twindex';
   *
   * await using twindex = createTwindex();
   * const { phase } = await twindex.finalize('catalogue');
   * console.log(phase);
   */
  finalize(name: string, options?: SteeringOptions): TwindexRun<MigrationState>;

  /**
   * Ends the migration with the old index: deletes the new one. Readers and writers have to be on the old
   * index.
   * @throws TwindexError as `cutover`
   * @example
   * import { createTwindex } from 'twindex';
   *
   * await using twindex = createTwindex();
   * const { phase } = await twindex.abort('catalogue');
   * console.log(phase);
   */
  abort(name: string, options?: SteeringOptions): TwindexRun<MigrationState>;

  /**
   * Pauses the migration: nothing is copied or moved until it is resumed.
   * @throws TwindexError as `cutover`
   * @example
   * import { createTwindex } from 'twindex';
   *
   * await using twindex = createTwindex();
   * const { paused } = await twindex.pause('catalogue');
   * console.log(paused);
   */
  pause(name: string, options?: SteeringOptions): TwindexRun<MigrationState>;

  /**
   * Resumes a paused migration.
   * @throws TwindexError as `cutover`
   * @example
   * import { createTwindex } from 'twindex';
   *
   * await using twindex = createTwindex();
   * const { paused } = await twindex.resume('catalogue');
   * console.log(paused);
   */
  resume(name: string, options?: SteeringOptions): TwindexRun<MigrationState>;

  /**
   * Compares every document and every id of the two indexes of a running migration, under live writes, and
   * changes nothing. Differences are a result, not an error.
   * @throws TwindexError `not_found` (no migration is under way), `unsafe` (the two indexes are not kept in
   * sync now), `definition_changed` (the index file has another transform than the migration), `failed` (the
   * writers were switched meanwhile)
   * @example
   * import { createTwindex } from 'twindex';
   *
   * await using twindex = createTwindex();
   * const { ok, compared, first } = await twindex.verify('catalogue');
   * console.log(ok, compared, first);
   */
  verify(name: string, options?: VerifyOptions): TwindexRun<VerifyResult>;

  /**
   * Starts a gateway: an HTTP proxy in front of the cluster, which writes to both indexes during a migration.
   * It runs until it is closed, and takes over migrations whose coordinator has died.
   * @throws TwindexError `failed` (can't listen on the address), `config_invalid`, `unreachable`
   * @example
   * import { createTwindex } from 'twindex';
   *
   * await using twindex = createTwindex();
   * await using gateway = await twindex.gateway({ port: 0 });
   * console.log(gateway.url);
   */
  gateway(options?: TwindexGatewayOptions): Promise<TwindexGateway>;

  /**
   * Stops all calls that are still running, and closes gateways and connections. It may be called several times.
   * `await using` calls it.
   * @example
   * import { createTwindex } from 'twindex';
   *
   * const twindex = createTwindex();
   * try {
   *   console.log((await twindex.statusAll()).length);
   * } finally {
   *   await twindex.close();
   * }
   */
  close(): Promise<void>;
}
