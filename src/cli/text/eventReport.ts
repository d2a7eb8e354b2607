// Shows the events of a migration: a progress line on a terminal, lines in a log, NDJSON for programs.
import type { EventBus, Events, Progress } from '../../events.js';
import { type Io, print, tell } from '../../terminal.js';
import { formatDuration } from '../../duration.js';
import { printJson } from '../../json/exactJson.js';

export interface Report {
  /** Removes the progress line and stops listening. */
  stop(): void;
  /** Shows nothing during `work`, which asks a question on the terminal. */
  whileSilent<T>(work: () => Promise<T>): Promise<T>;
}

export function startReport(bus: EventBus, io: Io, json: boolean): Report {
  if (json) return reportJson(bus, io);
  const screen = openScreen(io);
  const gate = { silent: false };
  const unsubscribe = listen(bus, screen, gate);
  return {
    stop: () => {
      unsubscribe();
      screen.end();
    },
    async whileSilent(work) {
      screen.end();
      gate.silent = true;
      try {
        return await work();
      } finally {
        gate.silent = false;
      }
    },
  };
}

const LAG_EVERY_MS = 1_000;

// Not a list, so that the compiler reports an event that is missing here.
const PRINTED: Readonly<Record<keyof Events, true>> = {
  state: true,
  progress: true,
  lag: true,
  reached: true,
  note: true,
  effect: true,
};

/** Every event is one line, with the time `at`. A lag is printed if it has changed, and once a second at most. */
export function reportJson(bus: EventBus, io: Io): Report {
  const lags = new Map<string, { readonly text: string; readonly isTime: () => boolean }>();
  const isNews = ({ migration, ...lag }: Events['lag'][0]): boolean => {
    const last = lags.get(migration) ?? { text: '', isTime: atMostEvery(LAG_EVERY_MS) };
    const text = JSON.stringify(lag);
    if (text === last.text || !last.isTime()) return false;
    lags.set(migration, { ...last, text });
    return true;
  };
  const listeners = (Object.keys(PRINTED) as (keyof Events)[]).map((event) => {
    const listener = (payload: object) => {
      if (event === 'lag' && !isNews(payload as Events['lag'][0])) return;
      print(io, printJson({ event, at: new Date().toISOString(), ...payload }));
    };
    bus.on(event, listener);
    return () => bus.off(event, listener);
  });
  return { stop: () => listeners.forEach((off) => off()), whileSilent: (work) => work() };
}

export interface Screen {
  line(text: string): void;
  /** Updates the progress line. Some updates may be skipped. */
  moving(text: string): void;
  /** Removes the progress line. */
  end(): void;
  readonly width: number;
}

export function openScreen(io: Io): Screen {
  return io.stderr.isTTY ? terminalScreen(io) : logScreen(io);
}

const LOG_EVERY_MS = 5_000;
const BAR_EVERY_MS = 100;

function logScreen(io: Io): Screen {
  const line = (text: string) => tell(io, text);
  const isTime = atMostEvery(LOG_EVERY_MS);
  return {
    line,
    moving: (text) => void (isTime() && line(text)),
    end: () => undefined,
    width: Number.POSITIVE_INFINITY,
  };
}

function terminalScreen(io: Io): Screen {
  const clear = '\r\u001b[K';
  const isTime = atMostEvery(BAR_EVERY_MS);
  let shown = false;
  const end = () => {
    if (shown) io.stderr.write(clear);
    shown = false;
  };
  return {
    line: (text) => {
      end();
      tell(io, text);
    },
    moving: (text) => {
      if (!isTime()) return;
      io.stderr.write(clear + text);
      shown = true;
    },
    end,
    width: (io.stdout.columns ?? 80) - 1,
  };
}

/** @returns a function that stops listening */
function listen(bus: EventBus, screen: Screen, gate: { readonly silent: boolean }): () => void {
  const line = (text: string) => void (gate.silent || screen.line(text));
  const moving = (text: string) => void (gate.silent || screen.moving(text.slice(0, screen.width)));
  const offLines = listenForLines(bus, line);
  const onProgress = (progress: Events['progress'][0]) => moving(progressLine(progress, screen.width));
  const onLag = (lag: Events['lag'][0]) => moving(lagLine(lag));
  bus.on('progress', onProgress).on('lag', onLag);
  return () => {
    offLines();
    bus.off('progress', onProgress).off('lag', onLag);
  };
}

/** Calls `line` for each event that is printed as a line. @returns a function that stops listening */
export function listenForLines(bus: EventBus, line: (text: string) => void): () => void {
  const onState = ({ migration, to }: Events['state'][0]) => line(`${migration}: ${to}`);
  const onReached = ({ migration, phase }: Events['reached'][0]) => line(`${migration}: reached ${phase}`);
  const onNote = ({ migration, level, text }: Events['note'][0]) =>
    line(`${migration}: ${level === 'warn' ? 'warning: ' : ''}${text}`);
  bus.on('state', onState).on('reached', onReached).on('note', onNote);
  return () => {
    bus.off('state', onState).off('reached', onReached).off('note', onNote);
  };
}

/** For example `copy  [#####-----] 50% 12,500 of 25,000, 8,000/s, 2s left`. */
export function progressLine({ task, done, total, rate, etaMs }: Progress, width: number): string {
  const count = `${done.toLocaleString('en')}${total === undefined ? '' : ` of ${total.toLocaleString('en')}`}`;
  const left = etaMs === undefined ? '' : `, ${formatDuration(etaMs)} left`;
  const tail = `${count}, ${Math.round(rate).toLocaleString('en')}/s${left}`;
  if (total === undefined) return `${task}  ${tail}`.slice(0, width);
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const filled = Math.round(share * 20);
  const bar = `[${'#'.repeat(filled)}${'-'.repeat(20 - filled)}] ${Math.floor(share * 100)}%`;
  return `${task}  ${bar} ${tail}`.slice(0, width);
}

function lagLine({ operations, lagMs, deletesPending }: Events['lag'][0]): string {
  const deletes = deletesPending ? ', deletes to be found' : '';
  return `following  ${operations.toLocaleString('en')} operations behind, ${formatDuration(lagMs)}${deletes}`;
}

/** @returns a function that returns true once in so many ms */
function atMostEvery(ms: number): () => boolean {
  let next = 0;
  return () => {
    const at = Date.now();
    if (at < next) return false;
    next = at + ms;
    return true;
  };
}
