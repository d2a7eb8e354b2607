import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { filterPath } from '../../../src/writers/mirror/request/filterPath.js';
import { prettyJson } from '../../../src/writers/mirror/request/prettyJson.js';
import { engineName, testCluster, uniqueName } from '../engine.js';

const NAMES = ['a', 'b', 'ab', 'c.d', 'e'];

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(1, 'x', null, true),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 3 }),
  ),
}));
const document = fc.dictionary(fc.constantFrom(...NAMES), value, { minKeys: 1, maxKeys: 4 });
const segment = fc.constantFrom('a', 'b', 'a*', '*b', '*', '**', 'c\\.d', 'e', 'x');
const pattern = fc
  .record({
    excludes: fc.boolean(),
    path: fc.array(segment, { minLength: 1, maxLength: 3 }),
    top: fc.boolean(),
  })
  .map(({ excludes, path, top }) => `${excludes ? '-' : ''}${(top ? path : ['_source', ...path]).join('.')}`);

describe('filter_path against the engine', () => {
  let cluster: Cluster;
  let index: string;

  beforeAll(async () => {
    cluster = await testCluster();
    index = uniqueName('filter-path');
    const body = { settings: { number_of_replicas: 0 }, mappings: { enabled: false } };
    await cluster.connection.json({ method: 'PUT', path: `/${index}`, body });
  });

  const get = async (query: Record<string, string>) =>
    (await cluster.connection.send({ method: 'GET', path: `/${index}/_doc/1`, query })).body;

  it('leaves the same of every answer', async () => {
    await fc.assert(
      fc.asyncProperty(
        document,
        fc.array(pattern, { minLength: 1, maxLength: 3 }),
        async (source, patterns) => {
          // OpenSearch takes what was empty from the beginning for something that nothing is left of
          fc.pre(engineName !== 'opensearch' || !(patterns.some(excludes) && holdsNothing(source)));
          await cluster.connection.json({ method: 'PUT', path: `/${index}/_doc/1`, body: source });
          const whole = await get({});
          const filtered = await get({ filter_path: patterns.join(',') });
          expect(filterPath(whole, patterns.join(',')).toString()).toBe(filtered.toString());
        },
      ),
      { numRuns: 150 },
    );
  });

  it('prints the same of every answer', async () => {
    const answers = await Promise.all(
      [`/${index}`, `/${index}/_settings`, '/_cluster/health/nope?timeout=1ms'].map(both),
    );
    for (const [plain, pretty] of answers) expect(prettyJson(plain).toString()).toBe(pretty.toString());
  });

  /**
   * Elasticsearch's pretty documents are printed by it, those of OpenSearch come as they were stored. Asked again until
   * both say the same: the cluster's numbers move while other tests use it.
   */
  async function both(path: string): Promise<[Buffer, Buffer]> {
    const [target = '', query = ''] = path.split('?');
    const parameters = Object.fromEntries(new URLSearchParams(query));
    const ask = async (more: Record<string, string>) =>
      (await cluster.connection.send({ method: 'GET', path: target, query: { ...parameters, ...more } }))
        .body;
    for (let tries = 1; ; tries++) {
      const [plain, pretty] = [await ask({}), await ask({ pretty: 'true' })];
      if (tries === 50 || isDeepStrictEqual(parsed(plain), parsed(pretty))) return [plain, pretty];
    }
  }
});

const parsed = (json: Buffer): unknown => JSON.parse(json.toString());

const excludes = (one: string): boolean => one.startsWith('-');

function holdsNothing(json: unknown): boolean {
  if (typeof json !== 'object' || json === null) return false;
  const members = Object.values(json);
  return members.length === 0 || members.some(holdsNothing);
}
