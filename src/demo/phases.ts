// Runs the migration while the application runs: one `twindex migrate` that stays, and commands that steer it.
import { setTimeout as sleep } from 'node:timers/promises';
import { TwindexError } from '../errors.js';
import type { MigrationRecord } from '../protocol/record.js';
import type { CommandLine, EventLine, RunningCommand } from './commandLine.js';
import { compareWithRecord } from './comparison.js';
import type { OwnVerify, PhaseEvidence, WhenInSync } from './evidence.js';
import type { Gateways } from './gateways.js';
import type { EngineHttp } from './http.js';
import { type Arrival, lagText, untilInSync } from './inSync.js';
import type { View } from './view.js';
import type { Workload } from './workload.js';

interface Phase {
  readonly name: string;
  readonly command: 'migrate' | 'rollback' | 'cutover' | 'switch' | 'finalize';
  /** The version of the index behind the read alias after the phase. */
  readonly readers: 1 | 2;
  readonly writers: 1 | 2;
}

export const PHASES: readonly Phase[] = [
  { name: 'cutover', command: 'migrate', readers: 2, writers: 1 },
  { name: 'rollback', command: 'rollback', readers: 1, writers: 1 },
  { name: 'cutover again', command: 'cutover', readers: 2, writers: 1 },
  { name: 'switch', command: 'switch', readers: 2, writers: 2 },
  { name: 'finalize', command: 'finalize', readers: 2, writers: 2 },
];

/** A short grace, for a short demo. It is enough, because no request of the demo is delayed for longer. */
const GRACE = '2s';
/** High limits, so that the demo also succeeds on a busy machine, where a round of following takes seconds. */
const FOR_BUSY_MACHINES = ['--max-lag', '30s', '--max-write-pause', '10s'];
/** A machine that needs longer to copy a few hundred documents is too slow for the demo. */
const IN_STEP_MS = 600_000;
const REPORTED_MS = 120_000;
const KILL_AFTER_MS = 1_500;
const DOWN_MS = 1_000;
const BETWEEN_DEPLOYS_MS = 1_000;
const LOOK_MS = 1_000;

export interface MigrationRunOptions {
  readonly http: EngineHttp;
  readonly name: string;
  readonly commands: CommandLine;
  readonly workload: Workload;
  readonly gateways: Gateways | undefined;
  readonly seconds: number;
  readonly signal: AbortSignal;
  readonly view: View;
}

export class MigrationRun {
  readonly phases: PhaseEvidence[] = [];
  readonly problems: string[] = [];
  verify: OwnVerify | undefined;
  spoken: readonly string[] = [];
  past = 0;
  inSync: WhenInSync | undefined;
  wayBack: WhenInSync | undefined;
  readonly #options: MigrationRunOptions;
  #coordinator: RunningCommand | undefined;

  constructor(options: MigrationRunOptions) {
    this.#options = options;
  }

  async goThroughPhases(): Promise<void> {
    const { view, name, workload } = this.#options;
    view.now('the application runs');
    await this.#letRun();
    // Discard the response times until now, because a new engine is slow at first.
    workload.writes.answeredMs.length = 0;
    for (const phase of PHASES) {
      if (phase.command === 'switch') {
        await this.#redeploy();
        this.inSync = await this.#compareInQuiet(2);
      }
      if (phase.command === 'finalize') await this.#lookBack();
      const began = performance.now();
      const answered = workload.writes.answeredMs.length;
      view.now(`twindex ${phase.command} ${name}`);
      await this.#bringAbout(phase);
      await this.#notePhase(phase, performance.now() - began);
      if (phase.command === 'switch') workload.scriptsOfVersion2 = true;
      view.now(`after ${phase.name}`);
      await this.#letRun();
      if (phase.command === 'switch') workload.writes.heldMs = workload.writes.answeredMs.slice(answered);
    }
  }

