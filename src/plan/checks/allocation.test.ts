import { expect, test } from 'vitest';
import { allocationFindings } from './allocation.js';

const node = (name: string, attributes: Record<string, string> = {}) => ({
  id: `id-${name}`,
  name,
  host: `${name}.example`,
  ip: '10.0.0.1',
  attributes,
});
const target = (settings: Readonly<Record<string, string | number>> = { number_of_replicas: 0 }) => ({
  index: 'shop-v2',
  settings,
});
const nodes = [node('a', { zone: 'east' }), node('b', { zone: 'west' })];

const levels = (findings: readonly { readonly level: string }[]) => findings.map(({ level }) => level);

test('there is no finding when allocation is enabled and has no filters', () => {
  expect(allocationFindings(target(), {}, nodes)).toEqual([]);
  expect(allocationFindings(target(), { 'cluster.routing.allocation.enable': 'all' }, nodes)).toEqual([]);
});

test.each([
  ['none', 0, ['block']],
  ['NONE', 1, ['block']],
  ['replicas', 0, ['block']],
  ['primaries', 0, []],
  ['primaries', 1, ['warn']],
  ['new_primaries', 2, ['warn']],
])('cluster.routing.allocation.enable %s with %i replicas: %j', (enable, replicas, expected) => {
  const settings = { 'cluster.routing.allocation.enable': enable };
  expect(levels(allocationFindings(target({ number_of_replicas: replicas }), settings, nodes))).toEqual(
    expected,
  );
});

test('the declared setting of the index overrides that of the cluster', () => {
  const off = { 'cluster.routing.allocation.enable': 'none' };
  const on = target({ 'routing.allocation.enable': 'all', number_of_replicas: 0 });
  expect(allocationFindings(on, off, nodes)).toEqual([]);
  const [finding] = allocationFindings(target({ 'index.routing.allocation.enable': 'none' }), {}, nodes);
  expect(finding).toMatchObject({ level: 'block' });
  expect(finding?.message).toContain('Remove it from the index file.');
});

test.each([
  [{ 'index.routing.allocation.require._name': 'c' }, {}, false],
  [{ 'index.routing.allocation.require._name': 'a,b' }, {}, false],
  [{ 'index.routing.allocation.include._name': 'a,c' }, {}, true],
  [{ 'index.routing.allocation.include._name': 'c*' }, {}, false],
  [{ 'index.routing.allocation.require.zone': 'w*' }, {}, true],
  [{ 'index.routing.allocation.require.rack': '*' }, {}, false],
  [{ 'index.routing.allocation.exclude.zone': 'east' }, {}, true],
  [{}, { 'cluster.routing.allocation.exclude._name': 'a,b' }, false],
  [
    { 'index.routing.allocation.require.zone': 'east' },
    { 'cluster.routing.allocation.exclude._name': 'a' },
    false,
  ],
  [{ 'index.routing.allocation.include._tier_preference': 'data_content' }, {}, true],
  [{ 'index.routing.allocation.include.zone': '' }, {}, true],
])('filters %j of the index and %j of the cluster leave a node: %s', (declared, cluster, leaves) => {
  const settings = { ...declared, number_of_replicas: 0 } as Record<string, string | number>;
  const findings = allocationFindings(target(settings), cluster, nodes);
  expect(levels(findings)).toEqual(leaves ? [] : ['block']);
  if (!leaves) expect(findings[0]?.message).toContain('exclude a, b');
});

test.each([
  [{ number_of_shards: 2, 'routing.allocation.total_shards_per_node': 1 }, {}, 0, []],
  [{ number_of_shards: 3, 'index.routing.allocation.total_shards_per_node': 1 }, {}, 0, ['block']],
  [
    { index: { number_of_shards: 3, routing: { allocation: { total_shards_per_node: '1' } } } },
    {},
    0,
    ['block'],
  ],
  [
    { number_of_shards: 2, number_of_replicas: 1, 'routing.allocation.total_shards_per_node': 1 },
    {},
    0,
    ['warn'],
  ],
  [{ number_of_shards: 9, 'routing.allocation.total_shards_per_node': -1 }, {}, 0, []],
  [{}, { 'cluster.routing.allocation.total_shards_per_node': '5' }, 9, []],
  [{}, { 'cluster.routing.allocation.total_shards_per_node': '5' }, 10, ['block']],
  [{}, { 'cluster.routing.allocation.total_shards_per_node': '-1' }, 10, []],
])(
  'with the limits %j of the index and %j of the cluster, where %i shards are: %j',
  (declared, cluster, there, expected) => {
    const settings = { number_of_replicas: 0, ...declared } as Record<string, string | number>;
    expect(levels(allocationFindings(target(settings), cluster, nodes, there))).toEqual(expected);
  },
);

test('only nodes that the filters leave count for the limits', () => {
  const settings = {
    number_of_shards: 2,
    number_of_replicas: 0,
    'routing.allocation.total_shards_per_node': 1,
    'routing.allocation.require.zone': 'east',
  };
  expect(levels(allocationFindings(target(settings), {}, nodes))).toEqual(['block']);
});

test.each([
  [{ 'write.wait_for_active_shards': 'all', number_of_replicas: 1 }, []],
  [{ 'write.wait_for_active_shards': 'all', number_of_replicas: 2 }, ['block']],
  [{ 'write.wait_for_active_shards': 'all', auto_expand_replicas: '0-5' }, []],
  [{ 'write.wait_for_active_shards': 2, number_of_replicas: 1 }, []],
  [{ 'write.wait_for_active_shards': '3', number_of_replicas: 2 }, ['block']],
  [{ 'write.wait_for_active_shards': 0, number_of_replicas: 0 }, []],
])('writes that wait for copies on two nodes, with %j: %j', (settings, expected) => {
  expect(levels(allocationFindings(target(settings), {}, nodes))).toEqual(expected);
});

test('a setting that is kept of the live index is not looked for in the index file', () => {
  const kept = target({ 'index.routing.allocation.enable': 'none', 'index.number_of_replicas': 0 });
  const [finding] = allocationFindings(kept, {}, nodes, 0, { number_of_replicas: 0 });
  expect(finding?.message).toContain('kept from the live index');
  expect(finding?.message).not.toContain('Remove it from the index file.');
});
