// Shows the events of a migration: a progress line on a terminal, lines in a log, NDJSON for programs.
import type { EventBus, Events } from '../../events.js';
import { type Io, tell } from '../../terminal.js';
import { styleText } from 'node:util';
import { printEvent } from './printEvent.js';
import { lagLine, progressLine } from './progressText.js';
import { wrap } from './textLayout.js';

export interface Report {
  /** Removes the progress line and stops listening. */
  stop(): void;
  /** Shows no events during `work`, which asks a question on the terminal. */
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

/** Prints every event as one line. A lag is printed if it has changed, and at most once per second. */
export function reportJson(bus: EventBus, io: Io): Report {
  const lags = new Map<string, { readonly text: string; readonly isTime: () => boolean }>();
  const isNews = ({ migration, ...lag }: Events['lag'][0]): boolean => {
    const last = lags.get(migration) ?? { text: '', isTime: atMostEvery(LAG_EVERY_MS) };
    const text = JSON.stringify(lag);
    if (text === last.text || !last.isTime()) return false;
    lags.set(migration, { ...last, text });
    return true;
  };
  const stop = bus.onEvery((event, payload) => {
    if (event === 'lag' && !isNews(payload as Events['lag'][0])) return;
    printEvent(io, { event, ...payload });
  });
  return { stop, whileSilent: (work) => work() };
}

export type Level = Events['note'][0]['level'];

export interface Screen {
  line(text: string, level?: Level): void;
  /** Updates the progress line. Some updates may be skipped. @param textFor gets the number of columns */
  moving(textFor: (width: number) => string): void;
  /** Removes the progress line. */
  end(): void;
}

export function openScreen(io: Io): Screen {
  return io.stderr.isTTY ? terminalScreen(io) : logScreen(io);
}

const LOG_EVERY_MS = 5_000;
const BAR_EVERY_MS = 100;

function logScreen(io: Io): Screen {
  const isTime = atMostEvery(LOG_EVERY_MS);
  return {
    line: (text) => tell(io, text),
    moving: (textFor) => void (isTime() && tell(io, textFor(Number.POSITIVE_INFINITY))),
    end: () => undefined,
  };
}

function terminalScreen(io: Io): Screen {
  const clear = '\r\u001b[K';
  const isTime = atMostEvery(BAR_EVERY_MS);
  let shown = false;
  const width = (): number => (io.stdout.columns ?? 80) - 1;
  const end = () => {
    if (shown) io.stderr.write(clear);
    shown = false;
  };
  return {
    line: (text, level = 'info') => {
      end();
      for (const line of wrap(text, width(), 2)) tell(io, colouredBy(level, line));
    },
    moving: (textFor) => {
      if (!isTime()) return;
      io.stderr.write(clear + textFor(width()));
      shown = true;
    },
    end,
  };
}

const COLOURS = { info: undefined, warn: 'yellow', error: 'red' } as const;

/** Call this for terminals only. The variable NO_COLOR switches colours off (https://no-color.org). */
function colouredBy(level: Level, line: string): string {
  const colour = COLOURS[level];
  if (colour === undefined || process.env['NO_COLOR']) return line;
  return styleText(colour, line, { validateStream: false });
}

/** @returns a function that stops listening */
function listen(bus: EventBus, screen: Screen, gate: { readonly silent: boolean }): () => void {
  const offLines = listenForLines(bus, (text, level) => void (gate.silent || screen.line(text, level)));
  const moving = (textFor: (width: number) => string) => void (gate.silent || screen.moving(textFor));
  const onProgress = (progress: Events['progress'][0]) => moving((width) => progressLine(progress, width));
  const onLag = (lag: Events['lag'][0]) => moving((width) => lagLine(lag, width));
  bus.on('progress', onProgress).on('lag', onLag);
  return () => {
    offLines();
    bus.off('progress', onProgress).off('lag', onLag);
  };
}

/** States without a line of their own, because the line about the phase says the same. */
const SAID_BY_PHASE: ReadonlySet<string> = new Set(['copying', 'mirroring', 'finalized', 'aborted']);

/** Calls `line` for each event that is printed as a line. @returns a function that stops listening */
export function listenForLines(bus: EventBus, line: (text: string, level: Level) => void): () => void {
  const onState = ({ migration, to }: Events['state'][0]) =>
    void (SAID_BY_PHASE.has(to) || line(`${migration}: ${to}`, 'info'));
  const onReached = ({ migration, phase }: Events['reached'][0]) =>
    line(`${migration}: reached ${phase}`, 'info');
  const onNote = ({ migration, level, text }: Events['note'][0]) =>
    line(`${migration}: ${LEVEL_TEXT[level]}${text}`, level);
  bus.on('state', onState).on('reached', onReached).on('note', onNote);
  return () => {
    bus.off('state', onState).off('reached', onReached).off('note', onNote);
  };
}

const LEVEL_TEXT: Readonly<Record<Level, string>> = { info: '', warn: 'warning: ', error: 'error: ' };

/** @returns a function that returns true at most once in this many ms */
function atMostEvery(ms: number): () => boolean {
  let next = 0;
  return () => {
    const at = Date.now();
    if (at < next) return false;
    next = at + ms;
    return true;
  };
}
