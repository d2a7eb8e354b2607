// Reads a search as the application sent it, and converts it for one of the two indexes.

export interface RecordedQuery {
  readonly method: 'GET' | 'POST';
  /** The path as the client sent it, with the query string: `/catalogue-read/_search?size=5`. */
  readonly path: string;
  readonly body: string | undefined;
}

/** URL parameters that twindex leaves out: they are about a scroll, or about the form of the response. */
const LEFT_OUT = ['scroll', 'filter_path', 'human', 'pretty', 'format', 'error_trace'];

const PATH = /^\/?[^/?]+\/(_search|_count)(?:\?(.*))?$/;

/** @returns undefined if the path is not `/NAME/_search` or `/NAME/_count` */
export function partsOf(
  path: string,
): { readonly action: '_search' | '_count'; readonly query: string } | undefined {
  const match = PATH.exec(path);
  if (!match) return undefined;
  const [, action, query = ''] = match;
  return { action: action as '_search' | '_count', query };
}

/**
 * @param instead values that replace parameters of the request, since the engine prefers URL parameters to
 * the body
 */
export function pathFor(
  query: RecordedQuery,
  index: string,
  instead: Readonly<Record<string, string>> = {},
): string {
  const { action, query: given } = partsOf(query.path) ?? { action: '_search', query: '' };
  const parameters = new URLSearchParams(given);
  for (const name of LEFT_OUT) parameters.delete(name);
  for (const [name, value] of Object.entries(instead)) parameters.set(name, value);
  const text = parameters.toString();
  return `/${encodeURIComponent(index)}/${action}${text === '' ? '' : `?${text}`}`;
}

export interface Page {
  readonly from: number;
  readonly size: number;
  /** Whether the response has one hit per value of a field (`collapse`), while the total counts all hits. */
  readonly collapses: boolean;
  /** Positions in the sort values that only show where a document is stored. They define no order. */
  readonly unordered: ReadonlySet<number>;
}

const DEFAULT_SIZE = 10;
/** Sort keys that have a meaning only within one index. */
const PLACES = new Set(['_doc', '_shard_doc']);

interface SearchBody {
  readonly from?: unknown;
  readonly size?: unknown;
  readonly sort?: unknown;
  readonly collapse?: unknown;
}

export function pageOf({ path, body: text }: RecordedQuery): Page {
  const parameters = new URLSearchParams(partsOf(path)?.query ?? '');
  const body = bodyOf(text);
  const given = parameters.get('sort')?.split(',') ?? [body.sort ?? []].flat();
  const keys = given.map((key) =>
    typeof key === 'string' ? key.replace(/:(?:asc|desc)$/, '') : (Object.keys(key)[0] ?? ''),
  );
  return {
    from: Number(parameters.get('from') ?? body.from ?? 0),
    size: Number(parameters.get('size') ?? body.size ?? DEFAULT_SIZE),
    collapses: body.collapse !== undefined,
    unordered: new Set(keys.flatMap((key, at) => (PLACES.has(key) ? [at] : []))),
  };
}

/** Empty for a body that is not plain JSON, because the engine refuses it or it contains comments. */
function bodyOf(text: string | undefined): SearchBody {
  try {
    return (JSON.parse(text ?? '{}') ?? {}) as SearchBody;
  } catch {
    return {};
  }
}

export function titleOf({ path, body }: RecordedQuery): string {
  const parts = partsOf(path);
  const action = parts && parts.query === '' ? parts.action : path;
  const text = `${action} ${body ?? ''}`.replaceAll(/\s+/g, ' ').trim();
  return text.length > MOST_TITLE ? `${text.slice(0, MOST_TITLE - 3)}...` : text;
}

const MOST_TITLE = 160;
