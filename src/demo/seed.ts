// Creates version 1 of the catalogue with its aliases and documents, and detects the engine's features.
import { setTimeout as sleep } from 'node:timers/promises';
import { JOURNAL, recordId, tokenPrefix, commandsId } from '../protocol/names.js';
import { keyOf, productOf } from './catalogue.js';
import { printExactJson } from './demoJson.js';
import type { EngineHttp } from './http.js';
import { documentOf, type Features, SCHEMA_V1 } from './schemas.js';
import { TwindexError } from '../errors.js';

const PAGE = 1_000;
const MERGING_MS = 60_000;

/** Asks the engine for its modules, because some builds lack modules that the full schema needs. */
export async function findFeatures(http: EngineHttp): Promise<Features> {
  const path = '/_nodes/_local?filter_path=nodes.*.modules.name';
  const { nodes } = await http.json<{ nodes: Record<string, { modules?: { name: string }[] }> }>('GET', path);
  const modules = new Set(
    Object.values(nodes).flatMap((node) => node.modules?.map((module) => module.name) ?? []),
  );
  return {
    scaledFloat: modules.has('mapper-extras'),
    edgeNgram: modules.has('analysis-common'),
    painless: modules.has('lang-painless'),
  };
}

/** @throws TwindexError `conflict` if indexes with this name exist already */
export async function createCatalogue(http: EngineHttp, name: string): Promise<void> {
  const taken = await http.send('GET', `/${name},${name}-*?filter_path=*.aliases&ignore_unavailable=true`);
  const indexes = taken.status === 200 ? Object.keys(JSON.parse(taken.text) as object) : [];
  if (indexes.length > 0) {
    throw new TwindexError(
      'conflict',
      `${http.url} has ${indexes.join(', ')} already, and the demo changes no index that it has not created. ` +
        `Delete these indexes, or use another name with --name.`,
    );
  }
  await http.json('PUT', `/${name}-v1`, {
    ...SCHEMA_V1,
    aliases: { [`${name}-read`]: {}, [`${name}-write`]: { is_write_index: true } },
  });
}

export async function fillCatalogue(
  http: EngineHttp,
  options: { name: string; documents: number; onProgress: (done: number) => void; signal: AbortSignal },
): Promise<void> {
  const { name, documents, onProgress, signal } = options;
  for (let from = 0; from < documents; from += PAGE) {
    signal.throwIfAborted();
    const lines: string[] = [];
    for (let n = from; n < Math.min(from + PAGE, documents); n++) {
      const { id, routing } = keyOf(n);
      lines.push(JSON.stringify({ index: { _id: id, ...(routing === undefined ? {} : { routing }) } }));
      lines.push(printExactJson(documentOf(productOf(n), 1)));
    }
    const answer = await http.json<{ errors: boolean }>('POST', `/${name}-v1/_bulk`, `${lines.join('\n')}\n`);
    if (answer.errors) throw new TwindexError('failed', "the engine refused some of the demo's products");
    onProgress(Math.min(from + PAGE, documents));
  }
  await http.json('POST', `/${name}-v1/_refresh`);
  await untilMerged(http, name, signal);
}

/** Waits for background merges after the documents are loaded. On two cores, merges would slow down the writes. */
async function untilMerged(http: EngineHttp, name: string, signal: AbortSignal): Promise<void> {
  const path = `/${name}-v1/_stats/merge?filter_path=_all.total.merges.current`;
  const deadline = performance.now() + MERGING_MS;
  while (performance.now() < deadline) {
    const { _all } = await http.json<{ _all: { total: { merges: { current: number } } } }>('GET', path);
    if (_all.total.merges.current === 0) return;
    await sleep(200, undefined, { signal });
  }
}

/** Deletes the indexes of the demo, and its record in the journal, which would confuse the next demo. */
export async function removeCatalogue(http: EngineHttp, name: string): Promise<void> {
  await http.send('DELETE', `/${name}-v1,${name}-v2?ignore_unavailable=true`);
  for (const id of [recordId(name), commandsId(name)]) {
    const path = `/${JOURNAL}/_doc/${encodeURIComponent(id)}`;
    // if there is no journal, a DELETE could create one
    const found = await http.send('GET', path);
    if (found.status === 200) await http.send('DELETE', `${path}?refresh=true`);
  }
  await http.send('DELETE', `/${JOURNAL}/_alias/${tokenPrefix(name)}*`);
}
