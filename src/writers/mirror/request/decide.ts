// Decides from the head of a client's request how it is handled. Pure: the caller passes names and phases.
import { refuseAdmin } from './adminRequests.js';
import {
  type Decision,
  waitForSwitch,
  type Headers,
  illegal,
  PASS,
  refuse,
  refuseBecauseOf,
} from './decisions.js';
import { errorReply } from './engineError.js';
import { refuseMediaType, refuseOtherFormat } from './mediaType.js';
import type { ManagedNames } from './managedNames.js';
import { mayNameOwn, refuseOwn } from './ownRequests.js';
import { type DocumentTarget, readTarget } from './target.js';
import { namedVersion, refuseOwnVersion, versionOf } from './writeVersion.js';

export { decideByBody } from './bodyRequests.js';
export { bulkWrite, planningBulk, type PlannedOperation } from '../bulk/bulkPlan.js';
export type { BulkDecision, Decision, DocumentDecision, Headers } from './decisions.js';

export function decide(method: string, url: string, headers: Headers, names: ManagedNames): Decision {
  const target = readTarget(method, url);
  if (target.type === 'malformed') {
    const reason = `${target.reason}: twindex does not forward a request that the engine might read differently`;
    return {
      type: 'malformed',
      reply: errorReply({ status: 400, type: 'illegal_argument_exception', reason }),
    };
  }
  const own = refuseOwn(target, url);
  if (own) return own;
  if (!names.active && !(names.scattered && target.type === 'bulk')) {
    if (target.type === 'document') return decideDocument(target, headers, names);
    if (mayNameOwn(target)) return { type: 'inspect', target };
    if (target.type === 'bulk') {
      const media = refuseOtherFormat(headers);
      if (media) return media;
      // collect a compressed bulk, since it can't be checked while it is forwarded in pieces
      if (isPacked(headers)) return { type: 'bulk', target, version: undefined };
    }
    if (target.type !== 'bulk' || headers['x-twindex-version'] === undefined) return PASS;
    const version = versionOf(headers);
    if (typeof version === 'number' && !names.mayDifferFrom(version)) return PASS;
  }
  switch (target.type) {
    case 'document':
      return decideDocument(target, headers, names);
    case 'bulk': {
      const version = versionOf(headers);
      if (typeof version === 'object') return refuse(version);
      return refuseMediaType(headers, target.params, 'body') ?? { type: 'bulk', target, version };
    }
    case 'byQuery':
      return decideByQuery(target.index, names);
    case 'reindex':
      return { type: 'inspect', target };
    case 'typed':
      return decideTyped(target.index, names);
    case 'admin':
      return refuseAdmin(target, names);
    default:
      return PASS;
  }
}

const isPacked = (headers: Headers): boolean =>
  (headers['content-encoding'] ?? '').trim() !== '' && headers['content-encoding'] !== 'identity';

function decideDocument(target: DocumentTarget, headers: Headers, names: ManagedNames): Decision {
  const { index, action, params, id } = target;
  if (id === '') return PASS; // the engine refuses it
  const resolved = names.forWrite(
    index,
    params['require_alias'] === 'true' || params['require_alias'] === '',
  );
  if (resolved.type === 'foreign') return decideResting(target, headers, names);
  if (resolved.type === 'refused') return refuse(illegal(resolved.reason));
  const ownVersion = refuseOwnVersion(resolved.managed.name, params);
  if (ownVersion) return refuse(ownVersion);
  const named = namedVersion(resolved.managed, resolved.version, versionOf(headers));
  if (typeof named === 'object') return refuse(named);
  const { routing, ...rest } = params;
  const write = {
    action,
    name: resolved.managed.name,
    clientIndex: index,
    id,
    routing,
    version: named,
    params: rest,
  };
  return (
    refuseMediaType(headers, params, action === 'delete' ? 'nothing' : 'body') ?? {
      type: 'document',
      names,
      write,
    }
  );
}

/**
 * Decides about a write while no migration of its index runs. Only two things are checked: a `version_type`,
 * and a document version (`x-twindex-version`), which the index may not have.
 */
function decideResting(
  { index, action, params, id }: DocumentTarget,
  headers: Headers,
  names: ManagedNames,
): Decision {
  const name = 'version_type' in params ? names.restingName(index) : undefined;
  const ownVersion = name === undefined ? undefined : refuseOwnVersion(name, params);
  if (ownVersion) return refuse(ownVersion);
  const resting = headers['x-twindex-version'] === undefined ? undefined : names.restingAt(index);
  if (!resting || action === 'delete' || id === '') return PASS;
  const version = versionOf(headers);
  if (typeof version === 'object') return refuse(version);
  if (version === resting.liveVersion()) return PASS;
  const { routing, ...rest } = params;
  const write = { action, name: resting.name, clientIndex: index, id, routing, version, params: rest };
  return refuseMediaType(headers, params, 'body') ?? { type: 'document', names, write };
}

/**
 * Decides about a write by query. During a hold it has to wait here: it does not use the aliases of a
 * generation, so the engine would not refuse it when they are closed.
 */
function decideByQuery(index: string, names: ManagedNames): Decision {
  const [second] = names.reachedFollower(index);
  if (second)
    return refuseBecauseOf(
      second,
      `[${index}] includes the follower of a migration, which can't be written by query`,
    );
  return waitForSwitch(names.reached(index));
}

function decideTyped(index: string, names: ManagedNames): Decision {
  if (names.forWrite(index).type === 'foreign') return PASS;
  return refuse(
    illegal(
      `[${index}] is being migrated: paths with a mapping type are not supported during a migration; use /${index}/_doc`,
    ),
  );
}
