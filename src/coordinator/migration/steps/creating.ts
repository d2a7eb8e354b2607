// State `creating`: creates the empty target index. No alias of an application is on it.
import { closeIndex } from '../../../cluster/indices/closeIndex.js';
import { countDocuments } from '../../../cluster/documents/countDocuments.js';
import { createIndex } from '../../../cluster/indices/createIndex.js';
import { getIndexes, type LiveIndex, uuidOf } from '../../../cluster/indices/getIndex.js';
import { openIndex } from '../../../cluster/indices/openIndex.js';
import { primaryTerms } from '../../../cluster/indices/primaryTerms.js';
import { refresh } from '../../../cluster/indices/refresh.js';
import { shardStats } from '../../../cluster/indices/shardStats.js';
import { isTwindexError, TwindexError } from '../../../errors.js';
import { notAsDeclared } from '../../../schema/asDeclared.js';
import type { Schema } from '../../../schema/diff.js';
import type { Session } from '../session.js';
import type { Step } from '../step.js';
import { targetBody } from '../duties/targetIndex.js';
import { ownMeta } from '../../../protocol/ownMeta.js';
import { addFields, wantedTarget } from '../duties/wantedTarget.js';

interface Outcome {
  readonly documents: number;
  readonly checkpoints: readonly number[];
}

export const creating: Step<'creating', Outcome> = {
  async act(session) {
    const { record } = session;
    const body = targetBody(await wantedTarget(session), record);
    const created = await create(session, body);
    const target = await findTarget(session);
    if (created.type === 'exists') {
      requireOurs(session, target);
      await addFields(session, target, body);
    }
    const made = await findTarget(session);
    requireAsDeclared(session, made, body);
    session.effects.handle.stage({ uuids: { ...record.uuids, target: uuidOf(made) } });
    await raiseTerms(session);
    const { source } = session;
    // Without a refresh, an index with `refresh_interval: -1` may be counted as empty.
    await refresh(source.cluster, source.index);
    const [documents, terms] = await Promise.all([
      countDocuments(source.cluster, source.index),
      primaryTerms(source.cluster, source.index),
    ]);
    const stats = await shardStats(source.cluster, source.index, terms.length);
    return { documents, checkpoints: stats.map(({ globalCheckpoint }) => globalCheckpoint) };
  },

  decide(record, { documents, checkpoints }) {
    if (record.goal === 'aborted') return { to: 'aborting', patch: {} };
    const cursors = checkpoints.map(() => -1);
    // These checkpoints are saved before `_reindex` copies documents with their own `_version`, and are never
    // raised. A document that is deleted and created again may begin at `_version` 1 again, and would lose
    // against the copy of its earlier state. So following copies all later operations.
    const backfillUpTo = record.route === 'client' ? null : [...checkpoints];
    return { to: 'copying', patch: { documents, cursors, roleStart: cursors, backfillUpTo } };
  },
};

/** @throws TwindexError `rejected` if the engine refuses to create the index as declared */
async function create({ cluster, effects, record }: Session, body: Schema): ReturnType<typeof createIndex> {
  try {
    return await effects.run('createTarget', () => createIndex(cluster, record.target.index, body));
  } catch (error) {
    if (!isTwindexError(error, 'rejected')) throw error;
    throw new TwindexError(
      'rejected',
      `the engine refuses to create ${record.target.index} as it is declared: ${error.message}. Nothing was copied or changed. Abort ` +
        `the migration (twindex abort ${record.name}), correct the index file, and start again`,
      { cause: error },
    );
  }
}

async function findTarget({ cluster, record }: Session): Promise<LiveIndex> {
  const [target] = await getIndexes(cluster, record.target.index);
  if (target) return target;
  throw new TwindexError(
    'not_found',
    `index ${record.target.index} was deleted by somebody. Run the command again.`,
  );
}

function requireOurs({ record }: Session, target: LiveIndex): void {
  if (ownMeta(target.mappings)?.migration === record.id) return;
  throw new TwindexError(
    'unsafe',
    `index ${record.target.index} exists, but this migration did not create it. ` +
      `Delete it, or raise the version in the index file, and run the command again.`,
  );
}

/** Refuses a target that is not as declared, since its search results would differ from what the user expects. */
function requireAsDeclared({ cluster, record }: Session, target: LiveIndex, body: Schema): void {
  const found = notAsDeclared(target, body, cluster.engine);
  if (found.length === 0) return;
  throw new TwindexError(
    'unsafe',
    `the engine did not create ${target.index} as declared: ${found.slice(0, 5).join('; ')}. Nothing was copied. ` +
      `Abort the migration (twindex abort ${record.name}), write the index file in the form that the engine uses, and start again.`,
  );
}

/**
 * Raises the target's primary terms above the source's, by closing and opening the target. Then an
 * `if_seq_no` and `if_primary_term` from one index never match a document of the other by accident.
 */
async function raiseTerms(session: Session): Promise<void> {
  const { cluster, effects, record, source } = session;
  const highest = Math.max(...(await primaryTerms(source.cluster, source.index)));
  for (;;) {
    // Open the target first, because an earlier coordinator may have left it closed.
    await effects.run('openTarget', () => openIndex(cluster, record.target.index));
    const lowest = Math.min(...(await primaryTerms(cluster, record.target.index)));
    if (lowest > highest + 1) return;
    await effects.run('closeTarget', () => closeIndex(cluster, record.target.index));
  }
}
