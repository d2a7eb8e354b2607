// The wire between processes and the cluster: requests and answers arrive late, in any order, or never.
import { NotSent } from '../../src/cluster/connector.js';
import type { SimulatedEngine } from './engine/engine.js';
import { ConnectionLost } from './engine/errors.js';
import type { HttpAnswer, HttpRequest, Network, Process, World } from './world.js';

/** What happens to one request. */
export interface Fate {
  /** No connection comes about: nothing is sent. */
  readonly refused: boolean;
  /** The process dies: before the request is on the wire, or after. */
  readonly kills: 'before' | 'after' | undefined;
  readonly toEngineMs: number;
  readonly toClientMs: number;
  /** Which way is lost. */
  readonly loses: 'request' | 'answer' | undefined;
  /** The client sees a broken connection, perhaps while the engine is still at work; otherwise nothing, until its time-out. */
  readonly breaks: 'early' | 'late' | undefined;
  /** The engine is busy: it does nothing, and says so. */
  readonly busyStatus: number | undefined;
}

export class SimulatedNetwork implements Network {
  readonly #world: World;
  readonly #engine: SimulatedEngine;
  readonly #fateOf: (process: Process, request: HttpRequest) => Fate;
  requests = 0;
  /** One line for each thing that happened, where somebody wants to read it. */
  log: ((line: string) => void) | undefined;

  constructor(
    world: World,
    engine: SimulatedEngine,
    fateOf: (process: Process, request: HttpRequest) => Fate,
  ) {
    this.#world = world;
    this.#engine = engine;
    this.#fateOf = fateOf;
  }

  send(process: Process, request: HttpRequest, signal: AbortSignal | undefined): Promise<HttpAnswer> {
    const { clock } = this.#world;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const n = ++this.requests;
      const fate = this.#fateOf(process, request);
      this.#note(n, process, request, fate);
      if (fate.kills) process.dead = true;
      if (fate.kills === 'before') return;
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      const answer = (ms: number, settle: () => void): void => {
        clock.schedule(ms, settle, process);
      };
      const broken = (): void => reject(new Error('other side closed'));
      if (fate.refused)
        return answer(fate.toEngineMs, () => reject(new NotSent(new Error('connect ECONNREFUSED'))));
      if (fate.loses === 'request') {
        if (fate.breaks) answer(fate.toEngineMs, broken);
        return;
      }
      if (fate.loses === 'answer' && fate.breaks === 'early')
        answer(fate.toEngineMs + fate.toClientMs, broken);
      clock.schedule(fate.toEngineMs, () => {
        void this.#answer(n, request, fate).then((answered) => {
          if (answered === undefined) return answer(fate.toClientMs, broken);
          if (fate.loses !== 'answer') return answer(fate.toClientMs, () => resolve(answered));
          if (fate.breaks === 'late') return answer(fate.toClientMs, broken);
          return undefined;
        });
      });
    });
  }

  /** The engine itself threw. */
  onBug: (error: unknown) => void = () => undefined;

  /** Undefined: the node has gone away. */
  async #answer(n: number, request: HttpRequest, fate: Fate): Promise<HttpAnswer | undefined> {
    try {
      const answered = await this.#handle(request, fate);
      this.log?.(`${this.#time()} #${n} ${answered.status} ${answered.body.toString().slice(0, 600)}`);
      return answered;
    } catch (error) {
      if (!(error instanceof ConnectionLost)) this.onBug(error);
      this.log?.(`${this.#time()} #${n} ${String(error)}`);
      return undefined;
    }
  }

  async #handle(request: HttpRequest, { busyStatus }: Fate): Promise<HttpAnswer> {
    if (busyStatus === undefined) return await this.#engine.handle(request);
    const error = { type: 'es_rejected_execution_exception', reason: 'busy' };
    const body = { error: { root_cause: [error], ...error }, status: busyStatus };
    return {
      status: busyStatus,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify(body)),
    };
  }

  #note(n: number, process: Process, request: HttpRequest, fate: Fate): void {
    if (!this.log) return;
    const body =
      request.body === undefined ? '' : ` ${request.body.toString().slice(0, 600).replaceAll('\n', ' ⏎ ')}`;
    const what = [
      fate.kills && `KILLED ${fate.kills}`,
      fate.refused && 'refused',
      fate.loses && `${fate.loses} lost`,
      fate.busyStatus,
      `${fate.toEngineMs.toFixed(1)}+${fate.toClientMs.toFixed(1)}`,
    ];
    this.log(
      `${this.#time()} #${n} ${process.name} ${request.method} ${request.path}${body} [${what.filter(Boolean).join(', ')}]`,
    );
  }

  #time(): string {
    return this.#world.clock.now.toFixed(1).padStart(9);
  }
}
