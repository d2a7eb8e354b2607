import { describe, expect, it } from 'vitest';
import type { Comparison } from './comparison.js';
import { type Findings, makeEvidence, type WhenInSync } from './evidence.js';
import { evidenceText } from './evidenceText.js';
import { ReadTally } from './reader.js';
import { WriteTally } from './writer.js';

const comparison = { documents: 10, lost: 0, resurrected: 0, examples: [] };
const compared = (change: Partial<Comparison> = {}): WhenInSync => ({
  type: 'compared',
  comparison: { ...comparison, ...change },
  afterMs: 20,
});

function findings(change: Partial<Findings> = {}): Findings {
  const reads = Object.assign(new ReadTally(), { served: 5 });
  const writes = Object.assign(new WriteTally(), { acknowledged: 5, retried: 3, waitsMs: [300, 20, 100] });
  return {
    engine: { name: 'opensearch', version: '3.8.0' },
    features: { scaledFloat: true, edgeNgram: true, painless: true },
    reads,
    writes,
    verify: { documents: 10, differences: 0, repaired: 0, firstDifferences: [] },
    final: comparison,
    inSync: compared(),
    wayBack: compared(),
    phases: [{ name: 'cutover', ms: 1, readers: 'v2', writers: 'v1' }],
    wanted: ['cutover'],
    problems: [],
    ...change,
  };
}

describe('the evidence', () => {
  it('is ok when all checks were made and nothing went wrong', () => {
    expect(makeEvidence(findings())).toMatchObject({ ok: true, problems: [] });
  });

  it('gives the longest and the middle wait of a writer', () => {
    expect(makeEvidence(findings())).toMatchObject({ pauseMs: 300, pause: { p50Ms: 100, maxMs: 300 } });
  });

  const gateways = { kills: 1, past: 5, spoken: ['1', '2'] };
  const throughGateways = (tally: Partial<WriteTally>): WriteTally =>
    Object.assign(new WriteTally(), {
      acknowledged: 5,
      answeredMs: [9, 1, 3, 40],
      heldMs: [9, 1, 3],
      ...tally,
    });

  it('gives the longest time that a gateway held a write', () => {
    const evidence = makeEvidence(findings({ gateways, writes: throughGateways({}) }));
    expect(evidence).toMatchObject({ ok: true, pauseMs: 9, held: { p50Ms: 3, p99Ms: 3, maxMs: 9 } });
    expect(evidence.answered).toMatchObject({ maxMs: 40 });
  });

  const bad: [string, Partial<Findings>][] = [
    ['a lost write', { final: { ...comparison, lost: 1 } }],
    ['a deleted document that is back', { final: { ...comparison, resurrected: 1 } }],
    ['a new index that was not in sync', { inSync: compared({ lost: 1 }) }],
    ['an old index that is no way back', { wayBack: compared({ lost: 1 }) }],
    ['a comparison that was not made', { wayBack: undefined }],
    ['a final comparison that was not made', { final: undefined }],
    ['a failed read', { reads: Object.assign(new ReadTally(), { served: 5, failed: 1 }) }],
    ['an empty read', { reads: Object.assign(new ReadTally(), { served: 5, empty: 1 }) }],
    ['no read at all', { reads: new ReadTally() }],
    ['a failed write', { writes: Object.assign(new WriteTally(), { acknowledged: 5, failed: 1 }) }],
    ['no write at all', { writes: new WriteTally() }],
    [
      'a difference found by verify',
      { verify: { documents: 10, differences: 1, repaired: 0, firstDifferences: [] } },
    ],
    [
      'a repair made by verify',
      { verify: { documents: 10, differences: 0, repaired: 1, firstDifferences: [] } },
    ],
    ['a verify of nothing', { verify: { documents: 0, differences: 0, repaired: 0, firstDifferences: [] } }],
    ['a verify that is not known', { verify: undefined }],
    ['a phase that was not reached', { wanted: ['cutover', 'switch'] }],
    ['a write that was sent again by the application', { gateways, writes: throughGateways({ retried: 1 }) }],
    ['no gateway killed', { gateways: { ...gateways, kills: 0 }, writes: throughGateways({}) }],
    ['one release at a time', { gateways: { ...gateways, spoken: ['2'] }, writes: throughGateways({}) }],
    ['nothing past the gateways', { gateways: { ...gateways, past: 0 }, writes: throughGateways({}) }],
    ['whatever went wrong on the way', { problems: ['the engine went away'] }],
  ];
  it.each(bad)('is not ok after %s', (_what, change) => {
    const evidence = makeEvidence(findings(change));
    expect(evidence.ok).toBe(false);
    expect(evidence.problems).toHaveLength(1);
  });

  it('reports slowness as such: no document counts as lost, but the evidence is not ok', () => {
    const wayBack = { type: 'behind', operations: 186, deletesPending: true, waitedMs: 600_400 } as const;
    const evidence = makeEvidence(findings({ wayBack }));
    expect(evidence).toMatchObject({ ok: false, problems: [], wayBack: { documents: 0, afterMs: null } });
    expect(evidence.tooSlow).toEqual([
      'twindex is still 186 operations behind after 600 s: the old index, the way back, was not compared',
    ]);
    const [, verdict = ''] = evidenceText(evidence).split('v2 at the end');
    expect(verdict).toContain('twindex is still 186 operations behind after 600 s');
    expect(verdict).not.toMatch(/lost|FAILED/);
  });

  it('lists problems and skipped checks separately', () => {
    const inSync = { type: 'behind', operations: 0, deletesPending: true, waitedMs: 600_400 } as const;
    const text = evidenceText(makeEvidence(findings({ inSync, wayBack: compared({ lost: 2 }) })));
    expect(text).toContain('These checks have FAILED:\n  - 2 acknowledged writes are lost in the old index');
    expect(text).toContain('twindex is still looking for deletes after 600 s');
  });
});
