// The page `/metrics`, for every HTTP server of twindex that is not a gateway: `migrate --metrics-port`, and the
// dashboard. A gateway serves the same metrics of migrations, together with its own.
import { Registry } from 'prom-client';
import type { Cluster } from '../cluster/cluster.js';
import { JournalReader } from './journalReader.js';
import { addMigrationMetrics } from './migrationMetrics.js';
import { METRICS_TYPE, metricsText, processRegistry } from './registry.js';

export interface MetricsPage {
  readonly contentType: string;
  /** Reads the journal, at most every two seconds. Never throws: if reading fails, `twindex_journal_up` is 0. */
  read(): Promise<string>;
}

export function metricsPage(cluster: Cluster): MetricsPage {
  const registries = [processRegistry(), migrationRegistry(cluster)];
  return { contentType: METRICS_TYPE, read: () => metricsText(registries) };
}

/** The metrics of all migrations in the journal of the cluster. */
export function migrationRegistry(cluster: Cluster): Registry {
  const registry = new Registry();
  addMigrationMetrics(registry, new JournalReader(cluster));
  return registry;
}
