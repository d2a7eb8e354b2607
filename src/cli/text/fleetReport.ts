// Shows several migrations that run at the same time: their log lines, and one common progress line.
import type { EventBus, Events } from '../../events.js';
import { type Io, print } from '../../terminal.js';
import { listenForLines, openScreen, reportJson } from './eventReport.js';
import { longestFitting } from './textLayout.js';

/** The progress line does not count `interrupted` migrations, since the next run resumes them. */
type Ending = 'done' | 'needsYou' | 'failed' | 'interrupted';

export interface FleetReport {
  begin(name: string): void;
  end(name: string, how: Ending): void;
  /** Writes a line to stdout. */
  say(text: string): void;
  /** Writes a line to stderr. */
  warn(text: string): void;
  /** Removes the progress line and stops listening. */
  stop(): void;
}

export function startFleetReport(bus: EventBus, io: Io, options: FleetReportOptions): FleetReport {
  return options.json ? quietReport(bus, io) : openReport(bus, io, options.total);
}

export interface FleetReportOptions {
  readonly json: boolean;
  /** The number of migrations in the run. */
  readonly total: number;
}

function quietReport(bus: EventBus, io: Io): FleetReport {
  const report = reportJson(bus, io);
  const nothing = () => undefined;
  const say = (text: string) => print(io, text);
  return { begin: nothing, end: nothing, say, warn: nothing, stop: () => report.stop() };
}

function openReport(bus: EventBus, io: Io, total: number): FleetReport {
  const screen = openScreen(io);
  const underWay = new Map<string, string>();
  const ended = { done: 0, needsYou: 0, failed: 0, interrupted: 0 };
  const show = () => screen.moving((width) => fleetLine({ total, ended, underWay }, width));
  const now = (name: string, does: string) => {
    if (underWay.has(name)) underWay.set(name, does);
    show();
  };
  const onState = ({ migration, to }: Events['state'][0]) => now(migration, to);
  const onProgress = (progress: Events['progress'][0]) => now(progress.migration, share(progress));
  const offLines = listenForLines(bus, (text, level) => screen.line(text, level));
  bus.on('state', onState).on('progress', onProgress);
  return {
    begin: (name) => {
      underWay.set(name, 'begins');
      show();
    },
    end: (name, how) => {
      underWay.delete(name);
      ended[how]++;
      show();
    },
    say: (text) => {
      screen.end();
      print(io, text);
    },
    warn: (text) => screen.line(text, 'error'),
    stop: () => {
      offLines();
      bus.off('state', onState).off('progress', onProgress);
      screen.end();
    },
  };
}

interface Standing {
  readonly total: number;
  readonly ended: Readonly<Record<Ending, number>>;
  /** The present activity of each running migration, by name. */
  readonly underWay: ReadonlyMap<string, string>;
}

/**
 * For example `3 of 12 done, 1 failed, 2 under way: tenant-a 45%, tenant-b verify 12%`. Names as many running
 * migrations as the line has room for.
 */
export function fleetLine({ total, ended, underWay }: Standing, width = Number.POSITIVE_INFINITY): string {
  const waiting = ended.needsYou > 0 ? `, ${ended.needsYou} waiting for you` : '';
  const failed = ended.failed > 0 ? `, ${ended.failed} failed` : '';
  const head = `${ended.done} of ${total} done`;
  const counts = `${head}${waiting}${failed}, ${underWay.size} under way`;
  const each = [...underWay].map(([name, does]) => `${name} ${does}`);
  const texts = each.map((_, n) => {
    const named = each.slice(0, each.length - n).join(', ');
    return `${counts}: ${named}${n > 0 ? ', …' : ''}`;
  });
  return longestFitting([...texts, counts, head], width);
}

function share({ task, done, total }: Events['progress'][0]): string {
  const what = task === 'copy' ? '' : `${task} `;
  if (total === undefined) return `${what}${done.toLocaleString('en')}`;
  return `${what}${total === 0 ? 100 : Math.floor((100 * done) / total)}%`;
}
