// Shows the events of a migration: one line that moves on a terminal, lines in a log, NDJSON for programs.
import type { EventBus, Events, Progress } from '../events.js';
import { type Io, print } from './cli.js';
import { formatDuration } from './duration.js';

export interface Report {
  /** Ends the moving line and stops listening. */
  stop(): void;
}

export function startReport(bus: EventBus, io: Io, json: boolean): Report {
  if (json) return reportJson(bus, io);
  return io.stderr.isTTY ? reportOnTerminal(bus, io) : reportInLog(bus, io);
}

const ALL = ['state', 'progress', 'lag', 'reached', 'note', 'effect'] as const;

function reportJson(bus: EventBus, io: Io): Report {
  const listeners = ALL.map((event) => {
    const listener = (payload: object) => print(io, JSON.stringify({ event, ...payload }));
    bus.on(event, listener);
    return () => bus.off(event, listener);
  });
  return { stop: () => listeners.forEach((off) => off()) };
}

const LOG_EVERY_MS = 5_000;
const BAR_EVERY_MS = 100;

function reportInLog(bus: EventBus, io: Io): Report {
  const line = (text: string) => void io.stderr.write(`${text}\n`);
  return listen(bus, {
    line,
    moving: atMostEvery(LOG_EVERY_MS, line),
    width: Number.POSITIVE_INFINITY,
  });
}

function reportOnTerminal(bus: EventBus, io: Io): Report {
  const clear = '\r\u001b[K';
  let shown = false;
  const move = atMostEvery(BAR_EVERY_MS, (text) => {
    io.stderr.write(clear + text);
    shown = true;
  });
  const report = listen(bus, {
    line: (text) => {
      io.stderr.write(`${shown ? clear : ''}${text}\n`);
      shown = false;
    },
    moving: move,
    width: (io.stdout.columns ?? 80) - 1,
  });
  return {
    stop: () => {
      report.stop();
      if (shown) io.stderr.write(clear);
    },
  };
}

interface Screen {
  line(text: string): void;
  /** May leave some out. */
  moving(text: string): void;
  readonly width: number;
}

function listen(bus: EventBus, { line, moving, width }: Screen): Report {
  const onState = ({ migration, to }: Events['state'][0]) => line(`${migration}: ${to}`);
  const onProgress = (progress: Events['progress'][0]) => moving(progressLine(progress, width));
  const onLag = (lag: Events['lag'][0]) => moving(lagLine(lag).slice(0, width));
  const onReached = ({ migration, phase }: Events['reached'][0]) => line(`${migration}: reached ${phase}`);
  const onNote = ({ migration, level, text }: Events['note'][0]) =>
    line(`${migration}: ${level === 'warn' ? 'warning: ' : ''}${text}`);
  bus.on('state', onState).on('progress', onProgress).on('lag', onLag);
  bus.on('reached', onReached).on('note', onNote);
  return {
    stop: () => {
      bus.off('state', onState).off('progress', onProgress).off('lag', onLag);
      bus.off('reached', onReached).off('note', onNote);
    },
  };
}

/** `copy  [#####-----] 50% 12,500 of 25,000, 8,000/s, 2s left` */
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

function atMostEvery(ms: number, show: (text: string) => void): (text: string) => void {
  let next = 0;
  return (text) => {
    const now = Date.now();
    if (now < next) return;
    next = now + ms;
    show(text);
  };
}
