// What an index holds, as text, read with plain HTTP: nothing of twindex's own code is in between, so that a blind spot of
// its reads cannot hide a difference here.
import { parseDocument, isMap, isScalar, isSeq, type Node } from 'yaml';
import { request } from 'undici';

export interface Engine {
  readonly name: 'opensearch' | 'elasticsearch';
  readonly version: string;
  readonly url: string;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

export async function send({ method, url, headers = {}, body }: Sent): Promise<Answer> {
  const type = /\/_(bulk|msearch)\b/.test(url) ? 'application/x-ndjson' : 'application/json';
  const answer = await request(url, {
    method: method as 'GET',
    headers: { ...(body === undefined ? {} : { 'content-type': type }), ...headers },
    body: body ?? null,
    headersTimeout: 120_000,
    bodyTimeout: 120_000,
  });
  return { status: answer.statusCode, text: await answer.body.text() };
}

/** @throws for every status but 2xx */
export async function read(sent: Sent): Promise<string> {
  const { status, text } = await send(sent);
  if (status < 300) return text;
  throw new Error(`${sent.method} ${sent.url} was answered with ${status}: ${text.slice(0, 2_000)}`);
}

/** More than this in one index is no case for a text comparison, and one search returns no more. */
const MOST_DOCUMENTS = 10_000;

/** Every document as two lines, as in `_bulk`: id and routing, then the source as it is stored. Sorted by id. */
export async function documentsOf(engine: Engine, index: string): Promise<string> {
  await read({ method: 'POST', url: `${engine.url}/${index}/_refresh` });
  const found = await listDocuments(engine, index);
  const lines: string[] = [];
  for (let at = 0; at < found.length; at += 16) {
    const some = found.slice(at, at + 16);
    const sources = await Promise.all(some.map((one) => sourceOf(engine, index, one)));
    some.forEach((one, i) => lines.push(`${keyLine(one)}\n${sources[i]}\n`));
  }
  return lines.join('');
}

/** The same text of a file in the form of `_bulk`. */
export function documentsIn(ndjson: string): string {
  const lines = ndjson.split('\n').filter((line) => line.trim() !== '');
  const documents: (Key & { text: string })[] = [];
  for (let at = 0; at < lines.length; at += 2) {
    const action = JSON.parse(lines[at] as string) as Record<string, { _id?: string; routing?: string }>;
    const key = action['index'] ?? action['create'];
    if (key?._id === undefined) throw new Error(`expected {"index":{"_id":"..."}}, found ${lines[at]}`);
    const one = { _id: key._id, _routing: key.routing };
    documents.push({ ...one, text: `${keyLine(one)}\n${withoutSpaces(lines[at + 1] ?? '')}\n` });
  }
  return documents
    .sort(byKey)
    .map(({ text }) => text)
    .join('');
}

interface Key {
  readonly _id: string;
  readonly _routing?: string | undefined;
}

const keyLine = ({ _id, _routing }: Key): string => JSON.stringify({ index: { _id, routing: _routing } });

function byKey(a: Key, b: Key): number {
  const [one, other] = [a, b].map(({ _id, _routing }) => `${_id}\u0000${_routing ?? ''}`) as [string, string];
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

async function listDocuments({ name, url }: Engine, index: string): Promise<readonly Key[]> {
  const pipeline = name === 'opensearch' ? '&search_pipeline=_none' : '';
  const text = await read({
    method: 'POST',
    url: `${url}/${index}/_search?allow_partial_search_results=false${pipeline}`,
    body: `{"size":${MOST_DOCUMENTS},"track_total_hits":true,"timeout":"10m","_source":false,"query":{"match_all":{}}}`,
  });
  const { timed_out, hits } = JSON.parse(text) as {
    timed_out: boolean;
    hits: { total: { value: number }; hits: Key[] };
  };
  if (timed_out || hits.hits.length !== hits.total.value)
    throw new Error(
      `${index} has ${hits.total.value} documents, of which a search returned ${hits.hits.length}`,
    );
  return hits.hits.sort(byKey);
}

async function sourceOf(engine: Engine, index: string, { _id, _routing }: Key): Promise<string> {
  const query = new URLSearchParams({ realtime: 'true' });
  if (_routing !== undefined) query.set('routing', _routing);
  if (engine.name === 'elasticsearch' && isAtLeast(engine.version, 9, 2))
    query.set('_source_exclude_vectors', 'false');
  const url = `${engine.url}/${index}/_source/${encodeURIComponent(_id)}?${query.toString()}`;
  const { status, text } = await send({ method: 'GET', url });
  if (status === 200) return withoutSpaces(text);
  return `a search finds this document, GET does not: ${status} ${text}`;
}

function isAtLeast(version: string, major: number, minor: number): boolean {
  const [first = 0, second = 0] = version.split('.').map(Number);
  return first > major || (first === major && second >= minor);
}

/** JSON without the white space outside of its strings, which means nothing. */
function withoutSpaces(json: string): string {
  return json.replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1');
}

/** Each leaf by its path, as it is written: every digit, 1.0 and 1, and keys such as `__proto__`. */
export function leavesOf(json: string): Map<string, string> {
  const document = parseDocument(json, { uniqueKeys: false });
  const [error] = document.errors;
  if (error) throw new Error(`expected JSON: ${error.message}`);
  const leaves = new Map<string, string>();
  visit(document.contents, '', leaves);
  return leaves;
}

function visit(node: Node | null, path: string, leaves: Map<string, string>): void {
  const below = (key: string) => (path === '' ? key : `${path}.${key}`);
  if (isMap(node)) {
    if (node.items.length === 0) leaves.set(path, '{}');
    for (const { key, value } of node.items)
      visit(value as Node, below(String((key as { value: unknown }).value)), leaves);
  } else if (isSeq(node)) {
    leaves.set(path, `a list of ${node.items.length}`);
    node.items.forEach((item, at) => visit(item as Node, below(String(at)), leaves));
  } else if (isScalar(node)) {
    leaves.set(path, typeof node.value === 'string' ? JSON.stringify(node.value) : (node.source ?? 'null'));
  }
}
