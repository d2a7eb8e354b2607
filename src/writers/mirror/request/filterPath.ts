// Applies `filter_path` to an answer as the engines do. Patterns are `a.*.b`, `**.b` (one level or more) and
// `-a.b` (to exclude). They also match inside arrays. Objects and arrays that become empty are removed.
import { JsonScanner } from '../../../json/jsonScanner.js';
import { matchesWildcard } from '../../../cluster/indexExpression.js';

/** The segments of a pattern from the present level on. Inside of `a`, `['b', 'c']` is left of `a.b.c`. */
type Path = readonly string[];

const WHOLE = 'whole';

export function filterPath(json: Buffer, patterns: string): Buffer {
  const paths = patterns
    .split(',')
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== '');
  const [included, excluded] = [
    paths.filter((path) => !path.startsWith('-')),
    paths.filter((path) => path.startsWith('-')),
  ];
  let filtered: Buffer = json;
  if (included.length > 0) filtered = apply(filtered, include, included.map(segments));
  if (excluded.length > 0)
    filtered = apply(
      filtered,
      exclude,
      excluded.map((path) => segments(path.slice(1))),
    );
  return filtered;
}

function segments(pattern: string): Path {
  return pattern.split(/(?<!\\)\./).map((segment) => segment.replaceAll('\\.', '.'));
}

type Filter = (scanner: JsonScanner, paths: readonly Path[]) => string | undefined;

function apply(json: Buffer, filter: Filter, paths: readonly Path[]): Buffer {
  return Buffer.from(filter(new JsonScanner(json), paths) ?? '{}');
}

/** @returns `WHOLE` if a pattern ends at this member, else the remaining patterns for the levels below it */
function step(paths: readonly Path[], name: string): typeof WHOLE | Path[] {
  const next: Path[] = [];
  for (const path of paths) {
    const [segment = '', ...rest] = path;
    if (!matchesWildcard(segment, name)) continue;
    if (rest.length === 0) return WHOLE;
    next.push(rest);
    if (segment === '**') next.push(path);
  }
  return next;
}

const include: Filter = (scanner, paths) => {
  if (scanner.enterObject()) {
    const members = membersOf(scanner, (name) => {
      const next = step(paths, name);
      if (next === WHOLE) return scanner.raw().toString();
      if (next.length > 0) return include(scanner, next);
      scanner.skip();
      return undefined;
    });
    return members.length > 0 ? `{${members.join(',')}}` : undefined;
  }
  if (scanner.enterArray()) {
    const elements = elementsOf(scanner, () => include(scanner, paths));
    return elements.length > 0 ? `[${elements.join(',')}]` : undefined;
  }
  scanner.skip();
  return undefined;
};

const exclude: Filter = (scanner, paths) => {
  let taken = false;
  const note = (value: string | undefined): string | undefined => {
    taken ||= value === undefined;
    return value;
  };
  if (scanner.enterObject()) {
    const members = membersOf(scanner, (name) => {
      const next = step(paths, name);
      if (next === WHOLE) {
        scanner.skip();
        return note(undefined);
      }
      return note(next.length > 0 ? exclude(scanner, next) : scanner.raw().toString());
    });
    return taken && members.length === 0 ? undefined : `{${members.join(',')}}`;
  }
  if (scanner.enterArray()) {
    const elements = elementsOf(scanner, () => note(exclude(scanner, paths)));
    return taken && elements.length === 0 ? undefined : `[${elements.join(',')}]`;
  }
  return scanner.raw().toString();
};

function membersOf(scanner: JsonScanner, read: (name: string) => string | undefined): string[] {
  const members: string[] = [];
  for (let name = scanner.nextName(); name !== undefined; name = scanner.nextName()) {
    const value = read(name);
    if (value !== undefined) members.push(`${JSON.stringify(name)}:${value}`);
  }
  return members;
}

function elementsOf(scanner: JsonScanner, read: () => string | undefined): string[] {
  const elements: string[] = [];
  while (scanner.nextElement()) {
    const value = read();
    if (value !== undefined) elements.push(value);
  }
  return elements;
}
