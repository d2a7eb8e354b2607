// `_update`: a document, a script, or both with an upsert. Of the script language there are a few sentences.
import { EngineError } from './errors.js';
import type { Shard } from './shard.js';
import type { AppliedWrite, WriteRequest } from './writes.js';

type Document = Record<string, unknown>;

export interface Update {
  readonly doc?: Document;
  readonly upsert?: Document;
  readonly doc_as_upsert?: boolean;
  readonly detect_noop?: boolean;
  readonly scripted_upsert?: boolean;
  readonly script?: string | { readonly source: string; readonly params?: Document };
  readonly _source?: unknown;
}

export function applyUpdate(shard: Shard, request: WriteRequest, routing: string | undefined): AppliedWrite {
  const update = request.update ?? {};
  const live = shard.get(request.id);
  const put = (action: 'index' | 'create' | 'delete', source: string | undefined): AppliedWrite => {
    const { entry, result, status } = shard.applyOnPrimary({
      action,
      id: request.id,
      // a document keeps the routing that it has
      routing: live ? live.routing : routing,
      source,
      version: undefined,
      versionType: 'internal',
      ifSeqNo: request.ifSeqNo,
      ifTerm: request.ifTerm,
    });
    return { entry, result, status, at: entry, source };
  };
  if (!live) {
    const base = update.doc_as_upsert ? update.doc : update.upsert;
    if (base === undefined)
      throw new EngineError(404, 'document_missing_exception', `[${request.id}]: document missing`);
    if (!update.scripted_upsert) return put('create', JSON.stringify(base));
    const scripted = runScript(update, base);
    if (scripted.op === 'none') return noop({ seqNo: -2, term: 0, version: -1n }, undefined);
    return put('create', JSON.stringify(scripted.source));
  }
  // the condition holds for a noop too
  if (request.ifSeqNo !== undefined && (live.seqNo !== request.ifSeqNo || live.term !== request.ifTerm))
    return put('index', live.source);
  const before = JSON.parse(live.source as string) as Document;
  if (update.script !== undefined) {
    const scripted = runScript(update, before);
    if (scripted.op === 'none') return noop(live, live.source);
    if (scripted.op === 'delete') return put('delete', undefined);
    return put('index', JSON.stringify(scripted.source));
  }
  const merged = merge(before, update.doc ?? {});
  if (!merged.changed && update.detect_noop !== false) return noop(live, live.source);
  return put('index', JSON.stringify(merged.document));
}

function noop(at: AppliedWrite['at'], source: string | undefined): AppliedWrite {
  return { result: 'noop', status: 200, entry: undefined, at, source };
}

function runScript(
  { script }: Update,
  before: Document,
): { op: 'index' | 'none' | 'delete'; source: Document } {
  const { source, params = {} } = typeof script === 'object' ? script : { source: script ?? '' };
  const [, op] = /^ctx\.op\s*=\s*['"](\w+)['"];?$/.exec(source) ?? [];
  if (op === 'delete' || op === 'none') return { op, source: before };
  if (op === 'noop') return { op: 'none', source: before };
  const [, field = '', amount = '', param] =
    /^ctx\._source\.(\w+) \+= (\d+|params\.(\w+));?$/.exec(source) ?? [];
  if (!field) throw new EngineError(400, 'illegal_argument_exception', `failed to execute script: ${source}`);
  const added = Number(param === undefined ? amount : params[param]);
  return { op: 'index', source: { ...before, [field]: Number(before[field] ?? 0) + added } };
}

/** Objects are merged field by field; everything else is replaced. */
function merge(
  before: Document,
  change: Document,
): { readonly document: Document; readonly changed: boolean } {
  const document = { ...before };
  let changed = false;
  for (const [key, value] of Object.entries(change)) {
    const old = document[key];
    if (isObject(old) && isObject(value)) {
      const inner = merge(old, value);
      document[key] = inner.document;
      changed ||= inner.changed;
    } else if (!(key in document) || JSON.stringify(old) !== JSON.stringify(value)) {
      document[key] = value;
      changed = true;
    }
  }
  return { document, changed };
}

function isObject(value: unknown): value is Document {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
