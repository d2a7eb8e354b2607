import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exact, exactValues, parseJson, plainValues, printJson } from './exactJson.js';

const digits = fc.stringMatching(/^(0|[1-9][0-9]{0,25})$/);
const numberText = fc
  .tuple(
    fc.constantFrom('', '-'),
    digits,
    fc.option(fc.stringMatching(/^[0-9]{1,20}$/), { nil: '' }),
    fc.constantFrom('', '', 'e3', 'E+12', 'e-400'),
  )
  .map(([sign, whole, fraction, exponent]) => sign + whole + (fraction && `.${fraction}`) + exponent);
const key = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', 'toJSON', ''),
  fc.string({ maxLength: 4 }),
);

/** JSON texts that are printed without the code under test. */
const { json } = fc.letrec<{ json: string }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(
      numberText,
      fc.string().map((text) => JSON.stringify(text)),
      fc.constantFrom('true', 'null'),
    ),
    fc.array(tie('json'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
    fc
      .uniqueArray(fc.tuple(key, tie('json')), { maxLength: 4, selector: ([name]) => name })
      // JavaScript moves names such as "1" to the front, which is no loss.
      .map((members) => members.filter(([name]) => !/^\d+$/.test(name)))
      .map((members) => `{${members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`),
  ),
}));

describe('parseJson and printJson', () => {
  it('give back every text as it was', () => {
    const check = fc.property(json, (text) => {
      expect(printJson(parseJson(text))).toBe(text);
      expect(printJson(parseJson(printJson(parseJson(text), 2)))).toBe(text);
    });
    fc.assert(check, { numRuns: 2_000 });
  });

  it('have the layout of JSON.stringify', () => {
    const value = { a: [1, { b: [] }], c: {}, d: 'x' };
    const text = printJson({ ...value, e: 2n ** 64n }, 2);
    expect(text).toBe(`${JSON.stringify(value, null, 2).slice(0, -2)},\n  "e": 18446744073709551616\n}`);
  });

  it('an exact number can not be printed with JSON.stringify by accident', () => {
    expect(() => JSON.stringify({ n: parseJson('9007199254740993') })).toThrow('use printJson');
  });

  it('takes BigInt, exact() and -0 of a module', () => {
    const value = exactValues({ a: 9007199254740993n, b: exact('1.0'), c: -0, d: 5n, e: exact('2') });
    expect(printJson(value)).toBe('{"a":9007199254740993,"b":1.0,"c":-0,"d":5,"e":2}');
    expect(plainValues(value)).toEqual({ a: 9007199254740992, b: 1, c: -0, d: 5, e: 2 });
  });

  it.each(['', '01', '1.', '.5', '0x1', 'NaN', ' 1', '1n'])('exact(%j) is an error', (text) => {
    expect(() => exact(text)).toThrow('the text of a JSON number');
  });
});

/**
 * Files that use JSON.parse and JSON.stringify on purpose, as they handle no JSON of a user, or only its
 * bytes. Other files must use `parseJson` and `printJson`.
 */
const ALLOWED: Readonly<Record<string, string>> = {
  'json/': 'the exact ones are made of them',
  'cli/': 'events and figures of twindex; plans and records are printed exactly',
  'dashboard/': 'facts about a migration, all of them ours; documents travel as texts',
  'writers/client/': 'documents travel as bytes',
  'cluster/cluster.ts': 'the version of the engine',
  'cluster/clusterConnection.ts': '`json` is for figures, `exactJson` for all else',
  'cluster/engineErrors.ts': 'messages of the engine',
  'cluster/indices/findManagedPolicy.ts': 'names of policies',
  'cluster/reindex/hasReindex.ts': 'a message of the engine',
  'commonReason.ts': 'ids are quoted',
  'demo/': 'data of its own',
  'localEngine/': 'starts engines',
  'documents/': 'ids are quoted, and errors of the engine are read',
  'coordinator/follow/': 'texts are quoted; documents have a parser of their own',
  'writers/gateway/': 'documents and requests travel as bytes',
  'coordinator/migration/hooks/': 'facts about a migration, all of them ours',
  'journal/': 'ids and reasons; records are read and written by cluster/documents/',
  'coordinator/migration/': 'ids',
  'writers/mirror/': 'documents travel as bytes; texts are quoted',
  'protocol/': 'ids are quoted',
  'packageVersion.ts': 'our own version',
  'plan/': 'texts are quoted; changes are printed exactly',
  'queries/': 'ids and messages; the answers are compared with a tolerance; bodies are exact',
  'coordinator/reingest/': 'cursors and ids; documents have a parser of their own',
  'schema/': 'names and texts are quoted',
  'coordinator/verify/': 'ids',
};
/** Folders in which any value may be a user's JSON. They use JSON.parse and JSON.stringify for texts only. */
const TEXTS_ONLY =
  /JSON\.stringify\((text|name|key|value|node|withoutSecrets\(\w+\)|short\(.*?\)|`[^`]*`|line\.slice.*?|body|method|path|unknown|\[.*?\]|id|.*canonical.*)\)/;

describe('JSON.parse and JSON.stringify', () => {
  const root = join(import.meta.dirname, '..');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll(sep, '/'))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));

  it('are used only where no JSON of a user passes', () => {
    const used = files.filter((file) => /JSON\.(parse|stringify)\(/.test(read(file)));
    expect(used.filter((file) => !Object.keys(ALLOWED).some((place) => file.startsWith(place)))).toEqual([]);
  });

  it('print nothing but texts in schema/', () => {
    const lines = files
      .filter((file) => file.startsWith('schema/'))
      .flatMap((file) =>
        read(file)
          .split('\n')
          .map((line) => `${file}: ${line.trim()}`),
      )
      .filter((line) => /JSON\.(parse|stringify)\(/.test(line) && !TEXTS_ONLY.test(line));
    expect(lines).toEqual([]);
  });

  it('are not used by operations with mappings, settings, aliases or pipelines', () => {
    const used = files
      .filter((file) => /^cluster\/.+\//.test(file))
      .filter((file) => /JsonObject|AliasProperties/.test(read(file)))
      .filter((file) => read(file).includes('connection.json'));
    expect(used.sort()).toEqual([
      'cluster/indices/createIndex.ts', // sends them, and the answer is only `acknowledged`
      'cluster/indices/listAliases.ts', // only reads their names
      'cluster/indices/updateAliases.ts', // sends them, and the answer is only `acknowledged`
    ]);
  });

  function read(file: string): string {
    return readFileSync(join(root, file), 'utf8');
  }
});
