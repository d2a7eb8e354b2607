// Reads a whole index and compares it with the record of acknowledged writes.
import { isDeepStrictEqual } from 'node:util';
import type { Key } from './catalogue.js';
import type { EngineHttp } from './http.js';
import { nameOf, type WriteRecord } from './writeRecord.js';
import { documentOf } from './schemas.js';
import { printExactJson } from './demoJson.js';

export interface Comparison {
  readonly documents: number;
  /** Documents that are missing, or that lack their last acknowledged write. */
  readonly lost: number;
  /** Documents that exist although they were deleted or never written. */
  readonly resurrected: number;
  readonly examples: readonly string[];
}

const MAX_EXAMPLES = 5;
const PAGE = 500;

/** @param version the version whose shape the documents should have */
export async function compareWithRecord(
  http: EngineHttp,
  index: string,
  record: WriteRecord,
  version: number,
): Promise<Comparison> {
  await http.json('POST', `/${index}/_refresh`);
  const found = new Set<string>();
  const result = { documents: 0, lost: 0, resurrected: 0, examples: [] as string[] };
  const note = (text: string) => {
    if (result.examples.length < MAX_EXAMPLES) result.examples.push(`${index}: ${text}`);
  };
  for await (const { key, source } of documentsOf(http, index)) {
    result.documents += 1;
    found.add(nameOf(key));
    const states = record.possibleStates(key);
    const wanted = states.filter((state) => state !== null).map((state) => documentOf(state, version));
    if (wanted.length === 0) {
      result.resurrected += 1;
      note(`${show(key)} exists, but must not`);
    } else if (!wanted.some((document) => isDeepStrictEqual(document, source))) {
      result.lost += 1;
      note(`${show(key)} lacks its last write: ${firstDifference(wanted[0], source)}`);
    }
  }
  for (const key of record.keys()) {
    if (found.has(nameOf(key)) || record.possibleStates(key).includes(null)) continue;
    result.lost += 1;
    note(`${show(key)} is missing`);
  }
  return result;
}

interface ScrollPage {
  readonly _scroll_id: string;
  readonly hits: {
    readonly hits: readonly { _id: string; _routing?: string; _source: Record<string, unknown> }[];
  };
}

async function* documentsOf(
  http: EngineHttp,
  index: string,
): AsyncIterable<{ key: Key; source: Record<string, unknown> }> {
  const search = { size: PAGE, sort: ['_doc'], query: { match_all: {} } };
  let page = await http.json<ScrollPage>('POST', `/${index}/_search?scroll=1m`, search);
  while (page.hits.hits.length > 0) {
    for (const hit of page.hits.hits)
      yield { key: { id: hit._id, routing: hit._routing }, source: hit._source };
    page = await http.json<ScrollPage>('POST', '/_search/scroll', {
      scroll: '1m',
      scroll_id: page._scroll_id,
    });
  }
  await http.json('DELETE', '/_search/scroll', { scroll_id: page._scroll_id });
}

function firstDifference(wanted: Record<string, unknown> = {}, found: Record<string, unknown>): string {
  const names = [...new Set([...Object.keys(wanted), ...Object.keys(found)])];
  const name = names.find((field) => !isDeepStrictEqual(wanted[field], found[field])) ?? '';
  return `${name} is ${short(found[name])}, but must be ${short(wanted[name])}`;
}

function short(value: unknown): string {
  return value === undefined ? 'absent' : printExactJson(value).slice(0, 120);
}

function show({ id, routing }: Key): string {
  return (
    JSON.stringify(id.slice(0, 60)) + (routing === undefined ? '' : ` (routing ${JSON.stringify(routing)})`)
  );
}
