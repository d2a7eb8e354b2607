// The metrics of all migrations in the journal. Every process of twindex that serves metrics uses this table,
// so Prometheus may ask any of them. A test compares docs/metrics.md with it.
import type { Registry } from 'prom-client';
import { ATTENTION, attentionFor } from '../protocol/attention.js';
import { isOver, STATES } from '../protocol/record.js';
import { PHASES } from '../protocol/states.js';
import type { JournalReader, JournalSnapshot, MigrationSummary, RunningMigration } from './journalReader.js';
import { counter, gauge, type Sample } from './registry.js';

/** One sample, several samples with further labels, or undefined if the value is not known. */
type Value = number | boolean | undefined | readonly Sample<number | boolean>[];

interface Metric {
  readonly name: string;
  readonly help: string;
  /** Labels besides `name`, which every metric has. */
  readonly labels?: readonly string[];
  readonly value: (migration: RunningMigration) => Value;
}

/** Adds the metrics to a registry. However many metrics there are, a scrape reads the journal once. */
export function addMigrationMetrics(registry: Registry, reader: Pick<JournalReader, 'read'>): void {
  const read = (of: (snapshot: JournalSnapshot) => readonly Sample[]) => async () => of(await reader.read());
  const add = (register: typeof gauge) => (metric: Metric) =>
    register(registry, {
      name: metric.name,
      help: metric.help,
      labels: ['name', ...(metric.labels ?? [])],
      read: read(({ running }) => running.flatMap((migration) => samplesOf(metric, migration))),
    });
  gauge(registry, {
    name: 'twindex_journal_up',
    help: '1 if the journal could be read. If it is 0, nothing else is known about the migrations.',
    read: read(({ isReadable }) => [[{}, Number(isReadable)]]),
  });
  gauge(registry, {
    name: 'twindex_journal_read_duration_seconds',
    help: 'How long it took to read the journal for these metrics.',
    read: read(({ readMs }) => [[{}, readMs / 1_000]]),
  });
  gauge(registry, {
    name: 'twindex_migrations',
    help: 'Number of migrations in the journal, by phase.',
    labels: ['phase'],
    read: read(({ isReadable, migrations }) => (isReadable ? countPhases(migrations) : [])),
  });
  for (const { name, help, label, values } of STATE_SETS)
    gauge(registry, {
      name,
      help,
      labels: ['name', label],
      read: read(({ migrations }) => migrations.flatMap((one) => stateSet(one, label, values))),
    });
  GAUGES.forEach(add(gauge));
  COUNTERS.forEach(add(counter));
}

function samplesOf({ value }: Metric, migration: RunningMigration): Sample[] {
  const { name } = migration.record;
  const found = value(migration);
  if (found === undefined) return [];
  if (typeof found !== 'object') return [[{ name }, Number(found)]];
  return found.map(([labels, one]) => [{ name, ...labels }, Number(one)]);
}

const countPhases = (migrations: readonly MigrationSummary[]): Sample[] =>
  PHASES.map((phase) => [{ phase }, migrations.filter((one) => one.phase === phase).length]);

const STATE_SETS = [
  {
    name: 'twindex_migration_phase',
    help: '1 for the phase that the migration is in, 0 for the others.',
    label: 'phase',
    values: PHASES,
  },
  {
    name: 'twindex_migration_state',
    help: '1 for the state that the migration is in, 0 for the others.',
    label: 'state',
    values: STATES,
  },
] as const;

/** A migration that is over has only one sample, because the journal may have very many of them. */
function stateSet(
  migration: MigrationSummary,
  label: 'phase' | 'state',
  values: readonly string[],
): Sample[] {
  const { name } = migration;
  const present = migration[label];
  const shown = isOver(migration) ? [present] : values;
  return shown.map((value) => [{ name, [label]: value }, Number(value === present)]);
}

const seconds = (ms: number): number => ms / 1_000;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/** Whether the present task counts documents. Only the task `searches` counts searches. */
const countsDocuments = ({ record }: RunningMigration): boolean =>
  ['copy', 'verify'].includes(record.progress.task);

