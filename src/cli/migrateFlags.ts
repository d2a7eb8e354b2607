// The command-line options of `twindex migrate`.
import type { RunSettings } from '../api/executePlan.js';
import type { Gate } from '../coordinator/migration/runMigration.js';
import type { Route } from '../protocol/record.js';
import type { StepOptions } from '../plan/planSteps.js';
import type { Threshold } from '../schema/acceptance.js';
import type { MetricsFlags } from './metricsPort.js';

export interface MigrateFlags extends MetricsFlags {
  readonly all?: boolean;
  readonly atOnce: number;
  readonly route?: Route;
  readonly from?: string;
  readonly prune?: boolean;
  readonly maxDocs?: number;
  readonly maxSlowdown?: number;
  /** The value false comes from `--no-throttle`. */
  readonly throttle: boolean;
  readonly until?: Gate;
  readonly yes?: boolean;
  readonly plan?: string;
  readonly grace: number;
  readonly maxLag: number;
  readonly maxWritePause: number;
  readonly keep?: number;
  readonly soak?: number;
  readonly lease: number;
  readonly dropRejected?: boolean;
  readonly maxRejected: number;
  readonly allowOutage?: boolean;
  readonly allowNoWayBack?: boolean;
  readonly stay: boolean;
  readonly force?: readonly Threshold[];
}

/** The options that change the steps of a plan. */
export const stepOptions = (flags: MigrateFlags): StepOptions => ({
  maxWritePauseMs: flags.maxWritePause,
  maxSlowdown: flags.maxSlowdown,
  unthrottled: !flags.throttle,
  maxDocsPerSecond: flags.maxDocs,
  keepMs: flags.keep,
});

export function settingsOf(flags: MigrateFlags): RunSettings {
  return {
    maxLagMs: flags.maxLag,
    maxWritePauseMs: flags.maxWritePause,
    graceMs: flags.grace,
    leaseMs: flags.lease,
    keepMs: flags.keep,
    soakMs: flags.soak,
    dropRejected: flags.dropRejected ?? false,
    maxRejected: flags.maxRejected,
    from: flags.from,
    prune: flags.prune,
    force: flags.force,
    throttle: {
      ...(flags.maxDocs === undefined ? {} : { maxDocsPerSecond: flags.maxDocs }),
      ...(flags.maxSlowdown === undefined ? {} : { maxSlowdown: flags.maxSlowdown }),
      ...(flags.throttle ? {} : { auto: false }),
    },
  };
}
