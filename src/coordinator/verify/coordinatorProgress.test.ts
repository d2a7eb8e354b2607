import { describe, expect, it } from 'vitest';
import { Checkpoint } from './coordinatorProgress.js';

const record = (writeId: string, done: number, looks: number, needed: boolean) => ({
  writeId,
  idComparisons: { done, looks, needed },
});

function markWithBase(): Checkpoint {
  const mark = new Checkpoint();
  for (const writeId of ['a', 'b', 'c']) mark.see(record(writeId, 4, 10, true));
  return mark;
}

describe('a mark', () => {
  it('is passed when the second comparison after its base is done', () => {
    const mark = markWithBase();
    mark.see(record('d', 5, 20, true));
    expect(mark.passed).toBe(false);
    mark.see(record('e', 6, 30, true));
    expect(mark.passed).toBe(true);
  });

  it('is passed when the second look after its base finds that none is needed', () => {
    const mark = markWithBase();
    mark.see(record('d', 4, 11, false));
    expect(mark.passed).toBe(false);
    mark.see(record('e', 4, 12, false));
    expect(mark.passed).toBe(true);
  });

  it('does not use a record as its base that may have been made before it', () => {
    const mark = new Checkpoint();
    for (const writeId of ['a', 'a', 'b', 'b']) mark.see(record(writeId, 4, 10, false));
    mark.see(record('c', 9, 50, false)); // the base
    mark.see(record('d', 9, 51, false));
    expect(mark.passed).toBe(false);
  });
});
