// `twindex gateway --processes N`: N processes listen on one port (node:cluster). Each process is a writer with its own
// lease. A supervisor starts the processes, replaces those that die, and collects their metrics.
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { AggregatorRegistry } from 'prom-client';
import type { Exported } from '../metrics/registry.js';
import { packageFile } from '../packageFile.js';
import { EXIT, type ExitCode } from './exitCode.js';

type ToPrimary =
  | { readonly type: 'listening'; readonly line: string }
  | { readonly type: 'ask' }
  | { readonly type: 'metrics'; readonly exported: readonly Exported[] };
type ToWorker =
  | { readonly type: 'stop' }
  | { readonly type: 'ask' }
  | { readonly type: 'all'; readonly text: string };

const NUMBER = 'TWINDEX_GATEWAY_PROCESS';
/** The pause before a restart, so that a process that dies at once does not keep the machine busy. */
const RESTART_MS = 1_000;
/** If a process that once listened fails to start this many times in a row, the whole gateway ends. */
const MAX_FAILED_STARTS = 3;
/**
 * A process that does not answer in this time is left out of the metrics. This limit is longer than the wait for the
 * journal, and shorter than Prometheus's time-out.
 */
const METRICS_MS = 4_000;

export interface SupervisorOptions {
  readonly count: number;
  /** The arguments of the command line, without node and script. */
  readonly argv: readonly string[];
  readonly signal: AbortSignal;
  /** Called once, when every process listens. */
  readonly onListening: (line: string) => void;
  readonly onNote: (text: string) => void;
}

/**
 * Resolves when all processes have ended.
 * @returns the exit code of the first process that could not start, or `done`
 */
export function superviseGateways(options: SupervisorOptions): Promise<ExitCode> {
  return new Supervisor(options).run();
}

class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #workers = new Map<number, Worker>();
  #isStopping = false;
  #exitCode: ExitCode = EXIT.done;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    const exec = fileURLToPath(packageFile('dist/cli/main.js'));
    cluster.setupPrimary({ exec, args: [...options.argv] });
  }

  async run(): Promise<ExitCode> {
    const { count, signal } = this.#options;
    signal.addEventListener('abort', () => this.#stop(), { once: true });
    if (signal.aborted) return EXIT.done;
    // The first process starts alone, so that an error in the options is printed once and not by each process.
    const first = this.#keep(1);
    const others = (await first.listens)
      ? Array.from({ length: count - 1 }, (_, n) => this.#keep(n + 2))
      : [];
    const lines = await Promise.all([first, ...others].map(({ listens }) => listens));
    if (lines[0] !== undefined && lines.every((line) => line !== undefined))
      this.#options.onListening(lines[0]);
    await Promise.all([first, ...others].map(({ ended }) => ended));
    return this.#exitCode;
  }

  #stop(): void {
    this.#isStopping = true;
    for (const worker of this.#workers.values()) send(worker, { type: 'stop' });
  }

  /** Starts a process, and a new one whenever it ends, until the supervisor stops. */
  #keep(number: number): { readonly listens: Promise<string | undefined>; readonly ended: Promise<void> } {
    let onListening: (line: string | undefined) => void = () => undefined;
    const listens = new Promise<string | undefined>((resolve) => (onListening = resolve));
    const ended = this.#replace(number, onListening).finally(() => onListening(undefined));
    return { listens, ended };
  }

  async #replace(number: number, onListening: (line: string) => void): Promise<void> {
    let hasListened = false;
    for (let failed = 0; !this.#isStopping; ) {
      const { code, isUp } = await this.#runOne(number, (line) => {
        hasListened = true;
        onListening(line);
      });
      if (this.#isStopping) return;
      failed = isUp ? 0 : failed + 1;
      if (!hasListened || failed === MAX_FAILED_STARTS) {
        this.#exitCode = (code ?? EXIT.failed) as ExitCode;
        this.#stop();
        return;
      }
      this.#options.onNote(
        `gateway process ${number} has ended (${code === null ? 'killed' : `exit code ${code}`}), and is started again`,
      );
      await sleep(RESTART_MS);
    }
  }

  async #runOne(
    number: number,
    onListening: (line: string) => void,
  ): Promise<{ readonly code: number | null; readonly isUp: boolean }> {
    const worker = cluster.fork({ [NUMBER]: String(number) });
    this.#workers.set(number, worker);
    let isUp = false;
    worker.on('message', (message: ToPrimary) => {
      if (message.type === 'ask') void this.#tellMetrics(worker);
      if (message.type !== 'listening') return;
      isUp = true;
      onListening(message.line);
    });
    const [code] = (await once(worker, 'exit')) as [number | null];
    this.#workers.delete(number);
    return { code, isUp };
  }

  async #tellMetrics(asking: Worker): Promise<void> {
    const exported = await Promise.all([...this.#workers.values()].map(metricsOf));
    const all = AggregatorRegistry.aggregate(exported.flat());
    send(asking, { type: 'all', text: await all.metrics() });
  }
}

/** @returns nothing if the process is too busy to answer */
async function metricsOf(worker: Worker): Promise<readonly Exported[]> {
  const answer = new Promise<readonly Exported[]>((resolve) => {
    const onMessage = (message: ToPrimary) => {
      if (message.type !== 'metrics') return;
      worker.off('message', onMessage);
      clearTimeout(timer);
      resolve(message.exported);
    };
    const timer = setTimeout(() => {
      worker.off('message', onMessage);
      resolve([]);
    }, METRICS_MS);
    worker.on('message', onMessage);
  });
  send(worker, { type: 'ask' });
  return answer;
}

function send(worker: Worker, message: ToWorker): void {
  if (worker.isConnected()) worker.send(message);
}

/** The connection of one of several gateway processes to its supervisor. */
export interface GatewayProcess {
  /**
   * True for the first process. Only this process takes over migrations whose coordinator has died, since one such
   * process per machine is enough.
   */
  readonly isFirst: boolean;
  /** Resolves when the supervisor wants this process to stop. */
  readonly stopped: Promise<void>;
  listening(line: string): void;
  /** The metrics of all processes. */
  metrics(): Promise<string>;
  /** Closes the channel to the supervisor. An open channel would keep this process alive. */
  close(): void;
}

/** @param ownMetrics exports the metrics of this process @returns undefined in a gateway of one process */
export function thisGatewayProcess(
  ownMetrics: (process: number) => Promise<readonly Exported[]>,
): GatewayProcess | undefined {
  const number = process.env[NUMBER];
  if (!cluster.isWorker || number === undefined) return undefined;
  const tell = (message: ToPrimary): void => void process.send?.(message);
  let onAll: ((text: string) => void)[] = [];
  let onStop: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => (onStop = resolve));
  process.on('message', (message: ToWorker) => {
    if (message.type === 'stop') onStop();
    if (message.type === 'ask')
      void ownMetrics(Number(number))
        .catch(() => [])
        .then((exported) => tell({ type: 'metrics', exported }));
    if (message.type !== 'all') return;
    for (const resolve of onAll) resolve(message.text);
    onAll = [];
  });
  return {
    isFirst: number === '1',
    stopped,
    listening: (line) => tell({ type: 'listening', line }),
    metrics: () =>
      new Promise((resolve) => {
        onAll.push(resolve);
        tell({ type: 'ask' });
      }),
    close: () => cluster.worker?.disconnect(),
  };
}
