// Finds the part of a schema that an engine refuses: from the engine's message, or by trying parts on their
// own. Pure.
import { isObject, objectAt, textOf } from '../json/plain.js';
import type { Json, JsonObject } from '../json/jsonTypes.js';
import { declaredSettings } from './normaliseSettings.js';
import type { Schema } from './diff.js';

/**
 * A key in a schema, with its value. The engine's message may mention the key, the value, or the owner: the field
 * or analysis component that has the key.
 */
interface Part {
  /** For example `mappings.properties.price.scaling_factor`, `settings.analysis.filter.s.synonyms_path`. */
  readonly path: string;
  readonly owner: { readonly path: string; readonly names: readonly string[] } | undefined;
  /** For a setting its full name, for a parameter for example `scaling_factor`. */
  readonly key: string;
  readonly value: Json;
}

/** With a lower score, the message probably contains the part's texts only by accident. */
const ENOUGH = 3;

/**
 * The path of the part that matches the engine's message best, by its owner's name, its key and its value.
 * @returns undefined if no part matches, or if several match equally well
 */
export function refusedAt(schema: Schema, reason: string): string | undefined {
  const scored = partsOf(schema).map((part) => ({ part, score: score(part, reason) }));
  const best = Math.max(0, ...scored.map((one) => one.score));
  if (best < ENOUGH) return undefined;
  const found = scored.filter((one) => one.score === best).map(({ part }) => part);
  const [first] = found;
  if (!first) return undefined;
  if (found.length === 1 && isMentioned(first, reason)) return first.path;
  const owners = new Set(found.map(({ owner, path }) => owner?.path ?? path));
  return owners.size === 1 ? [...owners][0] : undefined;
}

const isMentioned = ({ key, value }: Part, reason: string): boolean =>
  mention(reason, key) + mention(reason, textOf(value)) > 0;

function score({ owner, key, value }: Part, reason: string): number {
  const ofOwner = Math.max(
    0,
    ...(owner?.names ?? []).map((name, n) => mention(reason, name) * (n === 0 ? 2 : 1)),
  );
  if (key.startsWith('index.')) return mention(reason, key) > 0 ? 100 + key.length : 0;
  const values = Array.isArray(value) ? value.map((item: Json) => textOf(item)) : [textOf(value)];
  const ofValue = Math.max(0, ...values.map((text) => (/^(\d|)$/.test(text) ? 0 : mention(reason, text))));
  return ofOwner + 2 * mention(reason, key) + ofValue;
}

/**
 * 3 if the message quotes the string as a name or value; 1 if it only contains it as a word; 0 if it does not
 * contain it.
 */
function mention(reason: string, text: string): number {
  if (text === '') return 0;
  if ([`[${text}]`, `"${text}"`, `'${text}'`, `\`${text}\``].some((marked) => reason.includes(marked)))
    return 3;
  const literal = text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');
  return new RegExp(`(?<![\\w.])${literal}(?![\\w.])`).test(reason) ? 1 : 0;
}

function partsOf({ settings, mappings }: Schema): Part[] {
  return [
    ...Object.entries(declaredSettings(settings)).map(([name, value]) => settingPart(name, value)),
    ...Object.entries(mappings).flatMap(([key, value]): Part[] =>
      key === 'properties'
        ? fieldParts(value, '', 'mappings.properties.')
        : valueParts(`mappings.${key}`, key, value, undefined),
    ),
  ];
}

function settingPart(name: string, value: Json): Part {
  const path = `settings.${name.slice('index.'.length)}`;
  const [, owner, component, key] = /^(settings\.analysis\.[^.]+\.(.+))\.([^.]+)$/.exec(path) ?? [];
  if (owner === undefined || component === undefined || key === undefined)
    return { path, owner: undefined, key: name, value };
  return { path, owner: { path: owner, names: [component] }, key, value };
}

