// Makes the record of a new migration. Pure except for the clock and the id.
import { randomUUID } from 'node:crypto';
import type { LiveIndex } from '../cluster/indices/getIndex.js';
import { aliasesOfClients } from './names.js';
import {
  FREE,
  LEFT_ALONE,
  type MigrationRecord,
  NO_COMMANDS,
  NO_HOLDS,
  NO_PROGRESS,
  UNLIMITED,
} from './record.js';

type Given = Pick<MigrationRecord, 'name' | 'source' | 'target' | 'layout' | 'aliases' | 'epoch'>;

export function newRecord({ name, source, target, layout, aliases, epoch }: Given): MigrationRecord {
  const at = new Date().toISOString();
  return {
    kind: 'migration',
    format: 1,
    name,
    id: randomUUID(),
    state: 'creating',
    goal: 'ready',
    paused: false,
    halted: null,
    detached: false,
    source,
    target,
    layout,
    sourceCluster: null,
    aliases,
    sourceAliases: {},
    sourceGcDeletes: null,
    uuids: { source: null, target: null },
    declared: { schema: '', transform: '' },
    hasTransform: false,
    route: 'client',
    backfillUpTo: null,
    reingest: null,
    throttle: FREE,
    throttled: '',
    copyLimit: UNLIMITED,
    reads: LEFT_ALONE,
    leader: 'source',
    readers: 'source',
    readersMoved: false,
    epoch,
    firstEpoch: epoch,
    token: 0,
    cursors: [],
    roleStart: [],
    documents: 0,
    progress: NO_PROGRESS,
    lag: null,
    copyPace: null,
    drops: false,
    routed: false,
    verified: false,
    returnCursors: null,
    writers: { mode: 'none', generation: 0, pruned: 0, version: source.version, moves: 0 },
    options: DEFAULT_OPTIONS,
    rejected: 0,
    leftOut: [],
    idComparisons: { done: 0, looks: 0, needed: true },
    evidence: {
      compared: 0,
      differences: 0,
      nonDeterministic: 0,
      repaired: 0,
      deletesReconciled: 0,
      copied: 0,
      conflicts: 0,
      dropped: 0,
      byFollowing: 0,
      pastWriters: 0,
      writePauseMs: [],
      holdsGivenUp: 0,
      firstDifferences: [],
    },
    holds: NO_HOLDS,
    queries: null,
    secondCheck: null,
    acceptance: {},
    soakLeftMs: 0,
    emptyAliases: [],
    forced: [],
    commands: NO_COMMANDS,
    holder: null,
    rescued: null,
    clean: true,
    heartbeat: 0,
    message: '',
    startedAt: at,
    updatedAt: at,
    history: [],
    announced: '',
    stoppedBy: '',
    stoppedFor: 'hook',
    keptUntil: null,
    writeId: '',
  };
}

const DEFAULT_OPTIONS: MigrationRecord['options'] = {
  maxLagMs: 1_000,
  maxWritePauseMs: 2_000,
  graceMs: 60_000,
  leaseMs: 10_000,
  keepMs: null,
  soakMs: 0,
  dropRejected: false,
  maxRejected: 1_000,
};

/**
 * The users' aliases of the index, without twindex's own aliases, which an earlier migration may have left.
 */
export const aliasesOf = (live: LiveIndex): MigrationRecord['sourceAliases'] =>
  Object.fromEntries(
    Object.entries(aliasesOfClients(live.aliases)).map(([alias, properties]) => [alias, { ...properties }]),
  );
