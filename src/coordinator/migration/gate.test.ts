import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { testRecord } from '../../../tests/testRecord.js';
import type { MigrationRecord } from '../../protocol/record.js';
import { noteBlocked } from './gate.js';
import type { Session } from './session.js';

interface Scene {
  readonly session: Session;
  readonly told: string[];
}

function scene(change: Partial<MigrationRecord>, graceOverAt = 0): Scene {
  const told: string[] = [];
  const announcer = { needsYou: (text: string) => void told.push(text) };
  const record = testRecord({ goal: 'cutover', ...change });
  return { session: { record, graceOverAt, blocked: undefined, announcer } as unknown as Session, told };
}

const wait = ({ session }: Scene, seconds: number, message = 'rejected'): void => {
  for (let n = 0; n <= seconds; n++) {
    noteBlocked(session, message);
    vi.advanceTimersByTime(1_000);
  }
};

describe('a move that is blocked', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'Date'] }));
  afterEach(() => void vi.useRealTimers());

  it('for more than a minute is announced, once', () => {
    const blocked = scene({});
    wait(blocked, 58);
    expect(blocked.told).toEqual([]);
    wait(blocked, 200);
    expect(blocked.told).toEqual(['rejected']);
  });

  it.each([
    ['is not asked for', { goal: 'ready' }],
    ['waits for the verification', { verified: false }],
    ['is paused', { paused: true }],
    ['soaks', { goal: 'switched', readers: 'target', soakLeftMs: 3_600_000 }],
  ] as const)('is not announced when it %s', (_, record) => {
    const blocked = scene(record);
    wait(blocked, 200);
    expect(blocked.told).toEqual([]);
  });

  it('is not announced while the grace lasts', () => {
    const blocked = scene({}, performance.now() + 100_000);
    wait(blocked, 150);
    expect(blocked.told).toEqual([]);
    wait(blocked, 100);
    expect(blocked.told).toEqual(['rejected']);
  });
});
