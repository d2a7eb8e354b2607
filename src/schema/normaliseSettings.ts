// Index settings in one canonical form, whatever style they were written in and whatever the engine added to them.
import { type Draft, isObject, setKey } from '../json/plain.js';
import type { Json, JsonObject } from '../json/jsonTypes.js';
import { canonicalValue, type SettingValue } from './settingValues.js';

/** Dotted paths without `index.`: `analysis.analyzer.title.tokenizer` -> `standard`. */
export type FlatSettings = ReadonlyMap<string, SettingValue>;

/** What only the engine writes: never a difference, and never in an index file. */
// biome-ignore format: one list
const WRITTEN_BY_ENGINE = [
  'allocation.existing_shards_allocator', 'blocks', 'context', 'creation_date', 'creation_date_string',
  'dimensions', 'downsample', 'history', 'history_uuid', 'lifecycle.indexing_complete', 'provided_name',
  'remote_store', 'resize', 'rollup', 'routing.allocation.disk', 'routing.allocation.initial_recovery',
  'search.throttled', 'searchable_snapshot', 'shard_limit', 'shrink', 'source_only', 'split', 'tiering', 'uuid',
  'verified_before_close', 'verified_read_only', 'version',
];

/** What the engine writes into every index, with the value that says nothing. */
const WRITTEN_DEFAULTS: Readonly<Record<string, string>> = {
  'replication.type': 'DOCUMENT',
  'routing.allocation.include._tier_preference': 'data_content',
};

/**
 * Settings nested, without the `index` level, keys sorted, every value a string or a list of strings; without what only
 * the engine writes. Gives the same for `{index: {number_of_shards: 1}}`, `{number_of_shards: '1'}` and
 * `{'index.number_of_shards': 1}`, and for its own result.
 */
export function normaliseSettings(settings: JsonObject): JsonObject {
  return nest(flattenSettings(settings));
}

/** The same as a flat map, keys sorted. */
export function flattenSettings(settings: JsonObject): FlatSettings {
  const flat = new Map(collectSettings(settings));
  for (const path of flat.keys()) if (isWrittenByEngine(path, flat)) flat.delete(path);
  for (const [path, value] of flat) if (saysNothing(path, value, flat)) flat.delete(path);
  return new Map([...flat].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Settings as they are declared, by their full dotted name (`index.refresh_interval`), every value and every item of a list
 * as it is written; without what only the engine may write.
 */
export function declaredSettings(settings: JsonObject): JsonObject {
  const flat: Draft = {};
  eachSetting(settings, '', (path, value) => {
    if (!isOnlyOfEngine(path)) setKey(flat, `index.${path}`, value);
  });
  return flat;
}

/**
 * The declared settings as a request gives them for a new index. `null` stands for the default of the engine, which a new index has
 * anyway; some settings make the engines fail with 500 when they are `null`.
 */
export function settingsToCreate(settings: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(declaredSettings(settings)).filter(([, value]) => value !== null));
}

/** Everything that is said, by its dotted path without `index.`, also what the engine writes by itself. */
export function collectSettings(settings: JsonObject): FlatSettings {
  const flat = new Map<string, SettingValue>();
  eachSetting(settings, '', (path, value) => {
    if (value !== null) flat.set(path, canonicalValue(path, value));
  });
  return flat;
}

function eachSetting(value: JsonObject, prefix: string, found: (path: string, value: Json) => void): void {
  for (const [key, entry] of Object.entries(value)) {
    const path = withoutIndex(prefix === '' ? key : `${prefix}.${key}`);
    if (isObject(entry)) eachSetting(entry, path, found);
    else if (path !== '') found(path, entry);
  }
}

function withoutIndex(path: string): string {
  if (path === 'index') return '';
  return path.startsWith('index.') ? path.slice('index.'.length) : path;
}

function isWrittenByEngine(path: string, flat: FlatSettings): boolean {
  if (isOnlyOfEngine(path)) return true;
  // The engine counts the replicas itself then, and writes its count.
  if (path === 'number_of_replicas') return (flat.get('auto_expand_replicas') ?? 'false') !== 'false';
  return WRITTEN_DEFAULTS[path] !== undefined && WRITTEN_DEFAULTS[path] === flat.get(path);
}

/** Settings that are copied into index files together with all others of a live index, and that nobody means to declare. */
const COPIED =
  /^(blocks|creation_date|creation_date_string|history_uuid|provided_name|resize|uuid|version)(\.|$)/;

/** Settings of an index file that only the engine may write, by their paths without `index.`: a new index is made without them. */
export function settingsLeftOut(settings: JsonObject): string[] {
  return [...collectSettings(settings).keys()].filter((path) => isOnlyOfEngine(path) && !COPIED.test(path));
}

function isOnlyOfEngine(path: string): boolean {
  return WRITTEN_BY_ENGINE.some((prefix) => path === prefix || path.startsWith(`${prefix}.`));
}

/** Parts of a custom analyzer or normalizer that are the default when left out. */
function saysNothing(path: string, value: SettingValue, flat: FlatSettings): boolean {
  const match = /^analysis\.(analyzer|normalizer)\.(.+)\.(type|filter|char_filter)$/.exec(path);
  if (!match) return false;
  if (match[3] !== 'type') return value.length === 0;
  return (
    value === 'custom' && (match[1] === 'normalizer' || flat.has(`analysis.analyzer.${match[2]}.tokenizer`))
  );
}

function nest(flat: FlatSettings): JsonObject {
  const root: Draft = {};
  for (const [path, value] of flat) {
    const keys = path.split('.');
    let target = root;
    for (let depth = 0; depth < keys.length; depth++) {
      const key = keys[depth] as string;
      const rest = keys.slice(depth).join('.');
      // A setting and one below it (`merge.policy`, `merge.policy.x`) can't both be nested: the longer stays dotted.
      const held: Json | undefined = Object.hasOwn(target, key) ? target[key] : undefined;
      if (depth === keys.length - 1 || (held !== undefined && !isObject(held))) {
        setKey(target, rest, value);
        break;
      }
      if (held === undefined) setKey(target, key, {});
      target = target[key] as Draft;
    }
  }
  return root;
}
