// Decides about requests whose body names indexes: alias changes, settings, new indexes, and reindexing.
import { parseDocument } from '../../../json/parseDocument.js';
import { isObject } from '../../../json/plain.js';
import { aliasesTouched } from './adminRequests.js';
import {
  type Decision,
  waitForSwitch,
  illegal,
  type InspectDecision,
  PASS,
  refuse,
  refuseBecauseOf,
} from './decisions.js';
import type { ManagedNames } from './managedNames.js';
import { actionsOf, mayNameOwn, refuseOwnInBody, textsOf } from './ownRequests.js';
import { refuseOwnVersion } from './writeVersion.js';
import type { AdminTarget } from './target.js';

type Answer = Extract<Decision, { type: 'pass' | 'waitForSwitch' | 'refuse' | 'malformed' }>;

export function decideByBody(
  { target }: InspectDecision,
  bytes: Buffer | undefined,
  names: ManagedNames,
): Answer {
  const body = readBody(bytes);
  if (body === undefined) return decideUnread(target, names);
  const own = refuseOwnInBody(target, body);
  if (own) return own;
  if (!names.active) return PASS;
  if (target.type === 'reindex') return decideReindex(body, names);
  switch (target.action) {
    case 'aliases':
      return decideAliases(body, names);
    case 'alias': {
      const found = aliasesTouched(
        names,
        textOf(body['index']) ?? target.index,
        textOf(body['alias']) ?? target.name,
      );
      return found ? refuseBecauseOf(found, "aliases can't be changed") : PASS;
    }
    case 'createIndex':
    case 'resize':
    case 'rollover': {
      const aliases = isObject(body['aliases']) ? Object.keys(body['aliases']) : [];
      const found = aliases.map((alias) => aliasesTouched(names, '', alias)).find(Boolean);
      return found ? refuseBecauseOf(found, "its aliases can't be given to another index") : PASS;
    }
    default:
      return decideSettings(target, body, names);
  }
}

/** Refuses a body that cannot be parsed, if it might name an index of twindex or of a running migration. */
function decideUnread(target: InspectDecision['target'], names: ManagedNames): Answer {
  if (!names.active && mayNameOwn(target))
    return refuse(illegal('the body is not readable as JSON, so twindex cannot see which indexes it names'));
  const index = target.type === 'admin' && target.action === 'settings' ? target.index : undefined;
  const [reached] = names.reached(index);
  if (!reached) return PASS;
  return refuse(
    illegal(
      `the body is not readable as JSON, so twindex cannot see whether it concerns [${reached.name}], which is being migrated`,
    ),
  );
}

function readBody(bytes: Buffer | undefined): Record<string, unknown> | undefined {
  if (!bytes || bytes.toString().trim() === '') return {};
  try {
    const value = parseDocument(bytes, String);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function decideReindex(body: Record<string, unknown>, names: ManagedNames): Answer {
  const { dest: to } = body;
  const dest = isObject(to) ? textOf(to['index']) : undefined;
  if (!isObject(to) || dest === undefined) return PASS;
  const resolved = names.forWrite(dest);
  if (resolved.type === 'foreign') return PASS;
  if (resolved.type === 'refused') return refuse(illegal(resolved.reason));
  const [second] = names.reachedFollower(dest);
  if (second)
    return refuseBecauseOf(
      second,
      `[${dest}] is the follower of a migration, and can't be the destination of a reindex`,
    );
  const versionType = textOf(to['version_type']);
  const ownVersion = versionType && refuseOwnVersion(resolved.managed.name, { version_type: versionType });
  return ownVersion ? refuse(ownVersion) : waitForSwitch([resolved.managed]);
}

function decideAliases(body: Record<string, unknown>, names: ManagedNames): Answer {
  for (const action of actionsOf(body['actions'])) {
    for (const value of isObject(action) ? Object.values(action) : []) {
      if (!isObject(value)) continue;
      const indexes = textsOf(value['index'], value['indices']);
      const aliases = textsOf(value['alias'], value['aliases']);
      const found = aliasesTouched(names, indexes.join(','), aliases.join(','));
      if (found) return refuseBecauseOf(found, "aliases can't be changed");
    }
  }
  return PASS;
}

/** Settings that a migration relies on: they decide what a write does, and how long tombstones are kept. */
const GUARDED = /^(?:index\.)?(?:blocks\.|gc_deletes$|default_pipeline$|final_pipeline$|search_only)/;

function decideSettings({ index }: AdminTarget, body: Record<string, unknown>, names: ManagedNames): Answer {
  const [reached] = names.reached(index);
  if (!reached) return PASS;
  const guarded = settingNames(isObject(body['settings']) ? body['settings'] : body).find((name) =>
    GUARDED.test(name),
  );
  return guarded === undefined ? PASS : refuseBecauseOf(reached, `the setting ${guarded} can't be changed`);
}

/** `{ index: { blocks: { write: true } } }` and `{ "index.blocks.write": true }` are the same setting. */
function settingNames(settings: Record<string, unknown>, prefix = ''): string[] {
  return Object.entries(settings).flatMap(([key, value]) =>
    isObject(value) ? settingNames(value, `${prefix}${key}.`) : [`${prefix}${key}`],
  );
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
