// Every metric of twindex, for tests of the metrics' names, of their documentation, of alerts and of dashboards.
import { Registry } from 'prom-client';
import type { JournalSnapshot, RunningMigration } from '../src/metrics/journalReader.js';
import { addMigrationMetrics } from '../src/metrics/migrationMetrics.js';
import { processRegistry } from '../src/metrics/registry.js';
import type { MigrationRecord } from '../src/protocol/record.js';
import { phaseOf } from '../src/protocol/states.js';
import { type GatewayState, gatewayRegistry, RequestCounts } from '../src/writers/gateway/metrics.js';
import { testRecord } from './testRecord.js';

export const IDLE_GATEWAY: GatewayState = {
  counts: new RequestCounts(),
  connections: 0,
  inFlight: 0,
  nodes: [],
  isReady: true,
  mirror: { leaseIsValid: true, copiesPending: 0, indexes: {} },
};

export function runningMigration(
  change: Partial<MigrationRecord> = {},
  seen: Partial<Omit<RunningMigration, 'record' | 'phase'>> = {},
): RunningMigration {
  const record = testRecord(change);
  return {
    record,
    phase: phaseOf(record),
    coordinator: { isUp: true, silentMs: 0 },
    writers: [],
    workers: 0,
    rejected: 0,
    ...seen,
  };
}

export function snapshotOf(...running: RunningMigration[]): JournalSnapshot {
  const migrations = running.map(({ record: { name, state }, phase }) => ({ name, state, phase }));
  return { isReadable: true, readMs: 12, migrations, running };
}

export function migrationsIn(snapshot: JournalSnapshot): Registry {
  const registry = new Registry();
  addMigrationMetrics(registry, { read: () => Promise.resolve(snapshot) });
  return registry;
}

export const allRegistries = () => ({
  process: processRegistry(),
  gateway: gatewayRegistry(() => IDLE_GATEWAY),
  migrations: migrationsIn(snapshotOf()),
});
