// Builds the requests that change a live index in place to its declared schema.
import type { Engine } from '../cluster/cluster.js';
import { creatableField } from './creatable.js';
import { contextOf, diffSchema, type Schema } from './diff.js';
import { type Draft, isObject, objectAt, ownValue, sameJson, setKey, textOf } from '../json/plain.js';
import type { Json, JsonObject } from '../json/jsonTypes.js';
import { isObjectField, normaliseMappings } from './normaliseMappings.js';
import { collectSettings, declaredSettings } from './normaliseSettings.js';
import type { Change, ChangeClass } from './types.js';

/** By full name (`index.refresh_interval`). Null resets a setting to its default. */
type SettingsUpdate = Readonly<Record<string, Json>>;

export interface SchemaUpdate {
  /** The changed parts, for `PUT /<index>/_mapping`; undefined if nothing in the mapping changes. */
  readonly mappings: JsonObject | undefined;
  /** Settings that can be changed while the index is open. */
  readonly openSettings: SettingsUpdate;
  /** Settings that can be changed only while the index is closed. */
  readonly closedSettings: SettingsUpdate;
}

/**
 * The requests for all differences that need no new index. Send `closedSettings` first: they may define an
 * analyzer that `mappings` names. `_meta.twindex` does not change.
 */
export function schemaUpdate(live: Schema, declared: Schema, engine: Engine): SchemaUpdate {
  const changes = diffSchema(live, declared, engine);
  const settings = (needs: ChangeClass) => settingsUpdate(live, declared, changes, needs);
  const inMappings = changes.some(({ path, needs }) => path.startsWith('mappings.') && needs === 'in-place');
  return {
    mappings: inMappings ? mappingsUpdate(live, declared, engine) : undefined,
    openSettings: settings('in-place'),
    closedSettings: settings('close-and-open'),
  };
}

function settingsUpdate(
  live: Schema,
  declared: Schema,
  changes: readonly Change[],
  needs: ChangeClass,
): SettingsUpdate {
  const before = collectSettings(live.settings);
  const after = declaredSettings(declared.settings);
  const update: Draft = {};
  for (const { path, needs: needed } of changes) {
    if (needed !== needs || !path.startsWith('settings.')) continue;
    const changed = path.slice('settings.'.length);
    const belongs = (key: string) =>
      key === changed || (isComponent(changed) && key.startsWith(`${changed}.`));
    for (const key of before.keys()) if (belongs(key)) setKey(update, `index.${key}`, null);
    for (const [name, value] of Object.entries(after))
      if (belongs(name.slice('index.'.length))) setKey(update, name, value);
  }
  return update;
}

/** True if a change of this path covers all settings below it. */
function isComponent(path: string): boolean {
  return path.startsWith('analysis.') || path.startsWith('similarity.');
}

const ROOT_RESETS: Readonly<Record<string, Json>> = {
  date_detection: true,
  dynamic: 'true',
  dynamic_date_formats: ['strict_date_optional_time', 'yyyy/MM/dd HH:mm:ss Z||yyyy/MM/dd Z'],
  dynamic_templates: [],
  numeric_detection: false,
};

function mappingsUpdate(live: Schema, declared: Schema, engine: Engine): JsonObject {
  const context = contextOf(live, declared, engine);
  const before = normaliseMappings(live.mappings, context);
  const after = normaliseMappings(declared.mappings, context);
  const update: Draft = {};
  for (const [parameter, reset] of Object.entries(ROOT_RESETS)) {
    if (!sameJson(before[parameter], after[parameter])) update[parameter] = after[parameter] ?? reset;
  }
  if (!sameJson(before._meta, after._meta)) {
    const ours = objectAt(live.mappings._meta).twindex;
    update._meta = { ...objectAt(after._meta), ...(ours === undefined ? {} : { twindex: ours }) };
  }
  if (!sameJson(before.runtime, after.runtime)) update.runtime = runtimeUpdate(before.runtime, after.runtime);
  const dynamic = textOf(after.dynamic ?? 'true');
  const sides = { raw: live.mappings.properties, before: before.properties, after: after.properties };
  const properties = fieldsUpdate(sides, dynamic);
  if (Object.keys(properties).length > 0) update.properties = properties;
  return update;
}

/** Null removes a runtime field. */
function runtimeUpdate(before: Json | undefined, after: Json | undefined): JsonObject {
  const gone = Object.keys(objectAt(before)).map((name): [string, Json] => [name, null]);
  return { ...Object.fromEntries(gone), ...objectAt(after) };
}

interface Sides {
  /** As the engine returned it, not normalised. */
  readonly raw: Json | undefined;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

function fieldsUpdate({ raw, before, after }: Sides, dynamic: string): JsonObject {
  const update: Draft = {};
  for (const [name, wanted] of Object.entries(objectAt(after))) {
    const old = ownValue(objectAt(before), name);
    if (!isObject(wanted) || sameJson(old, wanted)) continue;
    if (!isObject(old)) {
      setKey(update, name, creatableField(wanted));
    } else if (old.type === wanted.type) {
      const sides = { raw: objectAt(ownValue(objectAt(raw), name)), before: old, after: wanted };
      const field = isObjectField(wanted) ? objectUpdate(sides, dynamic) : leafUpdate(sides);
      if (field) setKey(update, name, field);
    }
  }
  return update;
}

interface FieldSides extends Sides {
  readonly raw: JsonObject;
  readonly before: JsonObject;
  readonly after: JsonObject;
}

/**
 * The request for an object. It always contains a changed `dynamic`, since otherwise the object keeps its old
 * value.
 */
function objectUpdate({ raw, before, after }: FieldSides, around: string): JsonObject | undefined {
  const dynamic = textOf(after.dynamic ?? around);
  const sides = { raw: raw.properties, before: before.properties, after: after.properties };
  const properties = fieldsUpdate(sides, dynamic);
  const turned = before.dynamic !== after.dynamic;
  if (!turned && Object.keys(properties).length === 0) return undefined;
  const { properties: _fields, dynamic: _dynamic, ...parameters } = raw;
  return { ...parameters, ...(turned ? { dynamic } : {}), properties };
}

/**
 * The request for a leaf field. It contains all parameters, since a missing parameter would return to its
 * default.
 */
function leafUpdate({ raw, before, after }: FieldSides): JsonObject {
  const { fields: _fields, ...parameters } = raw;
  const update: Draft = { ...parameters };
  for (const parameter of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const wanted = ownValue(after, parameter);
    if (parameter === 'fields' || sameJson(ownValue(before, parameter), wanted)) continue;
    if (wanted === undefined) delete update[parameter];
    else setKey(update, parameter, wanted);
  }
  const fields = fieldsUpdate({ raw: raw.fields, before: before.fields, after: after.fields }, 'true');
  return creatableField({ ...update, ...(Object.keys(fields).length > 0 ? { fields } : {}) });
}
