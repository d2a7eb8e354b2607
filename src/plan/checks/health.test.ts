import { expect, test } from 'vitest';
import { healthFindings } from './health.js';

const target = (settings: Readonly<Record<string, string>>) => ({ index: 'v2', settings, mappings: {} });
const yellow = { status: 'yellow', initializingShards: 0, unassignedShards: 2 } as const;
const red = { status: 'red', initializingShards: 1, unassignedShards: 0 } as const;

test.each([
  [
    'as many replicas',
    yellow,
    target({}),
    'v2 will have 1 replica of each shard (index.number_of_replicas in the index file), and may stay yellow',
  ],
  [
    'none',
    yellow,
    target({ number_of_replicas: '0' }),
    'v2 will have no replicas, so it will not be yellow for this reason',
  ],
  [
    'those that fit',
    yellow,
    target({ auto_expand_replicas: '0-all' }),
    'as many replicas as the number of nodes',
  ],
  ['no new index', yellow, undefined, '2 replicas are not assigned. All of its documents can be read. GET'],
  [
    'replicas that are being made',
    { ...yellow, initializingShards: 1, unassignedShards: 0 },
    target({}),
    'v1 is yellow: 1 replica is being created, which will end by itself. All of its documents can be read.',
  ],
  ['a primary that is being started', red, target({}), 'The shard is starting: run plan again in a moment.'],
  [
    'a primary that is nowhere',
    { ...red, unassignedShards: 1 },
    target({}),
    'Make the shard available again first. GET',
  ],
])('%s', (_, health, index, text) => {
  const [finding] = healthFindings('v1', health, index);
  expect(finding?.level).toBe(health.status === 'red' ? 'block' : 'warn');
  expect(finding?.message).toContain(text);
});

test('there is no finding for a green index', () => {
  expect(healthFindings('v1', { ...yellow, status: 'green' }, undefined)).toEqual([]);
});
