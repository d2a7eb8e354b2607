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

/** The request's path for this index, without what would change the answer's form. */
export function pathFor(query: RecordedQuery, index: string): string {
  const { action, query: given } = partsOf(query.path) ?? { action: '_search', query: '' };
  const parameters = new URLSearchParams(given);
  for (const name of LEFT_OUT) parameters.delete(name);
  const text = parameters.toString();
  return `/${encodeURIComponent(index)}/${action}${text === '' ? '' : `?${text}`}`;
}

/** Short enough for a line. */
export function titleOf({ path, body }: RecordedQuery): string {
  const parts = partsOf(path);
  const action = parts && parts.query === '' ? parts.action : path;
  const text = `${action} ${body ?? ''}`.replaceAll(/\s+/g, ' ').trim();
  return text.length > MOST_TITLE ? `${text.slice(0, MOST_TITLE - 3)}...` : text;
}

const MOST_TITLE = 160;
