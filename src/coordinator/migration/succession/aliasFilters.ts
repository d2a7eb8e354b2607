// Checks the filters of the aliases that move to the target. The engine parses a filter when its alias is
// added to an index, and refuses a filter that does not fit the mapping. Such a filter must be found before
// the readers move, since later every switch would fail.
import { refresh } from '../../../cluster/indices/refresh.js';
import { updateAliases } from '../../../cluster/indices/updateAliases.js';
import { count } from '../../../cluster/guardedReads.js';
import { isTwindexError, messageOf } from '../../../errors.js';
import { isOver, type MigrationRecord } from '../../../protocol/record.js';
import { isObject } from '../../../json/plain.js';
import type { JsonObject } from '../../../json/jsonTypes.js';
import { count as countOf, withoutStop } from '../../../words.js';
import type { Session } from '../session.js';
import { now } from '../../../clock.js';
import { nextMove } from '../../../protocol/states.js';

/** How long a result is reused: shorter before a move, since the mapping may get new fields at any time. */
const FRESH_MS = { waiting: 15_000, moving: 2_000 } as const;

/**
 * @param verified whether all documents are on the target, so that matches of a filter can be counted
 * @throws TwindexError for transient errors
 */
export async function whyFiltersFail(session: Session, verified: boolean): Promise<string | undefined> {
  const { record } = session;
  if (record.leader !== 'source' || isOver(record)) return undefined;
  const move = nextMove(record).type;
  const isMoving = move === 'readers' || move === 'writers';
  const freshMs = isMoving ? FRESH_MS.moving : FRESH_MS.waiting;
  const seen = session.filtersSeen;
  // Readers may move in the round in which verification ends. So from then on, a result is reused only if
  // matches were counted for it.
  if (seen && (seen.counted || !verified) && now() - seen.at < freshMs) return seen.why;
  const at = now();
  let why: string | undefined;
  for (const [alias, filter] of filtersOf(record)) {
    const reason = (await whyRefused(session, filter)) ?? (await whyNotSearched(session, filter));
    if (reason === undefined) continue;
    why = textOf(record, alias, reason);
    break;
  }
  session.filtersSeen = { at, why, counted: verified };
  if (why === undefined && verified)
    session.effects.handle.stage({ emptyAliases: await aliasesThatFindNothing(session) });
  return why;
}

/**
 * A filter may fit the new mapping but match nothing, for example a `term` query on a field that is analysed
 * now. Then readers of the alias would find no documents. This can be checked once the target has all
 * documents.
 */
async function aliasesThatFindNothing({ source, target, record }: Session): Promise<string[]> {
  const found: string[] = [];
  for (const [alias, filter] of filtersOf(record)) {
    const documents = await count(source.cluster, source.index, filter);
    if (documents === 0 || (await count(target.cluster, target.index, filter)) > 0) continue;
    // Refresh and count again: an index that nobody searches may not refresh itself.
    await refresh(target.cluster, target.index);
    if ((await count(target.cluster, target.index, filter)) > 0) continue;
    found.push(
      `the filter of ${alias} matches ${countOf(documents, 'document')} in ${source.index}, and none in ${target.index}`,
    );
  }
  return found;
}

function filtersOf({ sourceAliases }: MigrationRecord): [alias: string, filter: JsonObject][] {
  return Object.entries(sourceAliases).flatMap(([alias, { filter }]): [string, JsonObject][] =>
    isObject(filter) ? [[alias, filter]] : [],
  );
}

/**
 * Asks the engine with a call that changes nothing: its second alias has the name of the index, which is
 * always refused. The engine parses the filter of the first alias before that.
 */
async function whyRefused({ target }: Session, filter: JsonObject): Promise<string | undefined> {
  const { cluster, index } = target;
  try {
    await updateAliases(cluster, [
      { add: { index, alias: `${index}.twindex-filter`, is_hidden: true, filter } },
      { add: { index, alias: index } },
    ]);
    return undefined;
  } catch (error) {
    if (!isTwindexError(error, 'rejected', 'conflict')) throw error;
    return error.engineType === 'invalid_alias_name_exception' ? undefined : messageOf(error);
  }
}

/** The engine may accept a filter that fails in searches. A filter that fails on the source is ignored. */
async function whyNotSearched({ source, target }: Session, filter: JsonObject): Promise<string | undefined> {
  const reason = await whyNotCounted(target, filter);
  return reason !== undefined && (await whyNotCounted(source, filter)) === undefined ? reason : undefined;
}

async function whyNotCounted(
  { cluster, index }: Session['target'],
  filter: JsonObject,
): Promise<string | undefined> {
  try {
    await count(cluster, index, filter);
    return undefined;
  } catch (error) {
    if (!isTwindexError(error, 'rejected')) throw error;
    return messageOf(error);
  }
}

function textOf({ name, source, target }: MigrationRecord, alias: string, reason: string): string {
  return (
    `readers and writers stay on ${source.index}, since the filter of the alias ${alias} does not fit the mapping of ${target.index}: ` +
    `${withoutStop(reason)}. Either add the fields that the filter needs to ${target.index} (PUT /${target.index}/_mapping), and request the move ` +
    `again. Or: twindex abort ${name}, correct the filter of ${alias} on ${source.index} or the mapping in the index file, and start again`
  );
}
