// Filters `_source` in the answer to an update, as the engines do. Pure.
import { parseSource, printSource } from '../../../json/json.js';
import { isObject } from '../../../json/plain.js';
import { matchesWildcard } from '../../../cluster/indexExpression.js';
import type { Write } from '../request/clientRequest.js';
import { readUpdateBody } from './updateBody.js';

/** Paths with wildcards. A path includes everything below it. No `includes` means the whole document. */
export interface SourceFilter {
  readonly includes: readonly string[];
  readonly excludes: readonly string[];
}

/**
 * @returns undefined if the client wants no document. In a bulk, `_source` in the URL or the metadata counts
 * more than in the body; in a single update, the body counts more
 */
export function sourceFilterOf(
  { params, body }: Pick<Write, 'params' | 'body'>,
  inBulk: boolean,
): SourceFilter | undefined {
  const outside = filterOutside(params);
  const json = readUpdateBody(body)?.sourceJson;
  const inside = json === undefined ? undefined : filterInside(json);
  const [one, other] = inBulk ? [outside, inside] : [inside, outside];
  const wanted = one ?? other;
  return wanted === 'nothing' ? undefined : wanted;
}

type Wanted = SourceFilter | 'nothing' | undefined;

const WHOLE: SourceFilter = { includes: [], excludes: [] };

function filterOutside(params: Readonly<Record<string, string>>): Wanted {
  const { _source: source, _source_includes: includes, _source_excludes: excludes } = params;
  if (source === undefined && includes === undefined && excludes === undefined) return undefined;
  if (source === 'false') return 'nothing';
  const named = source === 'true' || source === undefined ? [] : namesIn(source);
  return { includes: includes === undefined ? named : namesIn(includes), excludes: namesIn(excludes ?? '') };
}

/** Splits `a,b`. In the metadata of a bulk, several names are a JSON array. */
function namesIn(text: string): readonly string[] {
  return text.startsWith('[') ? listOf(JSON.parse(text)) : text.split(',').filter((name) => name !== '');
}

function filterInside(json: string): Wanted {
  const value: unknown = JSON.parse(json);
  if (typeof value === 'boolean') return value ? WHOLE : 'nothing';
  if (!isObject(value)) return { includes: listOf(value), excludes: [] };
  return {
    includes: listOf(value['includes'] ?? value['include']),
    excludes: listOf(value['excludes'] ?? value['exclude']),
  };
}

function listOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

export function filterSource(document: Buffer, filter: SourceFilter): Buffer {
  if (filter.includes.length === 0 && filter.excludes.length === 0) return document;
  return printSource(filterObject(parseSource(document), filter, { path: '', isIncluded: false }));
}

interface Place {
  readonly path: string;
  /** Whether a pattern includes this value or an object that contains it. */
  readonly isIncluded: boolean;
}

function filterObject(
  object: Record<string, unknown>,
  filter: SourceFilter,
  { path, isIncluded: around }: Place,
): Record<string, unknown> {
  const kept: [string, unknown][] = [];
  for (const [key, value] of Object.entries(object)) {
    const inner = path === '' ? key : `${path}.${key}`;
    if (isNamed(filter.excludes, inner)) continue;
    const isIncluded = around || filter.includes.length === 0 || isNamed(filter.includes, inner);
    const rest = isIncluded && !mayNameInside(filter.excludes, inner);
    const shown = rest ? value : filterValue(value, filter, { path: inner, isIncluded });
    if (shown !== undefined && (isIncluded || !isEmpty(shown))) kept.push([key, shown]);
  }
  return Object.fromEntries(kept);
}

function filterValue(value: unknown, filter: SourceFilter, place: Place): unknown {
  if (isObject(value)) return filterObject(value, filter, place);
  if (!Array.isArray(value)) return place.isIncluded ? value : undefined;
  return value
    .map((element: unknown) => filterValue(element, filter, place))
    .filter((element) => element !== undefined && !isEmpty(element));
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.keys(value).length === 0;
}

/** Whether a pattern matches the path, or the path of an object that contains it. */
function isNamed(patterns: readonly string[], path: string): boolean {
  if (patterns.length === 0) return false;
  for (let end = path.indexOf('.'); end >= 0; end = path.indexOf('.', end + 1))
    if (patterns.some((pattern) => matchesWildcard(pattern, path.slice(0, end)))) return true;
  return patterns.some((pattern) => matchesWildcard(pattern, path));
}

function mayNameInside(patterns: readonly string[], path: string): boolean {
  const start = `${path}.`;
  return patterns.some((pattern) => {
    const star = pattern.indexOf('*');
    if (star < 0) return pattern.startsWith(start);
    const head = pattern.slice(0, star);
    return head.startsWith(start) || start.startsWith(head);
  });
}