function fieldParts(fields: Json | undefined, prefix: string, path: string): Part[] {
  return Object.entries(objectAt(fields)).flatMap(([name, field]): Part[] => {
    if (!isObject(field)) return [];
    const full = prefix + name;
    const owner = { path: path + name, names: [full, ...(prefix === '' ? [] : [name])] };
    return Object.entries(field).flatMap(([key, value]): Part[] => {
      const inner = `${owner.path}.${key}`;
      return key === 'properties' || key === 'fields'
        ? fieldParts(value, `${full}.`, `${inner}.`)
        : valueParts(inner, key, value, owner);
    });
  });
}

/** The keys of an object (`meta`, `index_options`, a dynamic template) are parts as well. */
function valueParts(path: string, key: string, value: Json, owner: Part['owner']): Part[] {
  const inner: readonly (readonly [string, Json])[] = Array.isArray(value)
    ? value.map((item: Json, n) => [String(n), item] as const)
    : Object.entries(objectAt(value));
  const below = inner.flatMap(([name, entry]) =>
    isObject(entry) || isObject(value) ? valueParts(`${path}.${name}`, name, entry, owner) : [],
  );
  return [{ path, owner, key, value }, ...below];
}

/** Asks the engine about only a part of the declared content. True if it gives the same reason for a refusal. */
export type Trial = (schema: Schema) => Promise<boolean>;

/** Finds the refused part by trials, for a message of the engine that does not mention the part. */
export async function findRefused(
  schema: Schema,
  reason: string,
  isSame: Trial,
): Promise<string | undefined> {
  const bare = { settings: schema.settings, mappings: {} };
  if (await isSame(bare)) return await findSetting(schema.settings, reason, isSame);
  const { properties: _, ...root } = schema.mappings;
  if (await isSame({ ...bare, mappings: root })) {
    for (const key of Object.keys(root))
      if (await isSame({ ...bare, mappings: { [key]: root[key] as Json } })) return `mappings.${key}`;
    return 'mappings';
  }
  return await findField(objectAt(schema.mappings['properties']), 'mappings.properties', (properties) =>
    isSame({ ...schema, mappings: { ...root, properties } }),
  );
}

const MOST_TRIALS = 100;

async function findSetting(settings: JsonObject, reason: string, isSame: Trial): Promise<string> {
  const flat = declaredSettings(settings);
  const words = (name: string): number => name.split(/[._]/).filter((word) => reason.includes(word)).length;
  // `type` comes last: a component without a type is always refused, but for another reason
  const rank = (name: string): number => (name.endsWith('.type') ? 0 : words(name));
  const names = Object.keys(flat).sort((a, b) => rank(b) - rank(a));
  for (const name of names.slice(0, MOST_TRIALS)) {
    const { [name]: _, ...rest } = flat;
    if (!(await isSame({ settings: rest, mappings: {} }))) return `settings.${name.slice('index.'.length)}`;
  }
  return 'settings';
}

type FieldTrial = (fields: JsonObject) => Promise<boolean>;

/**
 * @returns the path of the refused field or parameter, or of the object around it; undefined if no field is
 * refused
 */
async function findField(fields: JsonObject, path: string, isSame: FieldTrial): Promise<string | undefined> {
  let names = Object.keys(fields);
  const some = (chosen: readonly string[]): JsonObject =>
    Object.fromEntries(chosen.map((name) => [name, fields[name] as Json]));
  while (names.length > 1) {
    const middle = Math.ceil(names.length / 2);
    const halves = [names.slice(0, middle), names.slice(middle)] as const;
    if (await isSame(some(halves[0]))) names = halves[0];
    else if (await isSame(some(halves[1]))) names = halves[1];
    else return path.replace(/\.(properties|fields)$/, '');
  }
  const [name] = names;
  if (name === undefined) return undefined;
  const field = objectAt(fields[name]);
  const here = `${path}.${name}`;
  for (const [key, value] of Object.entries(field)) {
    const { [key]: _, ...rest } = field;
    if (key === 'type' || (await isSame({ [name]: rest }))) continue;
    if (key !== 'properties' && key !== 'fields') return `${here}.${key}`;
    return await findField(objectAt(value), `${here}.${key}`, (inner) =>
      isSame({ [name]: { ...rest, [key]: inner } }),
    );
  }
  return here;
}
