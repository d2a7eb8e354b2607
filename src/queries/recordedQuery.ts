// A search as the application sends it, and the same search for one of the two indexes.

/** One request. */
export interface RecordedQuery {
  readonly method: 'GET' | 'POST';
  /** As the client sent it, with its query string: `/catalogue-read/_search?size=5`. */
  readonly path: string;
  /** JSON text. */
  readonly body: string | undefined;
}

/** Of the engine's parameters those that belong to one cursor or one answer, and mean nothing in a replay. */
const LEFT_OUT = ['scroll', 'filter_path', 'human', 'pretty', 'format', 'error_trace'];

const PATH = /^\/?[^/?]+\/(_search|_count)(?:\?(.*))?$/;

/** Undefined for what is no search of one name. */
export function partsOf(
  path: string,
): { readonly action: '_search' | '_count'; readonly query: string } | undefined {
  const match = PATH.exec(path);
  if (!match) return undefined;
  const [, action, query = ''] = match;
  return { action: action as '_search' | '_count', query };
}

/**
 * The request's path for this index, without what would change the answer's form.
 * @param instead parameters that take the place of those of the request. The engine prefers them to the body's
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

/** The hits that a search asks for. */
export interface Page {
  /** The rank of the first one. */
  readonly from: number;
  readonly size: number;
  /** One hit for each value of a field (`collapse`): then the total counts other hits than the answer has. */
  readonly collapses: boolean;
  /** Positions in the sort values that say only where a document is in its index: they are no order. */
  readonly unordered: ReadonlySet<number>;
}

const DEFAULT_SIZE = 10;
/** Sort keys without a meaning outside of one index. */
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

/** Empty where the engine would not take it, or only with comments in it. */
function bodyOf(text: string | undefined): SearchBody {
  try {
    return (JSON.parse(text ?? '{}') ?? {}) as SearchBody;
  } catch {
    return {};
  }
}

/** Short enough for a line. */
export function titleOf({ path, body }: RecordedQuery): string {
  const parts = partsOf(path);
  const action = parts && parts.query === '' ? parts.action : path;
  const text = `${action} ${body ?? ''}`.replaceAll(/\s+/g, ' ').trim();
  return text.length > MOST_TITLE ? `${text.slice(0, MOST_TITLE - 3)}...` : text;
}

const MOST_TITLE = 160;
