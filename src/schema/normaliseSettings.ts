// Normalises index settings, so that settings with the same meaning have equal JSON.
import { type Draft, isObject, setKey } from '../json/plain.js';
import type { Json, JsonObject } from '../json/jsonTypes.js';
import { canonicalValue, type SettingValue } from './settingValues.js';

/** Values by dotted path, without `index.`: `analysis.analyzer.title.tokenizer` -> `standard`. */
export type FlatSettings = ReadonlyMap<string, SettingValue>;

/** Settings that only the engine writes. They are never a difference, and not sent for a new index. */
// biome-ignore format: one item a line would be too long
const WRITTEN_BY_ENGINE = [
  'allocation.existing_shards_allocator', 'blocks', 'context', 'creation_date', 'creation_date_string',
  'dimensions', 'downsample', 'history', 'history_uuid', 'lifecycle.indexing_complete', 'provided_name',
  'remote_store', 'resize', 'rollup', 'routing.allocation.disk', 'routing.allocation.initial_recovery',
  'search.throttled', 'searchable_snapshot', 'shard_limit', 'shrink', 'source_only', 'split', 'tiering', 'uuid',
  'verified_before_close', 'verified_read_only', 'version',
];

/** Settings that the engine writes into every index, with the value that is their default. */
const WRITTEN_DEFAULTS: Readonly<Record<string, string>> = {
  'replication.type': 'DOCUMENT',
  'routing.allocation.include._tier_preference': 'data_content',
};

/**
 * The normal form of settings: nested, without `index` and without settings that only the engine writes. Keys
 * are sorted, and each value is a string or a list of strings. For example, `{index: {priority: 1}}`,
 * `{priority: '1'}` and `{'index.priority': 1}` have the same normal form. A normal form is returned
 * unchanged.
 */
export function normaliseSettings(settings: JsonObject): JsonObject {
  return nest(flattenSettings(settings));
}

/** The normal form as a flat map, keys sorted. */
export function flattenSettings(settings: JsonObject): FlatSettings {
  const flat = new Map(collectSettings(settings));
  for (const path of flat.keys()) if (isWrittenByEngine(path, flat)) flat.delete(path);
  for (const [path, value] of flat) if (repeatsDefault(path, value, flat)) flat.delete(path);
  return new Map([...flat].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The declared settings by full name, values unchanged, without settings that only the engine writes. */
export function declaredSettings(settings: JsonObject): JsonObject {
  const flat: Draft = {};
  eachSetting(settings, '', (path, value) => {
    if (!isOnlyOfEngine(path)) setKey(flat, `index.${path}`, value);
  });
  return flat;
}

/** Leaves out settings that are `null` (the default), since some of these make the engine answer 500. */
export function settingsToCreate(settings: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(declaredSettings(settings)).filter(([, value]) => value !== null));
}

/** All settings by dotted path, without `index.`, also those that only the engine writes. */
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
  // with auto_expand_replicas, the engine itself writes the number of replicas
  if (path === 'number_of_replicas') return (flat.get('auto_expand_replicas') ?? 'false') !== 'false';
  return WRITTEN_DEFAULTS[path] !== undefined && WRITTEN_DEFAULTS[path] === flat.get(path);
}

/** Settings that are in an index file only because someone copied all settings of a live index. */
const COPIED =
  /^(blocks|creation_date|creation_date_string|history_uuid|provided_name|resize|uuid|version)(\.|$)/;

/** Declared settings that a new index does not get, since only the engine writes them; without those in `COPIED`. */
export function settingsLeftOut(settings: JsonObject): string[] {
  return [...collectSettings(settings).keys()].filter((path) => isOnlyOfEngine(path) && !COPIED.test(path));
}

function isOnlyOfEngine(path: string): boolean {
  return WRITTEN_BY_ENGINE.some((prefix) => path === prefix || path.startsWith(`${prefix}.`));
}

function repeatsDefault(path: string, value: SettingValue, flat: FlatSettings): boolean {
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
      // `merge.policy` and `merge.policy.x` cannot both be nested, so the longer one stays dotted
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
