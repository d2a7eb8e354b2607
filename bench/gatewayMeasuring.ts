// Measures one phase of the gateway's bench: rates in rounds, then latencies at half the slower proxy's rate.
import { DOCUMENTS, type Load, type Operation } from './gatewayJob.js';
import type { Figures, Phase } from './gatewaySummary.js';
import { sendLoad, type Way } from './gatewayWays.js';
import { cpuSecondsOfTree } from './proc.js';
import { median } from './results.js';

const CONNECTIONS = 8;
/** Few connections are enough to keep the engine busy, because each response to a bulk has more than 1 MB. */
const BULK_CONNECTIONS = 2;
/**
 * The engine's work is measured for this many times longer, so that it includes following, which runs every
 * few seconds.
 */
const WORK_TIMES_SECONDS = 3;

interface Options {
  readonly rounds: number;
  readonly seconds: number;
  readonly quick: boolean;
  readonly operations: readonly Operation[];
  /** CPU seconds since the engine started. */
  readonly engineCpu: () => number;
  /** Resolves when the engine has finished its background work for earlier writes. */
  readonly settled: () => Promise<void>;
}

export class GatewayMeasuring {
  readonly #options: Options;
  readonly figures: Figures[] = [];

  constructor(options: Options) {
    this.#options = options;
  }

  async measure(phase: Phase, ways: readonly Way[]): Promise<void> {
    for (const operation of this.#options.operations) {
      const figures = new Map(ways.map((way) => [way, emptyFigures(phase, operation, way)]));
      this.figures.push(...figures.values());
      await this.#warmUp(phase, operation, ways);
      await this.#rates(figures);
      const paces = operation !== 'bulk' && (!this.#options.quick || phase === 'idle');
      if (paces) await this.#paced(figures);
    }
  }

  /** Runs once without measuring, so that code is compiled and connections are open. */
  async #warmUp(phase: Phase, operation: Operation, ways: readonly Way[]): Promise<void> {
    if (this.#options.quick) return;
    for (const way of ways) if (phase === 'idle' || way.name === 'gateway') await send(way, operation, 1);
  }

  async #rates(all: ReadonlyMap<Way, Figures>): Promise<void> {
    const { rounds, engineCpu, settled } = this.#options;
    await settled();
    for (const way of interleaved([...all.keys()], rounds)) {
      const { phase, operation, rates, proxyUs, engineUs } = all.get(way) as Figures;
      const seconds = this.#options.seconds * (operation === 'bulk' ? WORK_TIMES_SECONDS : 1);
      const proxyCpu = (): number => (way.pid ? cpuSecondsOfTree(way.pid) : Number.NaN);
      const before = { proxy: proxyCpu(), engine: engineCpu() };
      const { perSecond, requests } = await send(way, operation, seconds);
      rates.push(perSecond);
      proxyUs.push(((proxyCpu() - before.proxy) / requests) * 1e6);
      if (operation === 'bulk') await settled();
      engineUs.push(((engineCpu() - before.engine) / requests) * 1e6);
      console.error(
        `${phase} ${operation} ${way.name}: ${perSecond.toFixed(operation === 'bulk' ? 1 : 0)}/s`,
      );
    }
  }

  async #paced(all: ReadonlyMap<Way, Figures>): Promise<void> {
    const proxies = [...all].filter(([way]) => way.name !== 'direct');
    const half = Math.min(...proxies.map(([, { rates }]) => median(rates))) / 2;
    for (const way of interleaved([...all.keys()], this.#options.rounds)) {
      const { phase, operation, paced, pacedEngineUs } = all.get(way) as Figures;
      const { settled, engineCpu } = this.#options;
      const seconds = this.#options.seconds * (operation === 'write' ? WORK_TIMES_SECONDS : 1);
      if (operation === 'write') await settled();
      const before = engineCpu();
      const load = await send(way, operation, seconds, half);
      if (operation === 'write') await settled();
      paced.push(load);
      pacedEngineUs.push(((engineCpu() - before) / load.requests) * 1e6);
      console.error(
        `${phase} ${operation} ${way.name} at ${half.toFixed(0)}/s: p50 ${load.p50Ms.toFixed(2)} ms`,
      );
    }
  }
}

function emptyFigures(phase: Phase, operation: Operation, { name }: Way): Figures {
  return { phase, operation, way: name, rates: [], proxyUs: [], engineUs: [], paced: [], pacedEngineUs: [] };
}

/** Repeats the ways in rounds. Each round begins with another way. */
function interleaved(ways: readonly Way[], rounds: number): Way[] {
  return Array.from({ length: rounds }, (_, round) => round % ways.length).flatMap((turn) => [
    ...ways.slice(turn),
    ...ways.slice(0, turn),
  ]);
}

function send(way: Way, operation: Operation, seconds: number, perSecond?: number): Promise<Load> {
  const reads = operation === 'get' || operation === 'search';
  return sendLoad({
    url: way.url,
    // applications use the aliases
    index: `${way.index}-${reads ? 'read' : 'write'}`,
    operation,
    connections: operation === 'bulk' ? BULK_CONNECTIONS : CONNECTIONS,
    seconds,
    documents: DOCUMENTS,
    ...(perSecond === undefined ? {} : { perSecond }),
  });
}
