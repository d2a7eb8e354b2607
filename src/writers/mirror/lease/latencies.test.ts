import { describe, expect, it } from 'vitest';
import { Latencies } from './latencies.js';

describe('latencies', () => {
  it('are exact to a tenth', () => {
    const latencies = new Latencies();
    for (let ms = 1; ms <= 100; ms++) latencies.add(ms);
    const { p50Ms, p95Ms } = latencies.percentiles();
    expect(p50Ms).toBeGreaterThanOrEqual(50);
    expect(p50Ms).toBeLessThan(55.1);
    expect(p95Ms).toBeGreaterThanOrEqual(95);
    expect(p95Ms).toBeLessThan(104.6);
  });

  it('may be missing, very short, and very long', () => {
    const latencies = new Latencies();
    expect(latencies.percentiles()).toEqual({ p50Ms: 0, p95Ms: 0 });
    latencies.add(0);
    expect(latencies.percentiles().p50Ms).toBe(0.1);
    for (let n = 0; n < 9; n++) latencies.add(1e9);
    expect(latencies.percentiles().p95Ms).toBeGreaterThan(10_000);
  });
});
