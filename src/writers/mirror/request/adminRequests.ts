// Refuses requests that would break a running migration: those that change its mappings, aliases or some
// settings, and those that close, delete, block or resize its indexes. The index may be named by any
// expression.
import { type Decision, illegal, PASS, refuse, refuseBecauseOf } from './decisions.js';
import type { Managed, ManagedNames } from './managedNames.js';
import { mayNameOwn } from './ownRequests.js';
import type { AdminAction, AdminTarget } from './target.js';

const NEEDS_BODY: ReadonlySet<AdminAction> = new Set(['alias', 'aliases', 'settings', 'createIndex']);

const WHAT: Readonly<Partial<Record<AdminAction, string>>> = {
  mapping: "the mapping can't be changed",
  deleteIndex: "an index can't be deleted",
  closeIndex: "an index can't be closed",
  block: "an index can't be blocked or unblocked",
  rollover: "an alias can't be rolled over",
  resize: "an index can't be shrunk, split or cloned",
};

export function refuseAdmin(target: AdminTarget, names: ManagedNames): Decision {
  const { action, index, name } = target;
  if (action === 'streamedBulk') {
    const [first] = names.all;
    return first ? refuseBecauseOf(first, "a bulk can't be streamed") : PASS;
  }
  if (action === 'openIndex') return PASS;
  if (action === 'createIndex' && index !== undefined) {
    const resolved = names.forWrite(index);
    if (resolved.type === 'refused') return refuse(illegal(resolved.reason));
  }
  if (NEEDS_BODY.has(action)) {
    const found = action === 'alias' ? aliasesTouched(names, index, name) : undefined;
    return found ? refuseBecauseOf(found, "aliases can't be changed") : { type: 'inspect', target };
  }
  const [reached] = names.reached(index);
  if (reached) return refuseBecauseOf(reached, WHAT[action] ?? 'this request is not possible');
  // inspect the body of a resize or a rollover, since it can give aliases to the new index
  return mayNameOwn(target) ? { type: 'inspect', target } : PASS;
}

/** @returns the migration whose indexes or aliases the change concerns, if any */
export function aliasesTouched(
  names: ManagedNames,
  index: string | undefined,
  alias: string | undefined,
): Managed | undefined {
  const [reached] = index === undefined || index === '' ? [] : names.reached(index);
  if (reached) return reached;
  return alias === undefined || alias === ''
    ? undefined
    : names.all.find((managed) => names.hasAlias(managed, alias));
}
