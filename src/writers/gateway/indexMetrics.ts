// Defines the metrics of a gateway about each of its indexes: copies, phases and holds.
import type { Registry } from 'prom-client';
import { counter, gauge, histogram, type Sample } from '../../metrics/registry.js';
import type { MirrorMetrics } from '../mirror/mirrorOptions.js';
import { addReadsMetrics } from './reads/readsMetrics.js';

type Indexes = MirrorMetrics['indexes'];
type Seen = Indexes[string];

interface IndexMetric {
  readonly type: typeof gauge;
  readonly name: string;
  readonly help: string;
  /** Further labels, besides `name`. */
  readonly labels?: readonly string[];
  readonly value: (seen: Seen) => number | readonly Sample[];
}

export function addIndexMetrics(registry: Registry, indexes: () => Indexes): void {
  const touched = (): Indexes =>
    Object.fromEntries(Object.entries(indexes()).filter(([, seen]) => !isUntouched(seen)));
  for (const { type, name, help, labels = [], value } of METRICS)
    type(registry, {
      name,
      help,
      labels: ['name', ...labels],
      read: () => Object.entries(touched()).flatMap(([index, seen]) => samplesOf(index, value(seen))),
    });
  gauge(registry, {
    name: 'twindex_gateway_phase',
    help: '1 for the way in which the gateway handles writes to the index now, 0 for the other ways.',
    labels: ['name', 'phase'],
    read: () => Object.entries(indexes()).flatMap(([name, seen]) => samplesOf(name, phaseSamples(seen))),
  });
  histogram(registry, {
    name: 'twindex_gateway_copy_duration_seconds',
    help: "Time from the leader's answer to a write until its copy has ended.",
    labels: ['name'],
    read: () =>
      Object.entries(touched()).flatMap(([name, { copyDurations }]) =>
        copyDurations.count > 0 ? [[{ name }, copyDurations]] : [],
      ),
  });
  addReadsMetrics(registry, touched);
}

const samplesOf = (name: string, value: number | readonly Sample[]): readonly Sample[] =>
  typeof value === 'number'
    ? [[{ name }, value]]
    : value.map(([labels, one]): Sample => [{ name, ...labels }, one]);

/** True if no migration of the index has run since the start. A family may have hundreds of such indexes. */
const isUntouched = ({ phase, holding, shadow, recorded, canary, ...counts }: Seen): boolean =>
  phase === 'idle' &&
  shadow === null &&
  holding.count + recorded + canary === 0 &&
  OUTCOMES.every((outcome) => counts[outcome] === 0);

const PHASES: readonly Seen['phase'][] = ['idle', 'unprepared', 'write', 'hold'];

const phaseSamples = (seen: Seen): Sample[] =>
  (isUntouched(seen) ? [seen.phase] : PHASES).map((phase) => [{ phase }, Number(phase === seen.phase)]);

const OUTCOMES = ['mirrored', 'conflicts', 'refused', 'unanswered', 'bypassed'] as const;

const METRICS: readonly IndexMetric[] = [
  {
    type: counter,
    name: 'twindex_gateway_copies_total',
    help: 'Copies to the follower, by their outcome.',
    labels: ['outcome'],
    value: (seen) => OUTCOMES.map((outcome) => [{ outcome }, seen[outcome]]),
  },
  {
    type: gauge,
    name: 'twindex_gateway_follower_away',
    help: '1 if no copies are sent because the follower does not accept them.',
    value: ({ away }) => Number(away !== null),
  },
  {
    type: counter,
    name: 'twindex_gateway_updates_unmerged_total',
    help: 'Partial updates that could not be merged: fields that only the other index can store may be lost.',
    value: ({ unmerged }) => unmerged,
  },
  {
    type: gauge,
    name: 'twindex_gateway_hold_seconds',
    help: 'How long the present hold has lasted, as measured by this gateway; 0 if there is none.',
    value: ({ holding }) => holding.presentMs / 1_000,
  },
  {
    type: counter,
    name: 'twindex_gateway_holds_total',
    help: 'Holds in which this gateway let writes wait, also those under way.',
    value: ({ holding }) => holding.count,
  },
  {
    type: counter,
    name: 'twindex_gateway_hold_seconds_total',
    help: 'How long all holds together have lasted for this gateway.',
    value: ({ holding }) => holding.totalMs / 1_000,
  },
];
