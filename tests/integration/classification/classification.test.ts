// Every kind of change is tried on the real engine: what it lets through in place, what on a closed index, what never.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { getIndexes } from '../../../src/cluster/indices/getIndex.js';
import { diffSchema, type Schema } from '../../../src/schema/diff.js';
import type { ChangeClass } from '../../../src/schema/types.js';
import type { JsonObject } from '../../../src/json/jsonTypes.js';
import { type SchemaUpdate, schemaUpdate } from '../../../src/schema/update.js';
import { engineName, testCluster, uniqueName } from '../engine.js';
import { ANALYSIS, cases, type ClassificationCase } from './cases.js';

const ORDER: readonly (ChangeClass | 'none')[] = [
  'none',
  'in-place',
  'close-and-open',
  'new-version',
  'blocked',
];

describe.concurrent('what a change of the schema needs, asked of the engine', () => {
  const prefix = uniqueName('classify');
  let cluster: Cluster;
  let created = 0;

  beforeAll(async () => {
    cluster = await testCluster();
  });

  for (const kind of cases.filter(({ only }) => only === undefined || only === engineName)) {
    it(`${kind.title}: ${kind.needs}`, async ({ skip }) => {
      skip(isOlder(cluster.engine.version, kind.since), `not before ${kind.since}`);
      const index = nextName();
      const [from, to] = [schemaOf(kind.from), schemaOf(kind.to)];
      expect(await create(index, from)).toBeUndefined();
      const live = await read(index);
      const changes = diffSchema(live, to, cluster.engine);
      const needs = changes.map((change) => change.needs).reduce(worse, 'none');
      expect({ needs, changes }).toEqual({ needs: kind.needs, changes });

      const answer = await ask(index, live, to, kind);
      if (kind.stricter === undefined) expect(answer).toBe(kind.needs);
      else expect(ORDER.indexOf(answer)).toBeLessThan(ORDER.indexOf(kind.needs));
    });
  }

  /** What the engine makes of it: the first way that it lets the change through, and holds it afterwards. */
  async function ask(
    index: string,
    live: Schema,
    to: Schema,
    kind: ClassificationCase,
  ): Promise<ChangeClass | 'none'> {
    if (kind.needs === 'none') return 'none';
    const update = withRest(schemaUpdate(live, to, cluster.engine), live, to);
    if (await apply(index, update, 'open')) {
      if (!kind.stricter) expect(diffSchema(await read(index), to, cluster.engine)).toEqual([]);
      return 'in-place';
    }
    await send('POST', `/${index}/_close`);
    const closed = await apply(index, update, 'closed');
    await send('POST', `/${index}/_open`);
    if (closed) {
      if (!kind.stricter) expect(diffSchema(await read(index), to, cluster.engine)).toEqual([]);
      return 'close-and-open';
    }
    return (await create(nextName(), to)) === undefined ? 'new-version' : 'blocked';
  }

  async function apply(index: string, update: SchemaUpdate, state: 'open' | 'closed'): Promise<boolean> {
    const requests: [path: string, body: object][] = [
      [
        '_settings',
        state === 'open' ? { ...update.openSettings, ...update.closedSettings } : update.closedSettings,
      ],
      ['_mapping', update.mappings ?? {}],
    ];
    for (const [path, body] of requests) {
      if (Object.keys(body).length === 0) continue;
      if ((await send('PUT', `/${index}/${path}`, body)) !== undefined) return false;
    }
    return true;
  }

  /** What twindex would not send, since it needs a new index, is asked for all the same. */
  function withRest(update: SchemaUpdate, live: Schema, to: Schema): SchemaUpdate {
    const changes = diffSchema(live, to, cluster.engine);
    const refused = changes.filter(({ needs }) => needs === 'new-version' || needs === 'blocked');
    if (refused.length === 0) return update;
    const mappings = refused.some(({ path }) => path.startsWith('mappings.')) ? to.mappings : update.mappings;
    const settings = refused
      .filter(({ path }) => path.startsWith('settings.'))
      .map(({ path, after }) => [`index.${path.slice('settings.'.length)}`, after ?? null]);
    return {
      mappings,
      openSettings: update.openSettings,
      closedSettings: { ...update.closedSettings, ...Object.fromEntries(settings) },
    };
  }

  function nextName(): string {
    return `${prefix}-${++created}`;
  }

  async function create(index: string, schema: Schema): Promise<string | undefined> {
    return send('PUT', `/${index}`, schema);
  }

  /** The engine's reason when it refuses, nothing when it takes it. */
  async function send(method: 'PUT' | 'POST', path: string, body?: object): Promise<string | undefined> {
    const answer = await cluster.connection.send({ method, path, body });
    return answer.status < 300 ? undefined : answer.body.toString();
  }

  async function read(index: string): Promise<Schema> {
    const [live] = await getIndexes(cluster, index);
    if (!live) throw new Error(`${index} is gone`);
    return live;
  }
});

function isOlder(version: string, since = '0'): boolean {
  return version.localeCompare(since, 'en', { numeric: true }) < 0;
}

function worse(a: ChangeClass | 'none', b: ChangeClass | 'none'): ChangeClass | 'none' {
  return ORDER.indexOf(a) >= ORDER.indexOf(b) ? a : b;
}

/** With the analysis that the cases refer to. */
function schemaOf({ mappings = {}, settings = {} }: { mappings?: object; settings?: object }): Schema {
  const { analysis = {}, ...rest } = settings as { analysis?: Record<string, object> };
  const merged = Object.fromEntries(
    Object.entries(ANALYSIS).map(([kind, components]) => [kind, { ...components, ...analysis[kind] }]),
  );
  return {
    mappings: mappings as JsonObject,
    settings: { number_of_replicas: 0, ...rest, analysis: merged },
  };
}
