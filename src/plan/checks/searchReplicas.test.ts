import { expect, test } from 'vitest';
import { searchReplicaFindings } from './searchReplicas.js';

test.each([
  [{ number_of_search_replicas: 1 }, false, 1],
  [{ index: { number_of_search_replicas: '2' } }, false, 1],
  [{ 'index.number_of_search_replicas': 1 }, true, 0],
  [{ number_of_search_replicas: '0' }, false, 0],
  [{}, false, 0],
])('%j, in a remote store: %s', (settings, isRemote, findings) => {
  expect(searchReplicaFindings('v2', settings, isRemote)).toHaveLength(findings);
});
