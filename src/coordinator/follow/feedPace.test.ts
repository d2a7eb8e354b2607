import { describe, expect, it } from 'vitest';
import { FeedPace } from './feedPace.js';

const MB = 2 ** 20;

describe('how long a feed request may stay unanswered', () => {
  it('grows with its size, up to two minutes', () => {
    const pace = new FeedPace();
    expect(pace.allowedMs({ bytes: 0, documents: 1 })).toBe(15_002);
    expect(pace.allowedMs({ bytes: 8 * MB, documents: 5_000 })).toBe(41_000);
    expect(pace.allowedMs({ bytes: 8 * MB, documents: 1 })).toBe(31_002);
    expect(pace.allowedMs({ bytes: 2_000 * MB, documents: 1 })).toBe(120_000);
  });

  it('is at least four times as long as a recent answer of the same size took', () => {
    const pace = new FeedPace();
    pace.answered({ bytes: 8 * MB, documents: 5_000 }, 20_500); // Half of the usual time
    expect(pace.allowedMs({ bytes: 0, documents: 1 })).toBe(30_004);
    expect(pace.allowedMs({ bytes: 8 * MB, documents: 5_000 })).toBe(82_000);
  });

  it('becomes shorter again when the engine answers faster', () => {
    const pace = new FeedPace();
    pace.answered({ bytes: 0, documents: 1 }, 15_002);
    const before = pace.allowedMs({ bytes: 0, documents: 1 });
    for (let n = 0; n < 30; n++) pace.answered({ bytes: 0, documents: 1 }, 10);
    expect(before).toBe(60_008);
    expect(pace.allowedMs({ bytes: 0, documents: 1 })).toBe(15_002);
  });
});
