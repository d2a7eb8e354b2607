import { describe, expect, it } from 'vitest';
import { testRecord } from '../../tests/testRecord.js';
import { isGranted } from './steer.js';

const granted = (record: Parameters<typeof testRecord>[0], wish: Parameters<typeof isGranted>[1]['wish']) =>
  isGranted(testRecord({ handledWish: 'w', ...record }), { id: 'w', wish, version: undefined });

describe('a wish is granted', () => {
  it('when it was seen, and what it asks for is so', () => {
    expect(granted({ first: 'target', readers: 'target' }, 'switch')).toBe(true);
    expect(granted({ first: 'target', readers: 'target', handledWish: null }, 'switch')).toBe(false);
    expect(granted({ readers: 'target' }, 'switch')).toBe(false);
  });

  it('to go back as soon as readers and writers are back, whatever else is to be done', () => {
    expect(granted({ first: 'source', readers: 'source', state: 'settling' }, 'rollback')).toBe(true);
    expect(granted({ first: 'target', readers: 'source' }, 'rollback')).toBe(false);
    expect(granted({ first: 'source', readers: 'target' }, 'rollback')).toBe(false);
  });

  it('about searches when all of it is so', () => {
    const reads = { record: 0, shadow: 1, canary: 0, sticky: null };
    const record = testRecord({ handledWish: 'w', reads });
    const wish = { id: 'w', wish: 'reads', version: undefined } as const;
    expect(isGranted(record, { ...wish, reads: { shadow: 1 } })).toBe(true);
    expect(isGranted(record, { ...wish, reads: { shadow: 1, canary: 0.1 } })).toBe(false);
  });

  it('to switch, too, when the migration has ended with it, as that of a bare index does', () => {
    const ended = { state: 'finalized', first: 'target', readers: 'target' } as const;
    expect(granted({ ...ended, layout: 'bare-index' }, 'switch')).toBe(true);
    expect(granted(ended, 'abort')).toBe(false);
    expect(granted({ state: 'aborted' }, 'switch')).toBe(false);
  });
});
