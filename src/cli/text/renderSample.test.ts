import { expect, test } from 'vitest';
import type { Plan } from '../../plan/decidePlan.js';
import { renderSample } from './renderSample.js';
import type { Sample } from '../../plan/sampleTally.js';

const plan: Plan = {
  name: 'shop',
  kind: 'new-version',
  layout: 'two-aliases',
  changes: [],
  findings: [],
  estimate: {
    documents: 120_000,
    bytes: 1,
    diskBytes: 1,
  },
  transform: true,
  lossyWayBack: false,
  fingerprint: 'f',
};

const sample: Sample = {
  documents: 1_000,
  asked: 1_000,
  indexed: 990,
  dropped: 4,
  rejected: {
    count: 6,
    first: [],
    byReason: [
      {
        reason: 'mapper_parsing_exception: failed to parse field [price]',
        count: 5,
        ids: ['17', '23', '4 2'],
      },
      { reason: 'the transform failed: no \u001b[2Jname', count: 1, ids: ['8'] },
    ],
  },
  nondeterministic: { count: 0, first: [] },
  changed: 990,
  examples: [
    {
      id: '42',
      fields: [
        { path: 'price', before: '"12.50"', after: '12.5' },
        { path: 'tags', after: '[]' },
        { path: 'text', before: `"${'x'.repeat(150)}"` },
      ],
    },
  ],
  tookMs: 2_000,
};

const text = (more: Partial<Sample> = {}, of: Partial<Plan> = {}) =>
  renderSample({ ...plan, ...of }, { ...sample, ...more }, { colours: false }).join('\n');

test('counts, causes, examples and the next step', () => {
  expect(text()).toBe(`\
  sample      1,000 of 120,000 documents: 990 taken, 4 dropped, 6 would be rejected; 990 changed by the transform (2s)
              5 x mapper_parsing_exception: failed to parse field [price] (document 17, 23, "4 2", ...)
              1 x the transform failed: no �[2Jname (document 8)
              document 42: price "12.50" -> 12.5, tags missing -> [], text "${'x'.repeat(99)}… -> missing
  next        correct the transform or the mapping, then run again: twindex plan shop --sample 1000
  next        or continue without the documents that are rejected: twindex migrate shop --drop-rejected`);
});

const none = { count: 0, first: [], byReason: [] };

test('without rejected documents there is nothing more to do', () => {
  expect(text({ rejected: none, examples: [], indexed: 996 })).toBe(
    '  sample      1,000 of 120,000 documents: 996 taken, 4 dropped, 0 would be rejected; 990 changed by the transform (2s)',
  );
});

test('without a transform, none is mentioned', () => {
  const lines = text({ dropped: 0, changed: 0, examples: [], indexed: 994 }, { transform: false });
  expect(lines).toContain('1,000 of 120,000 documents: 994 taken, 6 would be rejected (2s)\n');
  expect(lines).toContain('correct the mapping, or add a transform, then');
});

test('with fewer documents than requested, all of them are the sample', () => {
  expect(text({ asked: 5_000 })).toContain('  sample      all 1,000 documents: ');
});

test('when all documents are rejected, continuing without them is not recommended', () => {
  expect(text({ rejected: { ...sample.rejected, count: 1_000 } })).not.toContain('--drop-rejected');
});

test('causes that are not listed are counted together', () => {
  expect(text({ rejected: { ...sample.rejected, count: 9 } })).toContain(
    '\n              3 x for other reasons\n',
  );
});

test('there is a warning about a non-deterministic transform, with the differences', () => {
  const first = [{ id: '7', fields: [{ path: 'at', before: '1', after: '2' }] }];
  expect(text({ nondeterministic: { count: 12, first } })).toContain(
    '\n  warn        the transform is not deterministic: a second run returned another result for 12 documents (7: at 1 -> 2). ' +
      'A transform should not use clocks, random numbers or data that changes.\n',
  );
});

test('a plan of another kind has nothing to sample', () => {
  expect(renderSample({ ...plan, kind: 'in-place' }, undefined, { colours: false })).toEqual([
    '  sample      nothing to sample, as documents stay where they are',
  ]);
});

test('there are colours only on request', () => {
  expect(renderSample(plan, sample, { colours: true }).join('\n')).toContain('\u001b[31m');
  expect(text()).not.toContain('\u001b');
});
