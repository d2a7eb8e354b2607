// Reads a setting from settings that may be nested or dotted, with or without `index`.
import { printJson } from '../../json/exactJson.js';
import { isObject } from '../../json/plain.js';
import type { Json, JsonObject } from '../../json/jsonTypes.js';

/**
 * @param name for example `mapping.source.mode`, without `index.`
 * @returns the value as a string, a list joined with commas; undefined if the setting is missing
 */
export function readSetting(settings: JsonObject, name: string): string | undefined {
  const value = lookUp(settings, `index.${name}`) ?? lookUp(settings, name);
  return value === undefined || value === null || (typeof value === 'object' && !Array.isArray(value))
    ? undefined
    : String(value);
}

/** Finds a value by its path. A key may be several parts of the path: `{ index: { 'blocks.write': true } }`. */
function lookUp(value: Json | undefined, path: string): Json | undefined {
  if (!isObject(value)) return undefined;
  const exact = value[path];
  if (exact !== undefined) return exact;
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
    const found = lookUp(value[path.slice(0, dot)], path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The settings by full name: `index.number_of_shards` -> `'3'`. */
export function settingsByName(settings: JsonObject): Record<string, string> {
  const flat: Record<string, string> = {};
  const walk = (value: Json, path: string) => {
    if (isObject(value)) {
      for (const [key, inner] of Object.entries(value)) walk(inner, path ? `${path}.${key}` : key);
    } else if (value !== null) {
      flat[path.startsWith('index.') ? path : `index.${path}`] = Array.isArray(value)
        ? value.join(',')
        : printJson(value).replace(/^"|"$/g, '');
    }
  };
  walk(settings, '');
  return flat;
}
