// Parses a file of searches in NDJSON. A line is the body of a search (`{"query": ...}`), or a request with
// its path (`{"path": "/catalogue-read/_search", "body": {...}}`), as the gateway records it.
import { TwindexError } from '../errors.js';
import { parseJson, printJson } from '../json/exactJson.js';
import { partsOf, type RecordedQuery } from './recordedQuery.js';

/** The keys of a line with a path. Other keys are mistakes. */
const REQUEST_KEYS = new Set(['method', 'path', 'body']);
const MOST = 10_000;
const SHOWN = 5;

export interface ParseOptions {
  readonly file: string;
  /** The alias for searches without a path. */
  readonly alias: string;
}

/** @throws TwindexError `config_invalid` with one line for each of the first invalid requests */
export function parseQueries(text: string, { file, alias }: ParseOptions): RecordedQuery[] {
  const queries: RecordedQuery[] = [];
  const problems: string[] = [];
  // An editor may have put a byte order mark in front.
  for (const [n, line] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    if (line.trim() === '') continue;
    const found = parseLine(line, alias);
    if (typeof found === 'string') problems.push(`${file}: line ${n + 1}: ${found}`);
    else queries.push(found);
  }
  if (queries.length === 0 && problems.length === 0)
    problems.push(`${file}: expected one search per line, found none`);
  if (queries.length > MOST)
    problems.push(`${file}: expected at most ${MOST} searches, found ${queries.length}`);
  if (problems.length > 0) throw new TwindexError('config_invalid', problems.slice(0, SHOWN).join('\n'));
  return queries;
}

/** @returns the request or, if the line is not valid, the text for the error */
function parseLine(line: string, alias: string): RecordedQuery | string {
  let value: unknown;
  try {
    value = parseJson(line);
  } catch {
    return `expected a JSON object on one line, found ${JSON.stringify(line.slice(0, 60))}`;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return `expected a JSON object, found ${line.slice(0, 60)}`;
  const isRequest = 'path' in value;
  if (!isRequest) return { method: 'POST', path: `/${encodeURIComponent(alias)}/_search`, body: line.trim() };
  const { method = 'POST', path, body } = value as { method?: unknown; path: unknown; body?: unknown };
  const unknown = Object.keys(value).find((key) => !REQUEST_KEYS.has(key));
  if (unknown !== undefined) return `expected method, path and body, found ${JSON.stringify(unknown)}`;
  if (method !== 'GET' && method !== 'POST')
    return `method: expected GET or POST, found ${JSON.stringify(method)}`;
  if (typeof path !== 'string' || !partsOf(path))
    return `path: expected a path such as /${alias}/_search or /${alias}/_count, found ${JSON.stringify(path)}`;
  if (body !== undefined && body !== null && typeof body !== 'string' && typeof body !== 'object')
    return `body: expected a JSON object, found ${JSON.stringify(body)}`;
  const text = typeof body === 'string' ? body : body ? printJson(body) : undefined;
  return { method, path, body: text };
}
