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
function recorder(): {
  offer: (body: string, answer?: string) => void;
  hasRoom: () => boolean;
  troubles: string[];
} {
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
    offer: (body, answer) =>
      keeps.offer({
        search: answer === undefined ? search : { ...search, name: 'shop-read', api: '_msearch' },
        head,
        body: Buffer.from(body),
        answer: answer === undefined ? undefined : Buffer.from(answer),
      }),
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

  it('takes those of a _msearch that the engine has carried out', async () => {
    const denied = '{"error":{"type":"security_exception"},"status":403}';
    const found = '{"hits":{"hits":[]},"status":200}';
    const two = '{}\n{"size":1}\n{}\n{"size":2}\n';
    const { offer, hasRoom } = recorder();
    for (let n = 0; n < 6; n++) {
      const other = two.replaceAll('size', `size${n}`);
      offer(other, `{"responses":[${denied},${denied}]}`);
      // `filter_path` can remove the statuses, and whole answers
      offer(
        other,
        '{"responses":[{"error":{"type":"security_exception"}},{"error":{"type":"security_exception"}}]}',
      );
      offer(other, '{"responses":[{"hits":{}}]}');
      offer(other, '<html>');
    }
    expect(hasRoom()).toBe(true);
    for (let n = 0; n < 4; n++)
      offer(two.replaceAll('size', `from${n}`), `{"responses":[${denied},${found}]}`);
    expect(hasRoom()).toBe(true);
    offer(two, `{"responses":[${found},${denied}]}`);
    expect(hasRoom()).toBe(false);
  });

  it('warns when it fails, and does not throw', async () => {
    const { offer, troubles } = recorder();
    offer('a');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(troubles).toEqual(['searches could not be recorded: no node']);
  });
});
