// Reads how often an index is refreshed automatically (`index.refresh_interval`).
import type { Cluster } from '../cluster.js';
import { getEffectiveSetting } from './getEffectiveSetting.js';

const UNIT_MS: Readonly<Record<string, number>> = {
  nanos: 1e-6,
  micros: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const DEFAULT_MS = 1_000;

/** @returns the interval in ms; Infinity for an index without automatic refreshes (`-1`) */
export async function refreshInterval(cluster: Cluster, index: string): Promise<number> {
  const text = await getEffectiveSetting(cluster, index, 'index.refresh_interval');
  return text === undefined ? DEFAULT_MS : intervalMs(text);
}

export function intervalMs(text: string): number {
  const [, number = '', unit = ''] = /^(-?[\d.]+)([a-z]*)$/.exec(text.trim().toLowerCase()) ?? [];
  const value = Number.parseFloat(number);
  if (value <= 0) return Number.POSITIVE_INFINITY;
  const factor = UNIT_MS[unit];
  return Number.isNaN(value) || factor === undefined ? DEFAULT_MS : value * factor;
}
