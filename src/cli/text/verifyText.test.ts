import { expect, it } from 'vitest';
import type { CheckResult } from '../../coordinator/verify/checkIndexes.js';
import { renderCheck } from './verifyText.js';

const COMPARED = { name: 'catalogue', level: 'content', leader: 'v1', follower: 'v2' } as const;
const EQUAL: CheckResult = {
  compared: 1_200,
  equal: 1_200,
  moving: 0,
  behind: 0,
  rejected: 0,
  dropped: 0,
  notCompared: 0,
  different: 0,
  missing: 0,
  extra: 0,
  first: [],
  misfits: [],
  mappings: [],
  complete: true,
  nonDeterministicId: undefined,
  nonDeterministic: 0,
  tookMs: 2_340,
  second: { sampled: 1_000, counts: 'equal', wrong: [] },
};
const textOf = (change: Partial<CheckResult>): string =>
  renderCheck({ ...EQUAL, ...change }, COMPARED).join('\n');

it('says that nothing differs, and leaves out counts of zero', () => {
  const text = textOf({});
  expect(text).toMatch(/^catalogue: no difference \(2\.3 s\)\n/);
  expect(text).not.toMatch(/moving|behind|rejected|dropped|warning|incomplete/);
});

it('shows the findings of the second check, and where to look', () => {
  expect(textOf({})).toContain('1,000 documents by realtime GET: no difference; document counts: equal');
  const counts = 'the statistics of the shards count 40 live documents in v1 and 20 in v2';
  const text = textOf({ second: { sampled: 40, counts, wrong: [counts, '7: missing'] } });
  expect(text).toContain('catalogue: 2 differ');
  expect(text).toContain('search pipelines');
  expect(text).not.toContain('--out FILE');
});

it('does not count documents that could not be compared as equal', () => {
  expect(textOf({ behind: 1 })).toContain('no difference in the documents that could be compared');
  expect(textOf({ complete: false })).toContain('no difference in the documents that could be compared');
});

it('shows some differences, and where to find the others', () => {
  const first = [{ id: '7', routing: 'r', kind: 'content', fields: ['a: 1 -> 2'] }] as const;
  const text = textOf({ first, different: 2 });
  expect(text).toContain('catalogue: 2 differ');
  expect(text).toContain('7 (routing r): content, a: 1 -> 2');
  expect(text).toContain('twindex verify catalogue --out FILE');
});
