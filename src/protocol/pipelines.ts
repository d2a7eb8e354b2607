// Runs the engine's ingest pipelines as steps of a transform.
import type { Cluster } from '../cluster/cluster.js';
import type { DocumentKey } from '../cluster/documents/multiGet.js';
import { simulatePipeline } from '../cluster/ingest/simulatePipeline.js';
import { isTwindexError, TwindexError } from '../errors.js';
import type { RunPipeline } from '../schema/chain.js';
import type { Source } from '../json/jsonTypes.js';
import { notAnAnswer, readError } from '../documents/hits.js';
import { parseSource, printSource } from '../json/json.js';
import { END, JsonScanner, Keys } from '../json/jsonScanner.js';

const MAX_DOCUMENTS = 500;
const MAX_BYTES = 5 << 20;

interface Waiting {
  readonly key: DocumentKey;
  readonly source: Buffer;
  readonly resolve: (doc: Source | null) => void;
  readonly reject: (error: unknown) => void;
}

/** Runs documents through pipelines. Documents of the same turn of the event loop share a request. */
export function pipelinesOf(cluster: Cluster): RunPipeline {
  const waiting = new Map<string, Waiting[]>();
  return (pipeline, doc, key) =>
    new Promise((resolve, reject) => {
      const batch = waiting.get(pipeline);
      const item = { key, source: printSource(doc), resolve, reject };
      if (batch) {
        batch.push(item);
        return;
      }
      waiting.set(pipeline, [item]);
      setImmediate(() => {
        const all = waiting.get(pipeline) ?? [];
        waiting.delete(pipeline);
        for (const part of partsOf(all)) void run(cluster, pipeline, part);
      });
    });
}

function partsOf(items: readonly Waiting[]): Waiting[][] {
  const parts: Waiting[][] = [];
  let bytes = 0;
  for (const item of items) {
    const part = parts.at(-1);
    if (!part || part.length >= MAX_DOCUMENTS || bytes + item.source.length > MAX_BYTES) {
      parts.push([item]);
      bytes = 0;
    } else part.push(item);
    bytes += item.source.length;
  }
  return parts;
}

async function run(cluster: Cluster, pipeline: string, items: readonly Waiting[]): Promise<void> {
  try {
    const results = readResults(await simulatePipeline(cluster, pipeline, bodyOf(items)));
    for (const [n, item] of items.entries()) settle(pipeline, item, results[n]);
  } catch (error) {
    // Send each document alone: one document that the engine can't read makes the whole request fail.
    if (items.length > 1 && isTwindexError(error, 'rejected', 'too_large')) {
      for (const item of items) await run(cluster, pipeline, [item]);
    } else for (const { reject } of items) reject(error);
  }
}

function bodyOf(items: readonly Waiting[]): Buffer {
  const parts: Buffer[] = [];
  for (const { key, source } of items) {
    const routing = key.routing === undefined ? '' : `"_routing":${JSON.stringify(key.routing)},`;
    const begin = parts.length === 0 ? '{"docs":[' : '},';
    parts.push(
      Buffer.from(`${begin}{"_index":"_index","_id":${JSON.stringify(key.id)},${routing}"_source":`),
      source,
    );
  }
  return Buffer.concat([...parts, Buffer.from('}]}')]);
}

type Result =
  | { readonly type: 'doc'; readonly key: DocumentKey; readonly index: string; readonly source: Buffer }
  | { readonly type: 'dropped' }
  | { readonly type: 'error'; readonly reason: string };

function settle(pipeline: string, { key, resolve, reject }: Waiting, result: Result | undefined): void {
  const failed = (what: string) =>
    reject(new TwindexError('failed', `the ingest pipeline ${pipeline} ${what}`));
  if (!result) return failed('did not answer for every document');
  if (result.type === 'dropped') return resolve(null);
  if (result.type === 'error') return failed(`failed for document ${key.id}: ${result.reason}`);
  const { id, routing } = result.key;
  if (id !== key.id || routing !== key.routing || result.index !== '_index')
    return failed(
      `changes the _id, _routing or _index of document ${key.id}. A pipeline in a transform must leave them unchanged`,
    );
  resolve(parseSource(result.source));
}

const ANSWER = new Keys('docs');
const ITEM = new Keys('doc', 'error');
const DOC = new Keys('_id', '_routing', '_index', '_source');

function readResults(body: Buffer): Result[] {
  const scanner = new JsonScanner(body);
  const results: Result[] = [];
  if (!scanner.enterObject()) throw notAnAnswer('_simulate', body);
  for (let name = scanner.nextKey(ANSWER); name !== END; name = scanner.nextKey(ANSWER)) {
    if (name !== 0 || !scanner.enterArray()) scanner.skip();
    else while (scanner.nextElement()) results.push(readResult(scanner));
  }
  return results;
}

/** The engine's answer for a dropped document is `null`, `{}` or `{"doc": null}`. */
function readResult(scanner: JsonScanner): Result {
  let result: Result = { type: 'dropped' };
  if (!scanner.enterObject()) {
    scanner.skip();
    return result;
  }
  for (let name = scanner.nextKey(ITEM); name !== END; name = scanner.nextKey(ITEM)) {
    if (name === 0) result = readDoc(scanner);
    else if (name === 1) {
      const { type, reason } = readError(scanner.raw());
      result = { type: 'error', reason: `${type}: ${reason}` };
    } else scanner.skip();
  }
  return result;
}

function readDoc(scanner: JsonScanner): Result {
  if (!scanner.enterObject()) {
    scanner.skip();
    return { type: 'dropped' };
  }
  let id = '';
  let routing: string | undefined;
  let index = '';
  let source: Buffer | undefined;
  for (let name = scanner.nextKey(DOC); name !== END; name = scanner.nextKey(DOC)) {
    if (name === 0) id = scanner.string();
    else if (name === 1) routing = scanner.string();
    else if (name === 2) index = scanner.string();
    else if (name === 3) source = scanner.raw();
    else scanner.skip();
  }
  return source ? { type: 'doc', key: { id, routing }, index, source } : { type: 'dropped' };
}
