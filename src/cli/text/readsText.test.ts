import { describe, expect, it } from 'vitest';
import { testRecord } from '../../../tests/testRecord.js';
import type { ReadsView, ShadowView, WriterDocument } from '../../journal/writerDocuments.js';
import { readsLines, readsSeen } from './readsText.js';

const SHADOW: ShadowView = {
  compared: 10,
  errors: 0,
  skipped: 1,
  overlapSum: 9,
  totalsDiffer: 2,
  aggregationsDiffer: 0,
  worst: [{ path: '/catalogue-read/_search', body: '{\n"size":1}', overlapAt10: 0.2, error: null }],
  latency: { source: { p50Ms: 1, p95Ms: 2 }, target: { p50Ms: 3, p95Ms: 4 } },
};

function gateway(reads: ReadsView): WriterDocument {
  const counts = {
    mirrored: 0,
    conflicts: 0,
    refused: 0,
    unanswered: 0,
    bypassed: 0,
    richer: 0,
    unmerged: 0,
  };
  const view = {
    generation: 1,
    holds: false,
    awaitsCopies: 0,
    readers: 'source' as const,
    moves: 0,
    away: null,
    shapes: {},
    ...counts,
    ...reads,
  };
  const at = '2026-01-01T00:00:00.000Z';
  return {
    kind: 'writer',
    id: 'g',
    type: 'gateway',
    host: 'h',
    pid: 1,
    twindex: '0.1.0',
    names: ['catalogue'],
    leaseMs: 10_000,
    heartbeat: 1,
    startedAt: at,
    updatedAt: at,
    migrations: { catalogue: view },
  };
}

const statusOf = (writers: WriterDocument[], reads = {}) => ({
  name: 'catalogue',
  record: testRecord({ reads: { record: 0, shadow: 0, canary: 0, sticky: null, ...reads } }),
  writers,
});

describe('the lines about reads', () => {
  it('are empty when no reads are configured', () => {
    expect(readsLines(statusOf([gateway({ recorded: 0, canary: 0, shadow: null })]))).toEqual([]);
  });

  it('show the configuration, the results of all gateways, and the largest differences', () => {
    const one = gateway({ recorded: 3, canary: 0, shadow: SHADOW });
    const failed = { path: '/catalogue-read/_count', body: '', overlapAt10: 0, error: 'it is closed' };
    const other = gateway({
      recorded: 0,
      canary: 5,
      shadow: { ...SHADOW, compared: 30, errors: 1, overlapSum: 30, worst: [failed] },
    });
    const asked = { record: 0.05, shadow: 1, canary: 0.1, sticky: 'header:x-user' };
    expect(readsLines(statusOf([one, other], asked))).toEqual([
      ['reads', '5% recorded, 100% sent to catalogue-v2 as well, 10% answered by it, by header:x-user'],
      ['', '3 recorded, 5 answered by catalogue-v2'],
      [
        '',
        '40 compared: 97.5% of the first ten hits are in both indexes, 4 with another total of hits, 1 failed, 2 skipped',
      ],
      ['', 'catalogue-v1 p50 1 ms, p95 2 ms; catalogue-v2 p50 3 ms, p95 4 ms'],
      ['', 'it is closed: /catalogue-read/_count'],
      ['', '20%: /catalogue-read/_search { "size":1}'],
    ]);
  });

  it('say that there is no gateway', () => {
    const [, second] = readsLines(statusOf([], { shadow: 1 }));
    expect(second?.[1]).toContain('no gateway is registered');
  });

  it('show earlier results after the reads are switched off', () => {
    const status = statusOf([gateway({ recorded: 0, canary: 0, shadow: { ...SHADOW, compared: 0 } })]);
    expect(readsLines(status)).toContainEqual(['', '0 compared, 2 with another total of hits, 1 skipped']);
    expect(readsSeen({ ...status, writers: [] })).toEqual({ recorded: 0, canary: 0, shadow: null });
  });
});
