import { AggregatorRegistry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { IDLE_GATEWAY } from '../../../tests/allMetrics.js';
import { DurationCounts } from '../../metrics/durationCounts.js';
import { type GatewayState, gatewayRegistry, RequestCounts } from './metrics.js';

type IndexMetrics = GatewayState['mirror']['indexes'][string];

const IDLE: IndexMetrics = {
  phase: 'idle',
  generation: 0,
  inFlight: 0,
  shapes: {},
  away: null,
  mirrored: 0,
  conflicts: 0,
  refused: 0,
  unanswered: 0,
  bypassed: 0,
  richer: 0,
  unmerged: 0,
  recorded: 0,
  canary: 0,
  shadow: null,
  holding: { presentMs: 0, count: 0, totalMs: 0 },
  copyDurations: new DurationCounts(),
};

async function samples(state: Partial<GatewayState>): Promise<string[]> {
  const text = await gatewayRegistry(() => ({ ...IDLE_GATEWAY, ...state })).metrics();
  return text.split('\n').filter((line) => line.startsWith('twindex_gateway'));
}

const withIndexes = (indexes: Readonly<Record<string, IndexMetrics>>) => ({
  mirror: { ...IDLE_GATEWAY.mirror, indexes },
});

describe('the metrics of a gateway', () => {
  it('count requests by kind, duration and status', async () => {
    const counts = new RequestCounts();
    counts.countRequest('mirrored', 4, 201);
    counts.countRequest('mirrored', 40, 201);
    counts.countRequest('passed', 0.3, undefined);
    const lines = await samples({ counts });
    expect(lines).toEqual(
      expect.arrayContaining([
        'twindex_gateway_responses_total{status="201"} 2',
        'twindex_gateway_unanswered_total 1',
        'twindex_gateway_request_duration_seconds_bucket{kind="mirrored",le="0.005"} 1',
        'twindex_gateway_request_duration_seconds_bucket{kind="mirrored",le="0.05"} 2',
        'twindex_gateway_request_duration_seconds_bucket{kind="mirrored",le="+Inf"} 2',
        'twindex_gateway_request_duration_seconds_sum{kind="mirrored"} 0.044',
        'twindex_gateway_request_duration_seconds_count{kind="passed"} 1',
      ]),
    );
  });

  it('show copies and holds of an index that is being migrated', async () => {
    const copyDurations = new DurationCounts();
    copyDurations.add(3);
    const holding = { presentMs: 1_500, count: 2, totalMs: 2_000 };
    const books = { ...IDLE, phase: 'hold', mirrored: 5, bypassed: 1, holding, copyDurations } as const;
    const lines = await samples(withIndexes({ books }));
    expect(lines).toEqual(
      expect.arrayContaining([
        'twindex_gateway_copies_total{name="books",outcome="mirrored"} 5',
        'twindex_gateway_copies_total{name="books",outcome="bypassed"} 1',
        'twindex_gateway_copy_duration_seconds_count{name="books"} 1',
        'twindex_gateway_phase{name="books",phase="hold"} 1',
        'twindex_gateway_phase{name="books",phase="write"} 0',
        'twindex_gateway_hold_seconds{name="books"} 1.5',
        'twindex_gateway_holds_total{name="books"} 2',
        'twindex_gateway_hold_seconds_total{name="books"} 2',
      ]),
    );
  });

  it('show one series of an index without a migration, since a family may have hundreds', async () => {
    const lines = await samples(withIndexes({ books: IDLE, films: IDLE }));
    expect(lines.filter((line) => /books|films/.test(line))).toEqual([
      'twindex_gateway_phase{name="books",phase="idle"} 1',
      'twindex_gateway_phase{name="films",phase="idle"} 1',
    ]);
  });

  it('of several processes are told apart by a label, and have one head', async () => {
    const exported = await Promise.all(
      [1, 2].map(async (process) => {
        const counts = new RequestCounts();
        for (let n = 0; n < process; n++) counts.countRequest('passed', 1, 200);
        const registry = gatewayRegistry(() => ({ ...IDLE_GATEWAY, counts }));
        registry.setDefaultLabels({ process });
        // as node:cluster passes it on
        return JSON.parse(JSON.stringify(await registry.getMetricsAsJSON())) as object;
      }),
    );
    const text = await AggregatorRegistry.aggregate(exported).metrics();
    expect(text).toContain('twindex_gateway_ready{process="1"} 1\ntwindex_gateway_ready{process="2"} 1\n');
    expect(text).toContain(
      'twindex_gateway_responses_total{status="200",process="1"} 1\ntwindex_gateway_responses_total{status="200",process="2"} 2\n',
    );
    expect(text).toContain(
      'twindex_gateway_request_duration_seconds_bucket{kind="passed",le="0.001",process="2"} 2',
    );
    expect(text.match(/^# TYPE twindex_gateway_ready /gm)).toHaveLength(1);
  });
});