/** A value of the present task, or none if there is no task. */
const ofTask = ({ record }: RunningMigration, value: number | undefined): Value =>
  record.progress.task === '' || value === undefined ? undefined : [[{ task: record.progress.task }, value]];

const ofDocuments = (migration: RunningMigration, value: number | undefined): Value =>
  countsDocuments(migration) ? ofTask(migration, value) : undefined;

const GAUGES: readonly Metric[] = [
  {
    name: 'twindex_migration_info',
    help: 'Always 1. The labels name both indexes, the route, the layout of the aliases, and the goal.',
    labels: ['source', 'target', 'route', 'layout', 'goal'],
    value: ({ record: { source, target, route, layout, goal } }) => [
      [{ source: source.index, target: target.index, route, layout, goal }, 1],
    ],
  },
  {
    name: 'twindex_migration_start_time_seconds',
    help: 'When the migration began, in seconds since 1970.',
    value: ({ record }) => seconds(Date.parse(record.startedAt)),
  },
  {
    name: 'twindex_migration_readers_on_target',
    help: 'Whether the readers are on the new index.',
    value: ({ record }) => record.readers === 'target',
  },
  {
    name: 'twindex_migration_writers_on_target',
    help: 'Whether the writers are on the new index.',
    value: ({ record }) => record.leader === 'target',
  },
  {
    name: 'twindex_migration_paused',
    help: 'Whether the migration is paused.',
    value: ({ record }) => record.paused,
  },
  {
    name: 'twindex_migration_needs_attention',
    help: '1 if a person has to look at the migration for this reason.',
    labels: ['reason'],
    value: ({ record, coordinator, rejected }) => {
      const seen = {
        coordinated: coordinator.isUp,
        rejected: record.state === 'copying' ? rejected : record.rejected,
      };
      const found = attentionFor(record, seen);
      return REASONS.map((reason) => [{ reason }, reason === found]);
    },
  },
  {
    name: 'twindex_migration_coordinator_up',
    help: '1 if a coordinator has the lease of the migration and writes to the journal.',
    value: ({ coordinator }) => coordinator.isUp,
  },
  {
    name: 'twindex_migration_coordinator_silence_seconds',
    help: 'How long no coordinator has written to the journal, as measured by this process.',
    value: ({ coordinator }) => seconds(coordinator.silentMs),
  },
  {
    name: 'twindex_migration_progress_ratio',
    help: 'Share of the present task that is done, from 0 to 1.',
    labels: ['task'],
    value: (migration) => {
      const { done, total } = migration.record.progress;
      return ofTask(migration, total === null ? undefined : total === 0 ? 1 : Math.min(1, done / total));
    },
  },
  {
    name: 'twindex_migration_progress_documents',
    help: 'Documents that the present task has processed.',
    labels: ['task'],
    value: (migration) => ofDocuments(migration, migration.record.progress.done),
  },
  {
    name: 'twindex_migration_expected_documents',
    help: 'Documents that the present task has to process in all.',
    labels: ['task'],
    value: (migration) => ofDocuments(migration, migration.record.progress.total ?? undefined),
  },
  {
    name: 'twindex_migration_documents_per_second',
    help: 'Documents that the present task has processed per second, over the last ten seconds.',
    labels: ['task'],
    value: (migration) =>
      migration.coordinator.isUp ? ofDocuments(migration, migration.record.progress.rate) : undefined,
  },
  {
    name: 'twindex_migration_eta_seconds',
    help: 'Remaining time of the present task at its present rate.',
    labels: ['task'],
    value: (migration) => {
      const { etaMs } = migration.record.progress;
      return migration.coordinator.isUp && etaMs !== null ? ofTask(migration, seconds(etaMs)) : undefined;
    },
  },
  {
    name: 'twindex_migration_lag_operations',
    help: 'Writes and deletes that the follower did not have yet when the last round of following began.',
    value: ({ record }) => record.lag?.operations,
  },
  {
    name: 'twindex_migration_lag_seconds',
    help: 'How long the last round of following took. The follower may lack the writes of this period.',
    value: ({ record }) => (record.lag ? seconds(record.lag.lagMs) : undefined),
  },
  {
    name: 'twindex_migration_deletes_pending',
    help: '1 if deletes may still be missing on the follower.',
    value: ({ record }) => record.lag?.deletesPending,
  },
  {
    name: 'twindex_migration_rejected_documents',
    help: 'Documents that the new index or the transform has refused.',
    value: ({ rejected }) => rejected,
  },
  {
    name: 'twindex_migration_blocking_rejected_documents',
    help: 'Rejected documents that blocked the next move when they were last counted.',
    value: ({ record }) => record.rejected,
  },
  {
    name: 'twindex_migration_last_write_pause_seconds',
    help: 'How long the last switch of the writers refused writes.',
    value: ({ record }) => {
      const last = record.evidence.writePauseMs.at(-1);
      return last === undefined ? undefined : seconds(last);
    },
  },
  {
    name: 'twindex_migration_writers',
    help: 'Gateways and client libraries that are registered for this index, by the state of their lease.',
    labels: ['type', 'lease'],
    value: ({ writers }) =>
      (['gateway', 'client'] as const).flatMap((type) =>
        (['valid', 'expired'] as const).map((lease): Sample => {
          const counted = writers.filter((one) => one.type === type && one.hasLease === (lease === 'valid'));
          return [{ type, lease }, counted.length];
        }),
      ),
  },
  {
    name: 'twindex_migration_writers_away',
    help: 'Gateways and client libraries that send no copies because the follower does not accept them.',
    value: ({ writers }) => writers.filter(({ isAway }) => isAway).length,
  },
  {
    name: 'twindex_migration_workers',
    help: 'Workers with a valid lease that copy for this migration.',
    value: ({ workers }) => workers,
  },
  {
    name: 'twindex_migration_copy_limit_documents_per_second',
    help: 'The limit that the throttle sets to the copy. Missing if there is none.',
    value: ({ record }) =>
      record.state === 'copying' ? (record.copyLimit.docsPerSecond ?? undefined) : undefined,
  },
  {
    name: 'twindex_migration_copy_limited',
    help: '1 if the throttle limits the copy for the reason in the label.',
    labels: ['cause'],
    value: ({ record: { state, copyLimit } }) =>
      state === 'copying' ? [[{ cause: copyLimit.cause }, copyLimit.cause !== 'none']] : undefined,
  },
  {
    name: 'twindex_migration_verified',
    help: '1 if every document was verified since the writers were last switched.',
    value: ({ record }) => record.verified,
  },
  {
    name: 'twindex_migration_second_check_findings',
    help: 'Findings of the last second check. Missing before the first one.',
    value: ({ record }) => record.secondCheck?.wrong.length,
  },
];

