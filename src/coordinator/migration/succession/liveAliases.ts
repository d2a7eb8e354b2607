// Keeps the aliases in the record up to date, so that the switch moves the aliases that exist then. Somebody
// may add an alias to the leader (for a new tenant, for instance), change its filter or remove it.
import { indexAliases } from '../../../cluster/indices/indexAliases.js';
import type { AliasProperties } from '../../../cluster/indices/updateAliases.js';
import { aliasesOfClients } from '../../../protocol/names.js';
import type { MigrationRecord } from '../../../protocol/record.js';
import { sameJson } from '../../../json/plain.js';
import type { Json } from '../../../json/jsonTypes.js';
import type { Session } from '../session.js';
import { now } from '../../../clock.js';

type Aliases = MigrationRecord['sourceAliases'];

const FRESH_MS = 2_000;

/** @returns undefined if the record already has the present aliases */
export async function changedAliases(session: Session, freshMs = FRESH_MS): Promise<Aliases | undefined> {
  const { leader, record } = session;
  if (now() - session.aliasesSeenAt < freshMs) return undefined;
  session.aliasesSeenAt = now();
  const live = await indexAliases(leader.cluster, leader.index);
  const aliases = live && adoptAliases(record, live);
  if (aliases)
    session.note(`the aliases of ${leader.index} have changed: the migration will move them as they are now`);
  return aliases;
}

/** Like `changedAliases`, but the caller passes the aliases. Pure. */
export function adoptAliases(
  { aliases: { read, write }, layout, sourceAliases }: MigrationRecord,
  live: Readonly<Record<string, AliasProperties>>,
): Aliases | undefined {
  // Without the write alias, applications do not write to this index, so its aliases don't count.
  if (layout !== 'bare-index' && !Object.hasOwn(live, write)) return undefined;
  const found = Object.entries(aliasesOfClients(live));
  // Keep the read alias in the record: it may be on the other index.
  const elsewhere = Object.entries(sourceAliases).filter(
    ([alias]) => alias === read && !Object.hasOwn(live, read),
  );
  const next = Object.fromEntries([
    ...elsewhere,
    ...found.map(([alias, properties]): [string, Aliases[string]] => [
      alias,
      withWriteIndexOf(sourceAliases[alias], properties),
    ]),
  ]);
  return sameJson(next as Json, sourceAliases as Json) ? undefined : next;
}

/** Keeps the original `is_write_index`, because twindex itself changes it. */
function withWriteIndexOf(noted: Aliases[string] | undefined, properties: AliasProperties): Aliases[string] {
  if (!noted) return { ...properties };
  const { is_write_index: _, ...rest } = properties;
  return 'is_write_index' in noted ? { ...rest, is_write_index: noted['is_write_index'] } : rest;
}
