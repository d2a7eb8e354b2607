import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { managedOf, ManagedNames } from '../../../src/writers/mirror/request/managedNames.js';
import { testRecord } from '../../testRecord.js';
import { engineName, testCluster, uniqueName } from '../engine.js';

describe('index expressions against the engine', () => {
  let cluster: Cluster;
  let name: string;
  let names: ManagedNames;
  let ours: string[];

  beforeAll(async () => {
    cluster = await testCluster();
    name = uniqueName('names');
    ours = [`${name}-v1`, `${name}-v2`];
    const settings = { number_of_replicas: 0 };
    const create = (index: string, aliases: object) =>
      cluster.connection.json({ method: 'PUT', path: `/${index}`, body: { settings, aliases } });
    await create(`${name}-v1`, { [`${name}-write`]: {}, [`${name}-read`]: {}, [`twindex.${name}.w.3`]: {} });
    await create(`${name}-v2`, { [`twindex.${name}.mirror.3`]: {} });
    await create(`${name}-other`, {});
    const record = testRecord({
      name,
      source: { index: `${name}-v1`, version: 1 },
      target: { index: `${name}-v2`, version: 2 },
      aliases: { read: `${name}-read`, write: `${name}-write` },
      sourceAliases: { [`${name}-read`]: {}, [`${name}-write`]: {} },
      writers: { mode: 'mirror', generation: 3, pruned: 0, version: 1, moves: 0 },
    });
    names = new ManagedNames([managedOf(record)]);
  });

  /** The concrete indexes that the engine finds; undefined where it refuses the expression. */
  async function found(expression: string): Promise<string[] | undefined> {
    const { status, body } = await cluster.connection.send({
      method: 'GET',
      path: `/${encodeURIComponent(expression)}/_settings`,
      query: { ignore_unavailable: true, allow_no_indices: true, filter_path: '*.settings.index.uuid' },
    });
    return status === 200 ? Object.keys(JSON.parse(body.toString()) as object) : undefined;
  }

  const PARTS = [
    'N-v1',
    'N-v2',
    'N-other',
    'N-write',
    'N-read',
    'N*',
    'N-*',
    'N-v*',
    '*-v1',
    '_all',
    '*',
    'N-o*',
    'N-w*',
  ];
  const MORE = [
    'twindex.N.w.3',
    'twindex.*',
    '<N-v1>',
    "<N-{now{'v2'}}>",
    '<N-{now/d}>',
    '<N-{now{yyyy,MM}}>',
    'nothing',
    '',
  ];
  const SELECTED = engineName === 'elasticsearch' ? ['N-v1::data', 'N-*::data'] : [];
  const part = fc.constantFrom(...PARTS, ...PARTS.map((one) => `-${one}`), ...MORE, ...SELECTED);

  it('reach at least what the engine finds, and nothing where that is an index of others alone', async () => {
    let reached = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 4 }), async (parts) => {
        const expression = parts.join(',').replaceAll('N', name);
        fc.pre(expression !== '' && !expression.startsWith('_all,'));
        const engine = await found(expression);
        if (engine?.some((index) => ours.includes(index))) {
          reached++;
          expect(names.reached(expression)).toHaveLength(1);
        }
        const plain = parts.every((one) => ['N-other', 'N-o*', 'nothing', '<N-{now/d}>'].includes(one));
        if (plain && !parts.includes('<N-{now/d}>')) expect(names.reached(expression)).toEqual([]);
      }),
      { numRuns: 200 },
    );
    expect(reached).toBeGreaterThan(20);
  });
});
