// Random numbers and keys that JavaScript would change, on a real engine: the index that is created from them is as declared,
// and so is the file that init writes of it.
import * as fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import type { Cluster } from '../../src/cluster/cluster.js';
import { createIndex } from '../../src/cluster/indices/createIndex.js';
import { getIndexes } from '../../src/cluster/indices/getIndex.js';
import { updateAliases } from '../../src/cluster/indices/updateAliases.js';
import { parseJson, printJson } from '../../src/json/exactJson.js';
import { notAsDeclared } from '../../src/schema/asDeclared.js';
import { diffSchema } from '../../src/schema/diff.js';
import { renderIndexFile } from '../../src/schema/render.js';
import type { JsonObject } from '../../src/json/jsonTypes.js';
import { testCluster, uniqueName } from './engine.js';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await testCluster();
});

const integer = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
const decimal = fc
  .tuple(
    fc.integer({ min: -9_999, max: 9_999 }),
    fc.stringMatching(/^[0-9]{1,12}$/),
    fc.constantFrom('', 'e3', 'E-5'),
  )
  .map(([whole, fraction, exponent]) => `${whole}.${fraction}${exponent}`);
const key = fc.constantFrom('a', 'b', '__proto__', 'constructor', 'toString', 'hasOwnProperty');
const anyMeta = fc
  .uniqueArray(
    fc.tuple(
      key,
      fc.oneof(
        integer,
        decimal,
        integer.map((n) => `{"__proto__":[${n},1.0]}`),
      ),
    ),
    {
      selector: ([name]) => name,
    },
  )
  .map((members) => `{${members.map(([name, value]) => `"${name}":${value}`).join(',')}}`);
const word = fc.stringMatching(/^[a-z0-9, .=>\\-]{0,8}$/);
const anySchema = fc
  .record({
    meta: anyMeta,
    long: fc.oneof(
      integer,
      integer.map((n) => `"${n}"`),
      fc.constantFrom('1.0', '1e2', '-0'),
    ),
    double: fc.oneof(integer, decimal),
    float: fc.oneof(decimal, fc.constantFrom('0.1', '16777217', '"1.50"')),
    half: fc.constantFrom('0.1', '0.12345', '1', '2049'),
    keyword: fc.oneof(integer, decimal),
    words: fc.array(word, { maxLength: 3 }),
  })
  .map(
    ({ meta, long, double, float, half, keyword, words }) => `{
      "settings": {
        "number_of_shards": 1,
        "index": { "number_of_replicas": "0" },
        "analysis.filter.s": { "type": "stop", "stopwords": ${JSON.stringify(words)} },
        "similarity": { "mine": { "type": "BM25", "b": 0.${Math.abs(words.length)}0 } }
      },
      "mappings": {
        "_meta": ${meta},
        "properties": {
          "l": { "type": "long", "null_value": ${long} },
          "d": { "type": "double", "null_value": ${double} },
          "f": { "type": "float", "null_value": ${float} },
          "h": { "type": "half_float", "null_value": ${half} },
          "k": { "type": "keyword", "null_value": ${keyword} },
          "constructor": { "type": "keyword" }
        }
      }
    }`,
  );

it('an index is as declared, and so is the file that init writes', async () => {
  const check = fc.asyncProperty(anySchema, async (text) => {
    const index = uniqueName('exact');
    const declared = parseJson(text) as { settings: JsonObject; mappings: JsonObject };
    await createIndex(cluster, index, declared);
    try {
      const [live] = await getIndexes(cluster, index);
      if (!live) throw new Error(`${index} is not there`);
      expect(diffSchema(live, declared, cluster.engine)).toEqual([]);
      expect(notAsDeclared(live, declared, cluster.engine)).toEqual([]);
      const file = renderIndexFile({
        name: 'x',
        version: 1,
        aliases: { read: 'r', write: 'w' },
        settings: live.settings,
        mappings: live.mappings,
        format: 'json',
      });
      const written = parseJson(file) as typeof declared;
      expect(diffSchema(live, written, cluster.engine)).toEqual([]);
    } finally {
      await updateAliases(cluster, [{ remove_index: { index } }]);
    }
  });
  await fc.assert(check, { numRuns: 25 });
}, 240_000);

it('a filter that is read from an alias and put back is the same text', async () => {
  const index = uniqueName('exact');
  await createIndex(cluster, index, {});
  const check = fc.asyncProperty(anyMeta, async (text) => {
    const filter = parseJson(
      `{"bool":{"filter":[{"terms":{"n":[${text.length},1.0]}},{"term":{"x":{"value":1.0}}}]}}`,
    );
    const alias = `${index}-alias`;
    const meta = parseJson(text) as JsonObject;
    const terms = {
      bool: { filter: Object.entries(meta).map(([name, value]) => ({ term: { [name]: numberIn(value) } })) },
    };
    for (const given of [filter as JsonObject, terms as JsonObject]) {
      await updateAliases(cluster, [{ add: { index, alias, filter: given } }]);
      const before = (await getIndexes(cluster, index))[0]?.aliases[alias];
      await updateAliases(cluster, [{ add: { index, alias, ...before } }]);
      const after = (await getIndexes(cluster, index))[0]?.aliases[alias];
      expect(before?.filter).toBeDefined();
      expect(printJson(after)).toBe(printJson(before));
    }
  });
  await fc.assert(check, { numRuns: 10 });
  await updateAliases(cluster, [{ remove_index: { index } }]);
}, 240_000);

/** A term takes a number, and no object. */
function numberIn(value: JsonObject[string]): JsonObject[string] {
  return Object.getPrototypeOf(value) === Object.prototype ? 1 : value;
}
