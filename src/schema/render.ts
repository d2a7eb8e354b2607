// Writes the text of an index file, for `twindex init`.
import { type ScalarTag, stringify } from 'yaml';
import { ExactNumber, printJson } from '../json/exactJson.js';
import { creatableMappings } from './creatable.js';
import { isObject } from '../json/plain.js';
import type { Json, JsonObject } from '../json/jsonTypes.js';
import { normaliseMappings, normaliseSettings } from './normalise.js';
import type { IndexDefinition } from './types.js';
import { type Marked, markMappings, markSettings, Unchecked } from './uncheckedParts.js';

export type IndexFileFormat = 'ts' | 'json' | 'yaml';

/** The parts of a live index that are written to the file. */
export interface RenderedIndex
  extends Pick<IndexDefinition, 'name' | 'version' | 'aliases' | 'settings' | 'mappings'> {
  readonly format: IndexFileFormat;
}

/** The text of an index file, without the settings that only the engine writes. */
export function renderIndexFile(index: RenderedIndex): string {
  const { name, version, aliases, format } = index;
  const settings = mapStrings(normaliseSettings(index.settings)) as JsonObject;
  // the settings may change the defaults of `analyzer` and `coerce`
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
  if (format === 'json') return `${printJson(content, 2)}\n`;
  if (format === 'yaml') return yamlText(content);
  const text = literal(
    { ...content, settings: markSettings(settings), mappings: markMappings(mappings) },
    '',
  );
  const imports = [
    'defineIndex',
    ...(holdsNumberText(content) ? ['exact'] : []),
    ...(text.includes(`: ${UNCHECKED}(`) ? [UNCHECKED] : []),
  ];
  return `import { ${imports.join(', ')} } from 'twindex';\n\nexport default defineIndex(${text});\n`;
}

/** The text of a number, which the YAML library writes as it is. */
class NumberText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** YAML in which every number keeps its text. */
export function yamlText(content: JsonObject): string {
  const number: ScalarTag = {
    tag: 'tag:yaml.org,2002:float',
    default: true,
    identify: (value) => value instanceof NumberText,
    resolve: (text) => text,
    test: /(?!)/,
    stringify: ({ value }) => (value as NumberText).text,
  };
  return stringify(withNumberTexts(content), {
    lineWidth: 110,
    customTags: (tags) => [number, ...tags],
  });
}

function withNumberTexts(value: Json): unknown {
  if (value instanceof ExactNumber) return new NumberText(value.text);
  if (Array.isArray(value)) return value.map((item: Json) => withNumberTexts(item));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, withNumberTexts(entry)]));
}

const INTEGER = /^-?[1-9]\d*$/;

/** True if there is a number that needs `exact()` in TypeScript. */
function holdsNumberText(value: Json): boolean {
  if (value instanceof ExactNumber) return !INTEGER.test(value.text);
  if (Array.isArray(value)) return value.some((item: Json) => holdsNumberText(item));
  return isObject(value) && Object.values(value).some((entry) => holdsNumberText(entry));
}

/** Settings in a readable form: `3` and `true` instead of the engine's `"3"` and `"true"`. */
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

/** Sorts the type to the beginning, and inner fields to the end. */
function rank(key: string): number {
  return FIRST.includes(key) ? FIRST.indexOf(key) - FIRST.length : LAST.indexOf(key) + 1;
}

/** Mappings in a readable form: `dynamic: false` instead of `"false"`, and the type of a field first. */
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

const UNCHECKED = 'unchecked';

/** Writes a value as TypeScript in the style of the examples: single quotes, short values on one line. */
function literal(value: Marked, indent: string): string {
  if (typeof value === 'string') return quoted(value);
  if (value instanceof Unchecked) return `${UNCHECKED}(${literal(value.part, indent)})`;
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    return wrap(
      (value as readonly Marked[]).map((item) => literal(item, inner)),
      { open: '[', close: ']', indent },
    );
  }
  if (value instanceof ExactNumber)
    return INTEGER.test(value.text) ? `${value.text}n` : `exact('${value.text}')`;
  if (!isObject(value)) return printJson(value);
  const entries = Object.entries(value as { readonly [key: string]: Marked }).map(
    ([key, entry]) => `${keyText(key)}: ${literal(entry, inner)}`,
  );
  return wrap(entries, { open: '{', close: '}', indent });
}

/** A plain or quoted `__proto__` in a literal sets the prototype, so it needs brackets. */
function keyText(key: string): string {
  if (key === '__proto__') return "['__proto__']";
  return PLAIN_KEY.test(key) ? key : quoted(key);
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

export function quoted(text: string): string {
  const json = JSON.stringify(text);
  return `'${json.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
