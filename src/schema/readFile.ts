// Reads a configuration or index file, according to its extension.
import { type Stats, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { messageOf } from '../errors.js';
import { exact, exactNumber, isNumberText, parseJson as parseExactJson } from '../json/exactJson.js';
import { isObject } from '../json/plain.js';
import { defineConfig, defineIndex, unchecked } from './config.js';

export type FileContent =
  | { readonly type: 'content'; readonly value: unknown }
  /** Messages show `reason` after the path of the file. */
  | { readonly type: 'unreadable'; readonly reason: string };

/** True for JSON and YAML, which cannot contain functions. */
export function isData(file: string): boolean {
  return ['.json', '.yaml', '.yml'].includes(extname(file));
}

export async function readContent(file: string): Promise<FileContent> {
  if (!isData(file)) return await importDefault(file);
  try {
    const text = await readFile(file, 'utf8');
    return withoutSchemaKey(extname(file) === '.json' ? parseJson(text) : await parseYaml(text));
  } catch (error) {
    return unreadable(fileReason(error));
  }
}

/** Removes `$schema`, which names a JSON schema (schemas/) for editors and has no effect in twindex. */
function withoutSchemaKey(content: FileContent): FileContent {
  if (content.type !== 'content' || !isObject(content.value)) return content;
  const { $schema, ...value } = content.value;
  return typeof $schema === 'string' ? { type: 'content', value } : content;
}

function fileReason(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'expected a file, found nothing at this path';
  if (code === 'EISDIR') return 'expected a file, found a folder';
  if (code === 'EACCES') return 'expected a file that can be read, found one without read permission';
  return `can't be read: ${messageOf(error)}`;
}

function unreadable(reason: string): FileContent {
  return { type: 'unreadable', reason };
}

function parseJson(text: string): FileContent {
  try {
    return { type: 'content', value: parseExactJson(text.replace(/^\uFEFF/, '')) };
  } catch (error) {
    // Shows only the position: the message of JSON.parse quotes the text, which may contain a password.
    return unreadable(`expected JSON, found a syntax error${indexRefOf(messageOf(error), text)}`);
  }
}

function indexRefOf(message: string, text: string): string {
  const position = Number(/ at (\d+) of the JSON/.exec(message)?.[1] ?? Number.NaN);
  if (Number.isNaN(position)) return '';
  if (position >= text.length) return ' at its end';
  const { line, column } = lineAndColumn(text, position);
  return ` at line ${line}, column ${column}`;
}

function lineAndColumn(text: string, position: number): { line: number; column: number } {
  const before = text.slice(0, position).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

async function parseYaml(text: string): Promise<FileContent> {
  const { LineCounter, parseDocument, visit } = await import('yaml');
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false, intAsBigInt: true });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    return unreadable(`expected YAML, found a syntax error at line ${line}, column ${col} (${error.code})`);
  }
  visit(document, {
    Scalar(key, node) {
      // a key is a text: as a number, the field 1.10 would become 1.1
      if (key !== 'key') node.value = exactScalar(node.value, node.source);
      else if (typeof node.value !== 'string') node.value = node.source ?? '';
    },
  });
  return { type: 'content', value: document.toJS({ maxAliasCount: 100 }) };
}

/** Makes an exact number of a YAML number. YAML has forms that JSON lacks: `+1`, `.5`, `1.`, `0x1F`. */
function exactScalar(value: unknown, source = ''): unknown {
  if (typeof value !== 'number' && typeof value !== 'bigint') return value;
  const text = source
    .replace(/^\+/, '')
    .replace(/^(-?)\./, '$10.')
    .replace(/\.(?=$|[eE])/, '.0')
    .replace(/^(-?)0+(?=\d)/, '$1');
  if (isNumberText(text)) return exactNumber(text);
  return typeof value === 'bigint' ? exactNumber(String(value)) : value;
}

async function importDefault(file: string): Promise<FileContent> {
  const { createJiti } = await import('jiti');
  // Files that import from 'twindex' get the running copy of twindex, wherever that is installed.
  const jiti = createJiti(import.meta.url, {
    fsCache: cacheFolder(file),
    moduleCache: false,
    interopDefault: false,
    virtualModules: { twindex: { defineConfig, defineIndex, exact, unchecked } },
  });
  try {
    const loaded: unknown = await jiti.import(file);
    if (typeof loaded !== 'object' || loaded === null || !('default' in loaded)) {
      return unreadable('expected a default export (export default ...), found none');
    }
    return { type: 'content', value: loaded.default };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return unreadable(fileReason(error));
    return unreadable(`expected a module that can be loaded, found an error: ${loadReason(error)}`);
  }
}

/**
 * The folder where jiti keeps the JavaScript that it makes from TypeScript, which saves most of a command's
 * start time. The JavaScript may contain credentials, and is run later. So the folder is in the project's
 * node_modules, and only if this belongs to the user. @returns false for no cache
 */
function cacheFolder(file: string): string | false {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const modules = join(folder, 'node_modules');
    const found = statSync(modules, { throwIfNoEntry: false });
    if (found) return isOwn(found) && join(modules, '.cache', 'twindex');
    if (dirname(folder) === folder) return false;
  }
}

/** Always true on Windows, which has no user ids. */
const isOwn = ({ uid }: Stats): boolean => process.getuid === undefined || uid === process.getuid();

/**
 * The first line of the error message. For a syntax error, the position is added, which is on the second
 * line.
 */
function loadReason(error: unknown): string {
  const [first = '', second = ''] = messageOf(error).split('\n');
  const place = /:(\d+):(\d+)$/.exec(second);
  const reason = first.replace(/^ParseError: /, '').trim();
  return place ? `${reason} at line ${place[1]}, column ${place[2]}` : reason;
}