  async #letRun(): Promise<void> {
    const { seconds, signal } = this.#options;
    await sleep(seconds * 1000, undefined, { signal });
  }

  async stop(): Promise<void> {
    await this.#coordinator?.stop();
  }

  async #bringAbout({ command }: Phase): Promise<void> {
    const { commands, name } = this.#options;
    if (command === 'migrate') return this.#begin();
    const steering = commands.run([command, name, ...(command === 'finalize' ? ['--yes'] : [])]);
    const coordinator = this.#coordinator as RunningCommand;
    if (command === 'finalize') await Promise.all([steering, coordinator.done()]);
    else await Promise.race([steering, coordinator.mustGoOn()]);
  }

  /** Starts a `migrate` that keeps both indexes in sync, and waits until it has moved the readers. */
  async #begin(): Promise<void> {
    const { commands, name } = this.#options;
    let reached = () => {};
    const cutover = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const args = ['migrate', name, '--yes', '--until', 'cutover', '--grace', GRACE, ...FOR_BUSY_MACHINES];
    this.#coordinator = commands.start(args, (event) => {
      this.#show(event);
      if (event.event === 'reached' && event['phase'] === 'cutover') reached();
    });
    await Promise.race([cutover, this.#killAGateway().then(() => cutover), this.#coordinator.mustGoOn()]);
  }

  async #killAGateway(): Promise<void> {
    const { gateways, view, signal } = this.#options;
    if (!gateways) return;
    await sleep(KILL_AFTER_MS, undefined, { signal });
    view.say('a gateway is killed (SIGKILL); its writers use the other gateway');
    await gateways.kill(0);
    await sleep(DOWN_MS, undefined, { signal });
    await gateways.restart(0);
    view.say('the gateway is back');
  }

  /**
   * Redeploys the writers one by one. For a while both releases write at the same time, each to its own
   * documents.
   */
  async #redeploy(): Promise<void> {
    const { gateways, workload, commands, name, view, signal } = this.#options;
    if (!gateways) return;
    for (const at of workload.releases.keys()) {
      workload.redeploy(at);
      await sleep(BETWEEN_DEPLOYS_MS, undefined, { signal });
      if (at !== 1) continue;
      this.spoken = await this.#untilBothReleasesAreSeen();
      view.say(
        `half of the writers are redeployed: documents of versions ${this.spoken.join(' and ')} are written`,
      );
    }
    await commands.run(['writers', name, '--version', '2']);
  }

  async #untilBothReleasesAreSeen(): Promise<readonly string[]> {
    const { commands, name } = this.#options;
    const read = async (): Promise<readonly string[]> => {
      const { writers } = JSON.parse(await commands.run(['writers', name])) as WritersText;
      return [...new Set(writers.flatMap(({ migrations }) => Object.keys(migrations[name]?.shapes ?? {})))];
    };
    return await this.#untilReported(read, (versions) => versions.length > 1);
  }

  /**
   * Polls `read` until `isEnough` accepts the result. Gateways report their writes every few seconds (less
   * often on a busy machine), and twindex can count direct writes only after all of them have reported.
   * @returns the last result. If the time is over, `isEnough` may not have accepted it
   */
  async #untilReported<T>(read: () => Promise<T>, isEnough: (value: T) => boolean): Promise<T> {
    const deadline = performance.now() + REPORTED_MS;
    for (;;) {
      const value = await read();
      if (isEnough(value) || performance.now() > deadline) return value;
      await sleep(LOOK_MS, undefined, { signal: this.#options.signal });
    }
  }

  async #notePhase(phase: Phase, ms: number): Promise<void> {
    const { name, view } = this.#options;
    const [readers, writers] = [await this.#behind(`${name}-read`), await this.#behind(`${name}-write`)];
    this.phases.push({ name: phase.name, ms: Math.round(ms), readers, writers });
    view.say(`${phase.name} after ${(ms / 1000).toFixed(1)} s: readers on ${readers}, writers on ${writers}`);
    const wanted = [`${name}-v${phase.readers}`, `${name}-v${phase.writers}`];
    if (readers !== wanted[0] || writers !== wanted[1]) {
      this.problems.push(
        `after ${phase.name} readers are on ${readers} and writers on ${writers}, not ${wanted.join(' and ')}`,
      );
    }
  }

  async #behind(alias: string): Promise<string> {
    // Do not use GET /_alias: the engine refuses it if any index of the cluster has a metadata block.
    const indexes = await this.#options.http.json<object>('GET', `/${alias}?filter_path=*.aliases`);
    return Object.keys(indexes).sort().join(' and ');
  }

  /**
   * Before the old index is deleted: reads the result of twindex's verification, and compares the old index, which
   * a rollback would use, with the record of acknowledged writes.
   */
  async #lookBack(): Promise<void> {
    const { commands, name, gateways } = this.#options;
    const status = await this.#untilReported(
      () => commands.run(['status', name]),
      (text) => !gateways || pastWritersIn(text) > 0,
    );
    this.past = pastWritersIn(status);
    this.verify = verifyOf(status);
    this.wayBack = await this.#compareInQuiet(1);
  }

  /** Pauses the writers, waits until the follower is in sync, and compares it with the record of acknowledged writes. */
  async #compareInQuiet(version: 1 | 2): Promise<WhenInSync> {
    const { name, workload, http, view } = this.#options;
    const index = `${name}-v${version}`;
    return workload.whileNobodyWrites(async () => {
      const arrival = await this.#untilInSync(index);
      if (arrival.type === 'behind') {
        view.say(`twindex is too slow here: ${index} is not compared, as it is still ${lagText(arrival)}`);
        return arrival;
      }
      view.now(`comparing ${index}, which is in sync, with the record; the writers are paused`);
      const comparison = await compareWithRecord(http, index, workload.record, version);
      return { type: 'compared', comparison, afterMs: arrival.afterMs };
    });
  }

  async #untilInSync(index: string): Promise<Arrival> {
    const { name, commands, http, view, signal } = this.#options;
    const over = new AbortController();
    const arrival = untilInSync({
      http,
      status: () => commands.run(['status', name]),
      longestMs: IN_STEP_MS,
      signal: AbortSignal.any([signal, over.signal]),
      onWait: (lag, waitedMs) =>
        view.now(
          `the writers are paused; waiting until twindex has copied everything to ${index}: ${lagText(lag)}, ` +
            `${Math.round(waitedMs / 1000)} s so far`,
        ),
    });
    try {
      return await Promise.race([arrival, (this.#coordinator as RunningCommand).mustGoOn()]);
    } finally {
      over.abort();
    }
  }

  #show(event: EventLine): void {
    const { view } = this.#options;
    const count = (field: string) => Number(event[field] ?? 0).toLocaleString('en');
    if (event.event === 'progress')
      view.now(`migrate: ${String(event['task'])} ${count('done')} of ${count('total')}`);
    if (event.event === 'lag') view.now(`migrate: following, ${count('operations')} operations behind`);
    if (event.event === 'state') view.now(`migrate: ${String(event['to'])}`);
    if (event.event === 'note') view.say(`migrate: ${String(event['text'])}`);
  }
}

const pastWritersIn = (statusText: string): number =>
  (JSON.parse(statusText) as StatusText).migrations[0]?.pastWriters ?? 0;

function verifyOf(statusText: string): OwnVerify {
  const evidence = findEvidence(JSON.parse(statusText));
  if (!evidence)
    throw new TwindexError('failed', `twindex status does not show what was verified: ${statusText.trim()}`);
  const { compared, differences, repaired, firstDifferences } = evidence;
  return { documents: compared, differences, repaired, firstDifferences };
}

interface StatusText {
  readonly migrations: readonly { readonly pastWriters: number }[];
}

interface WritersText {
  readonly writers: readonly {
    readonly migrations: Readonly<Record<string, { readonly shapes: Readonly<Record<string, string>> }>>;
  }[];
}

type StatusEvidence = Pick<
  MigrationRecord['evidence'],
  'compared' | 'differences' | 'repaired' | 'firstDifferences'
>;

function findEvidence(value: unknown): StatusEvidence | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if ('compared' in value && 'differences' in value && 'repaired' in value) return value as StatusEvidence;
  for (const part of Object.values(value)) {
    const found = findEvidence(part);
    if (found) return found;
  }
  return undefined;
}
