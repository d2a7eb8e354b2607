// An index file as text, for `twindex init`.
import { stringify } from 'yaml';
import { creatableMappings } from './creatable.js';
import { isObject, textOf } from './json.js';
import { normaliseMappings, normaliseSettings } from './normalise.js';
import type { IndexDefinition, Json, JsonObject } from './types.js';

export type IndexFileFormat = 'ts' | 'json' | 'yaml';

/** What is written down of a live index. */
export interface RenderedIndex
  extends Pick<IndexDefinition, 'name' | 'version' | 'aliases' | 'settings' | 'mappings'> {
  readonly format: IndexFileFormat;
}

/** The text of an index file with these settings and mappings, without what only the engine writes. */
export function renderIndexFile(index: RenderedIndex): string {
  const { name, version, aliases, format } = index;
  const settings = mapStrings(normaliseSettings(index.settings)) as JsonObject;
  // The settings decide which analyzer and which `coerce` say nothing.
  const mappings = readable(
    creatableMappings(normaliseMappings(index.mappings, { settings: index.settings })),
  );
  const content: JsonObject = {
    name,
    version,
    aliases: { read: aliases.read, write: aliases.write },
    settings,
    mappings,
  };
  if (format === 'json') return `${JSON.stringify(content, null, 2)}\n`;
  if (format === 'yaml') return stringify(content, { lineWidth: 110 });
  return `import { defineIndex } from 'twindex';\n\nexport default defineIndex(${literal(content, '')});\n`;
}

/** Settings as a person would write them: `3` and `true` where the engine gives `"3"` and `"true"`. */
function mapStrings(value: Json): Json {
  if (Array.isArray(value)) return value as Json;
  if (isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, mapStrings(entry)]));
  }
  if (value === 'true' || value === 'false') return value === 'true';
  return typeof value === 'string' && /^-?(0|[1-9]\d{0,14})$/.test(value) ? Number(value) : value;
}

const ROOT_FLAGS = new Set(['date_detection', 'numeric_detection', 'subobjects', 'dynamic']);

const FIRST = ['type', 'analyzer', 'search_analyzer'];
const LAST = ['fields', 'properties'];

/** The type before all else, and what is below a field at its end. */
function rank(key: string): number {
  return FIRST.includes(key) ? FIRST.indexOf(key) - FIRST.length : LAST.indexOf(key) + 1;
}

/** As a person would write it: `dynamic: false` instead of `"false"`, and the type of a field first. */
function readable(mappings: JsonObject): JsonObject {
  const ordered = Object.entries(mappings).sort(([a], [b]) => rank(a) - rank(b));
  const entries = ordered.map(([key, value]): [string, Json] => {
    if (LAST.includes(key) && isObject(value)) {
      const fields = Object.entries(value).map(([name, field]): [string, Json] => [
        name,
        isObject(field) ? readable(field) : field,
      ]);
      return [key, Object.fromEntries(fields)];
    }
    if (ROOT_FLAGS.has(key) && (value === 'true' || value === 'false')) return [key, value === 'true'];
    return [key, value];
  });
  return Object.fromEntries(entries);
}

const PLAIN_KEY = /^[A-Za-z_$][\w$]*$/;
const LINE = 100;

/** A TypeScript literal in the style of the examples: single quotes, short values on one line. */
function literal(value: Json, indent: string): string {
  if (typeof value === 'string') return quoted(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    return wrap(
      (value as readonly Json[]).map((item) => literal(item, inner)),
      { open: '[', close: ']', indent },
    );
  }
  if (!isObject(value)) return textOf(value);
  const entries = Object.entries(value).map(
    ([key, entry]) => `${PLAIN_KEY.test(key) ? key : quoted(key)}: ${literal(entry, inner)}`,
  );
  return wrap(entries, { open: '{', close: '}', indent });
}

function wrap(
  items: string[],
  { open, close, indent }: { open: string; close: string; indent: string },
): string {
  if (items.length === 0) return open + close;
  const space = open === '{' ? ' ' : '';
  const line = `${open}${space}${items.join(', ')}${space}${close}`;
  const fits = indent !== '' && !line.includes('\n') && indent.length + line.length <= LINE;
  return fits ? line : `${open}\n${items.map((item) => `${indent}  ${item},\n`).join('')}${indent}${close}`;
}

function quoted(text: string): string {
  const json = JSON.stringify(text);
  return `'${json.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
