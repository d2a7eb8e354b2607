// The filters of aliases that are to be moved to the target. The engine parses a filter when its alias is put on an index, and
// refuses one that does not fit the mapping. That has to be known before the readers move: the switch would fail again and again.
import { refresh } from '../../../cluster/indices/refresh.js';
import { updateAliases } from '../../../cluster/indices/updateAliases.js';
import { count } from '../../../cluster/guardedReads.js';
import { isTwindexError, messageOf } from '../../../errors.js';
import { isOver, type MigrationRecord } from '../../../protocol/record.js';
import { isObject } from '../../../json/plain.js';
import { type JsonObject } from '../../../json/jsonTypes.js';
import { count as countOf, withoutStop } from '../../../words.js';
import { type Session } from '../session.js';
import { now } from '../../../clock.js';
import { nextMove } from '../../../protocol/states.js';

/** How long a result is used again. The mapping may get new fields at any time, so the time is shorter before a move. */
const FRESH_MS = { waiting: 15_000, moving: 2_000 } as const;

/**
 * Why an alias can't be moved to the target as it is on the source; undefined when all can.
 * @param verified all documents are on the target, so that what the filters find there can be counted
 * @throws TwindexError for what passes by itself
 */
export async function whyFiltersFail(session: Session, verified: boolean): Promise<string | undefined> {
  const { record } = session;
  if (record.leader !== 'source' || isOver(record)) return undefined;
  const move = nextMove(record).type;
  const isMoving = move === 'readers' || move === 'writers';
  const freshMs = isMoving ? FRESH_MS.moving : FRESH_MS.waiting;
  const seen = session.filtersSeen;
  // readers may be moved in the same turn in which verification ends, so an earlier result does not do then
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
 * A filter may fit the new mapping and find nothing: a `term` of a field that is analysed now, for instance. Readers who come through
 * such an alias would find it empty. Only once all documents are on the target is it the filter that finds none.
 */
async function aliasesThatFindNothing({ source, target, record }: Session): Promise<string[]> {
  const found: string[] = [];
  for (const [alias, filter] of filtersOf(record)) {
    const documents = await count(source.cluster, source.index, filter);
    if (documents === 0 || (await count(target.cluster, target.index, filter)) > 0) continue;
    // nobody may have searched the target for long
    await refresh(target.cluster, target.index);
    if ((await count(target.cluster, target.index, filter)) > 0) continue;
    found.push(
      `the filter of ${alias} finds ${countOf(documents, 'document')} of ${source.index}, and none of ${target.index}`,
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
 * Asks the engine with a call that it can't carry out, so nothing is changed. The second alias has the name of the index, which is
 * always refused, but the engine parses the filter of the first alias before that.
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

/** What an engine takes as a filter may fail for each search through the alias. It counts only where it does not on the source. */
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
    `${withoutStop(reason)}. Either give ${target.index} what the filter needs (PUT /${target.index}/_mapping), and ask for the move ` +
    `again. Or: twindex abort ${name}, correct the filter of ${alias} on ${source.index} or the mapping in the index file, and begin again`
  );
}
