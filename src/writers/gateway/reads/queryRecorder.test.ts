import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Cluster } from '../../../cluster/cluster.js';
import type { FoundSearch } from '../../mirror/request/readRules.js';
import { readRequestHead, type RequestHead } from '../http/requestHead.js';
import { QueryRecorder } from './queryRecorder.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const head = readRequestHead('POST /shop-read/_search HTTP/1.1\r\nhost: a\r\n') as RequestHead;
const search = { rule: { name: 'shop' } } as FoundSearch;

/** A recorder for a cluster that is unreachable. */
function recorder(): { offer: (body: string) => void; hasRoom: () => boolean; troubles: string[] } {
  const troubles: string[] = [];
  const noNode = () => Promise.reject(new Error('no node'));
  const engine = { name: 'opensearch', version: '3.8.0', major: 3 };
  const cluster = { engine, connection: { json: noNode, send: noNode } } as unknown as Cluster;
  const keeps = new QueryRecorder({
    cluster,
    onKept: () => undefined,
    onWarning: (text) => troubles.push(text),
  });
  return {
    offer: (body) => keeps.offer({ search, head, body: Buffer.from(body) }),
    hasRoom: () => keeps.hasRoom,
    troubles,
  };
}

describe('recording searches', () => {
  it('takes five new ones a second', async () => {
    const { offer, hasRoom } = recorder();
    for (const body of ['a', 'b', 'c', 'd']) offer(body);
    for (let n = 0; n < 10; n++) offer('a');
    offer('x'.repeat(100_000));
    expect(hasRoom()).toBe(true);
    offer('e');
    expect(hasRoom()).toBe(false);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(hasRoom()).toBe(true);
  });

  it('warns when it fails, and does not throw', async () => {
    const { offer, troubles } = recorder();
    offer('a');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(troubles).toEqual(['searches could not be recorded: no node']);
  });
});
