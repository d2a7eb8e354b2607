// `filter_path`, as far as it is asked for here: names and `*`.

type Tree = { readonly [key: string]: Tree } | readonly Tree[] | string | number | boolean | null;

/** Only what lies on one of the paths; what is empty then is left out. */
export function filterByPaths(value: object, paths: string): object {
  const wanted = paths.split(',').map((path) => path.split('.'));
  return (filter(value as Tree, wanted) ?? {}) as object;
}

function filter(value: Tree, paths: readonly (readonly string[])[]): Tree | undefined {
  if (paths.some((path) => path.length === 0)) return value;
  if (value === null || typeof value !== 'object') return undefined;
  if (Array.isArray(value)) {
    const kept = value.flatMap((one) => filter(one, paths) ?? []);
    return kept.length === 0 ? undefined : kept;
  }
  const kept: Record<string, Tree> = {};
  for (const [key, inner] of Object.entries(value)) {
    const below = paths.filter(([head]) => head === '*' || head === key).map((path) => path.slice(1));
    const filtered = below.length === 0 ? undefined : filter(inner, below);
    if (filtered !== undefined) kept[key] = filtered;
  }
  return Object.keys(kept).length === 0 ? undefined : kept;
}
