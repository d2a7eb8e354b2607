// Plans a bulk: finds the operations that concern a migration, and the version whose shape each document has.
import { mapping } from '../../../timeSlice.js';
import type { BulkOperation } from './bulkRequest.js';
import { isBare } from './bulkMetadata.js';
import { type BulkDecision, illegal } from '../request/decisions.js';
import type { EngineError } from '../request/engineError.js';
import type { ManagedNames } from '../request/managedNames.js';
import type { BulkTarget } from '../request/target.js';
import type { Write } from '../request/clientRequest.js';
import { namedVersion, refuseOwnVersion } from '../request/writeVersion.js';

export type PlannedOperation =
  /** The index has no running migration. */
  | { readonly type: 'foreign'; readonly index: string | undefined }
  | {
      readonly type: 'write';
      readonly name: string;
      readonly clientIndex: string;
      readonly version: number | undefined;
    }
  /** Only this item of the bulk is refused. */
  | { readonly type: 'refused'; readonly index: string; readonly error: EngineError };

/** @returns a plan for each operation; undefined if the whole bulk can be forwarded unchanged */
export function* planningBulk(
  { target, version }: BulkDecision,
  operations: readonly BulkOperation[],
  names: ManagedNames,
): Generator<void, PlannedOperation[] | undefined> {
  const known = new Map<string, PlannedOperation>();
  let ours = false;
  const planned = yield* mapping(operations, ({ index = target.index, action, params }): PlannedOperation => {
    const requireAlias =
      action !== 'delete' && isTrue(params['require_alias'] ?? target.params['require_alias']);
    const key = `${requireAlias}${index}`;
    let plan = known.get(key);
    if (!plan) known.set(key, (plan = planFor(index, requireAlias, version, names)));
    const error =
      index !== undefined && !isBare(params) ? ownVersionError(index, plan, params, names) : undefined;
    if (error) plan = { type: 'refused', index: index ?? '', error };
    ours ||= plan.type !== 'foreign';
    return plan;
  });
  return ours ? planned : undefined;
}

function ownVersionError(
  index: string,
  plan: PlannedOperation,
  params: BulkOperation['params'],
  names: ManagedNames,
): EngineError | undefined {
  const refused = refuseOwnVersion(index, params);
  const name = refused && (plan.type === 'write' ? plan.name : names.restingName(index));
  return name === undefined ? undefined : refuseOwnVersion(name, params);
}

function planFor(
  index: string | undefined,
  requireAlias: boolean,
  version: number | undefined,
  names: ManagedNames,
): PlannedOperation {
  const resolved = index === undefined ? undefined : names.forWrite(index, requireAlias);
  if (index === undefined || !resolved) return { type: 'foreign', index };
  if (resolved.type === 'foreign') {
    const resting = version === undefined ? undefined : names.restingAt(index);
    if (!resting || resting.liveVersion() === version) return { type: 'foreign', index };
    return { type: 'write', name: resting.name, clientIndex: index, version };
  }
  if (resolved.type === 'refused') return { type: 'refused', index, error: illegal(resolved.reason) };
  const named = namedVersion(resolved.managed, resolved.version, version);
  if (typeof named === 'object') return { type: 'refused', index, error: named };
  return { type: 'write', name: resolved.managed.name, clientIndex: index, version: named };
}

const isTrue = (text: string | undefined): boolean => text === 'true' || text === '';

/** Parameters of a bulk's URL that apply to each operation. */
const FOR_ALL = ['pipeline', 'require_alias'];
const OF_SOURCE = ['_source', '_source_includes', '_source_excludes'];

export function bulkWrite(
  operation: BulkOperation,
  { name, clientIndex, version }: Extract<PlannedOperation, { type: 'write' }>,
  target: BulkTarget,
): Write {
  const { action, id, routing = target.params['routing'], source: body, params: own } = operation;
  const params: Record<string, string> = {};
  const inherited = '_source' in own ? FOR_ALL : [...FOR_ALL, ...OF_SOURCE];
  for (const key of inherited) {
    const value = target.params[key];
    if (value !== undefined) params[key] = value;
  }
  Object.assign(params, own);
  // in metadata, a `_source` string is one pattern for the engines, even if it has commas
  if ('_source' in own && !/^(?:true|false|\[.*)$/.test(own['_source']))
    params['_source'] = JSON.stringify([own['_source']]);
  return { action, name, clientIndex, id, routing, version, body, params };
}
