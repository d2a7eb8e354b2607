// What the page knows, and how an update of the server changes it. Pure.
import type { Detail, Request, Row, Sample, Update } from '../../src/dashboard/pageTypes.js';

export interface Known {
  readonly rows: ReadonlyMap<string, Row>;
  /** Undefined until the server has answered; null if it knows no migration of this name. */
  readonly detail: Detail | null | undefined;
  readonly samples: readonly Sample[];
  readonly timesFrom: 'engine' | 'gateways';
  readonly requests: ReadonlyMap<number, Request>;
  readonly trouble: string;
  readonly readAt: string | null;
  /** The clock of the server minus the clock of this machine. */
  readonly clockMs: number;
  readonly isEmpty: boolean;
}

export const NOTHING: Known = {
  rows: new Map(),
  detail: undefined,
  samples: [],
  timesFrom: 'engine',
  requests: new Map(),
  trouble: '',
  readAt: null,
  clockMs: 0,
  isEmpty: true,
};

/** The server keeps as many points. */
const MOST_SAMPLES = 1_200;

export function updated(known: Known, update: Update, at: number): Known {
  const before = update.whole ? NOTHING : known;
  const {
    rows,
    gone,
    requests,
    detail,
    samples = [],
    timesFrom = before.timesFrom,
    trouble,
    readAt,
    now,
  } = update;
  return {
    rows: rows.length + gone.length === 0 ? before.rows : merged(before.rows, rows, gone),
    detail: detail === undefined ? before.detail : detail,
    samples: samples.length === 0 ? before.samples : [...before.samples, ...samples].slice(-MOST_SAMPLES),
    timesFrom,
    requests:
      requests.length === 0
        ? before.requests
        : new Map([...before.requests, ...requests.map((one) => [one.id, one] as const)]),
    trouble,
    readAt,
    clockMs: Date.parse(now) - at,
    isEmpty: false,
  };
}

function merged(
  before: ReadonlyMap<string, Row>,
  rows: readonly Row[],
  gone: readonly string[],
): Map<string, Row> {
  const all = new Map(before);
  for (const row of rows) all.set(row.name, row);
  for (const name of gone) all.delete(name);
  return all;
}

export type Filter = 'current' | 'needsYou' | 'all';

const ORDER: readonly Row['group'][] = ['needsYou', 'working', 'rests', 'over'];

/** The rows of the list: those that need a person first, then by name. */
export function chosen(rows: Iterable<Row>, search: string, filter: Filter): Row[] {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const isFound = ({ name, phase, attention }: Row): boolean => {
    const text = `${name} ${phase} ${attention}`.toLowerCase();
    return words.every((word) => text.includes(word));
  };
  const isShown = ({ group }: Row): boolean =>
    filter === 'all' || (filter === 'needsYou' ? group === 'needsYou' : group !== 'over');
  return [...rows]
    .filter((row) => isShown(row) && isFound(row))
    .sort((a, b) => ORDER.indexOf(a.group) - ORDER.indexOf(b.group) || (a.name < b.name ? -1 : 1));
}
