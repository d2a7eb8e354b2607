// Runs the preflight checks in parallel.
import { concernsOneRequest } from '../../cluster/engineErrors.js';
import { messageOf } from '../../errors.js';
import { withoutStop } from '../../words.js';
import { checkAliases } from './aliases.js';
import { checkAllocation } from './allocation.js';
import type { Check, CheckContext, Finding } from './check.js';
import { checkClosed } from './closed.js';
import { checkClusterBlocks } from './clusterBlocks.js';
import { checkCopyTargets } from './copyTargets.js';
import { checkDataStream } from './dataStream.js';
import { checkDeclaredBlocks } from './declaredBlocks.js';
import { checkDeclaredSettings } from './declaredSettings.js';
import { checkDiskRoom } from './diskRoom.js';
import { checkExternalVersions } from './externalVersions.js';
import { checkHealth } from './health.js';
import { checkIndexBlocks } from './indexBlocks.js';
import { checkIndexTemplate } from './indexTemplate.js';
import { checkIngestPipelines } from './ingestPipelines.js';
import { checkLifecycle } from './lifecycle.js';
import { checkLostMigration } from './lostMigration.js';
import { checkRouting } from './routing.js';
import { checkSearchPipeline } from './searchPipeline.js';
import { checkSearchReplicas } from './searchReplicas.js';
import { checkShardLimit } from './shardLimit.js';
import { checkSourceField } from './sourceField.js';
import { checkSpecialIndex } from './specialIndex.js';
import { checkTargetFree } from './targetFree.js';
import { checkTransformPipelines } from './transformPipelines.js';

const ALL: Readonly<Record<string, Check>> = {
  'lost-migration': checkLostMigration,
  closed: checkClosed,
  'cluster-blocks': checkClusterBlocks,
  'declared-blocks': checkDeclaredBlocks,
  'declared-settings': checkDeclaredSettings,
  'index-blocks': checkIndexBlocks,
  health: checkHealth,
  allocation: checkAllocation,
  aliases: checkAliases,
  'data-stream': checkDataStream,
  'special-index': checkSpecialIndex,
  lifecycle: checkLifecycle,
  'source-field': checkSourceField,
  'copy-targets': checkCopyTargets,
  'external-versions': checkExternalVersions,
  'ingest-pipelines': checkIngestPipelines,
  'search-pipeline': checkSearchPipeline,
  routing: checkRouting,
  'transform-pipelines': checkTransformPipelines,
  'target-free': checkTargetFree,
  'index-template': checkIndexTemplate,
  'disk-room': checkDiskRoom,
  'search-replicas': checkSearchReplicas,
  'shard-limit': checkShardLimit,
};

/** `copy`: an index is created. `in-place`: the live index is changed. `nothing`: no change is needed. */
export type Scope = 'copy' | 'in-place' | 'nothing';

const NAMES: Readonly<Record<Scope, readonly string[]>> = {
  copy: Object.keys(ALL),
  'in-place': [
    'lost-migration',
    'closed',
    'cluster-blocks',
    'declared-blocks',
    'declared-settings',
    'index-blocks',
    'search-replicas',
    'copy-targets',
    'data-stream',
    'aliases',
    'ingest-pipelines',
    'search-pipeline',
  ],
  nothing: ['lost-migration', 'closed', 'declared-blocks', 'declared-settings', 'aliases'],
};

const SEVERITY = { block: 0, warn: 1, info: 2 } as const;

/**
 * Runs the checks; the most serious findings come first. If the engine refuses the requests of a check (a
 * privilege is missing, or a managed service lacks the API), the result is a warning.
 * @throws TwindexError `unreachable`, `unanswered`, and `unauthorized` for wrong credentials
 */
export async function runChecks(context: CheckContext, scope: Scope): Promise<Finding[]> {
  const found = await Promise.all(NAMES[scope].map((name) => runCheck(name, context)));
  return found.flat().sort((a, b) => SEVERITY[a.level] - SEVERITY[b.level]);
}

async function runCheck(name: string, context: CheckContext): Promise<Finding[]> {
  try {
    return (await ALL[name]?.(context)) ?? [];
  } catch (error) {
    if (!concernsOneRequest(error)) throw error;
    return [
      {
        check: name,
        level: 'warn',
        message: `${name} could not be checked: ${withoutStop(messageOf(error))}. Correct this, or check it by hand.`,
      },
    ];
  }
}
