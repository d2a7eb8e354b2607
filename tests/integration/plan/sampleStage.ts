// A live version 1, a declared version 2, and samples of the one for the other, on the real engine.
import { expect } from 'vitest';
import { createIndex } from '../../../src/cluster/indices/createIndex.js';
import { getIndexes } from '../../../src/cluster/indices/getIndex.js';
import { makePlan, type Plan } from '../../../src/plan/makePlan.js';
import { type Sample, takeSample } from '../../../src/plan/sample.js';
import type { IndexDefinition, Migration } from '../../../src/schema/types.js';
import type { JsonObject } from '../../../src/json/jsonTypes.js';
import { testCluster, uniqueName } from '../engine.js';

export interface Declared {
  readonly before?: JsonObject;
  readonly after: JsonObject;
  readonly up?: Migration['up'];
  readonly settings?: JsonObject;
  readonly shards?: number;
}

/** Version 1 is live, version 2 declared. */
export async function declare({
  before = {},
  after,
  up,
  settings = {},
  shards = 1,
}: Declared): Promise<IndexDefinition> {
  const cluster = await testCluster();
  const name = uniqueName('smp');
  const aliases = { read: `${name}-read`, write: `${name}-write` };
  await createIndex(cluster, `${name}-v1`, {
    settings: { number_of_shards: shards, number_of_replicas: 0 },
    mappings: { properties: before },
    aliases: { [aliases.read]: {}, [aliases.write]: {} },
  });
  return {
    name,
    version: 2,
    aliases,
    settings: { number_of_shards: shards, number_of_replicas: 0, ...settings },
    mappings: { properties: after },
    migrations: up ? { 2: { up } } : {},
    file: `${name}.ts`,
  };
}

interface Line {
  readonly id: string;
  readonly source: object | string;
  readonly routing?: string;
}

export async function fill({ name }: IndexDefinition, lines: readonly Line[]): Promise<void> {
  const cluster = await testCluster();
  const body = lines.map(
    ({ id, source, routing }) =>
      `${JSON.stringify({ index: { _id: id, routing } })}\n${typeof source === 'string' ? source : JSON.stringify(source)}\n`,
  );
  const { errors } = await cluster.connection.json<{ errors: boolean }>({
    method: 'POST',
    path: `/${name}-v1/_bulk`,
    query: { refresh: true },
    body: body.join(''),
  });
  expect(errors).toBe(false);
}

export const numbered = (count: number, make: (n: number) => object): Line[] =>
  Array.from({ length: count }, (_, n) => ({ id: `${n}`, source: make(n) }));

interface Sampled {
  readonly plan: Plan;
  readonly sample: Sample;
}

export async function sampled(
  definition: IndexDefinition,
  count: number,
  signal: AbortSignal = new AbortController().signal,
): Promise<Sampled> {
  const cluster = await testCluster();
  const plan = await makePlan(cluster, definition);
  expect(plan.kind).toBe('new-version');
  const sample = (await takeSample({ cluster, definition, plan, count, signal })) as Sample;
  expect(await scratchIndexes(definition)).toEqual([]);
  return { plan, sample };
}

export async function scratchIndexes({ name }: Pick<IndexDefinition, 'name'>): Promise<string[]> {
  const cluster = await testCluster();
  const found = await getIndexes(cluster, `${name}*-sample-*`, { hidden: true });
  return found.map(({ index }) => index);
}