/** Facts that only the engine knows (blocks, missing shards) are not read for metrics. */
const REASONS = ATTENTION.filter((reason) => reason !== 'trouble');

const COUNTERS: readonly Metric[] = [
  {
    name: 'twindex_migration_copied_documents_total',
    help: 'Documents that were copied.',
    value: ({ record }) => record.evidence.copied,
  },
  {
    name: 'twindex_migration_dropped_documents_total',
    help: 'Documents that the transform has dropped.',
    value: ({ record }) => record.evidence.dropped,
  },
  {
    name: 'twindex_migration_holds_total',
    help: 'Holds, by their outcome: the writers were switched, or the hold was given up.',
    labels: ['outcome'],
    value: ({ record: { evidence } }) => [
      [{ outcome: 'switched' }, evidence.writePauseMs.length],
      [{ outcome: 'given_up' }, evidence.holdsGivenUp],
    ],
  },
  {
    name: 'twindex_migration_write_pause_seconds_total',
    help: 'Total time for which the switches of the writers have refused writes.',
    value: ({ record }) => seconds(sum(record.evidence.writePauseMs)),
  },
  {
    name: 'twindex_migration_compared_documents_total',
    help: 'Documents that verifications have compared.',
    value: ({ record }) => record.evidence.compared,
  },
  {
    name: 'twindex_migration_different_documents_total',
    help: 'Documents that verifications have found to be different.',
    value: ({ record }) => record.evidence.differences,
  },
  {
    name: 'twindex_migration_repaired_documents_total',
    help: 'Different documents that verifications have repaired.',
    value: ({ record }) => record.evidence.repaired,
  },
];
