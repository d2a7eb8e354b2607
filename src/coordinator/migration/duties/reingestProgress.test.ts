import { describe, expect, it } from 'vitest';
import type { ReingestNote } from '../../../protocol/record.js';
import { testRecord } from '../../../../tests/testRecord.js';
import { firstNote, resumedNote } from './reingestProgress.js';

const begun = (options: Parameters<typeof firstNote>[1], change: Partial<ReingestNote> = {}) => {
  const reingest = firstNote({ name: 'catalogue', route: 'reingest', epoch: 3 }, options) as ReingestNote;
  return testRecord({ route: 'reingest', reingest: { ...reingest, ...change } });
};

const LEFT = { cursor: '{"offset":9,"line":1}', read: 1, onlyTruth: 1 } as const;

describe('the record of a back-fill from the source of truth', () => {
  it('is null on another route, where --from and --prune are refused', () => {
    const beginning = { name: 'catalogue', route: 'client', epoch: 1 } as const;
    expect(firstNote(beginning, {})).toBeNull();
    expect(resumedNote(testRecord(), {})).toBeNull();
    expect(() => firstNote(beginning, { prune: true })).toThrow(/on the route client/);
    expect(() => resumedNote(testRecord(), { from: 'f' })).toThrow(/under way on the route client/);
  });

  it('continues where a file or a generator was left', () => {
    expect(resumedNote(begun({ from: 'f' }, LEFT), { from: 'f' })).toMatchObject(LEFT);
    expect(resumedNote(begun({}, { ...LEFT, cursor: '7' }), {})).toMatchObject({ cursor: '7', read: 1 });
  });

  it('begins anew with stdin, without a cursor, and where a file takes the place of the generator', () => {
    const anew = { cursor: null, read: 0, onlyTruth: 0 };
    expect(resumedNote(begun({ from: '-' }, LEFT), { from: '-' })).toMatchObject(anew);
    expect(resumedNote(begun({}, { ...LEFT, cursor: null }), {})).toMatchObject(anew);
    expect(resumedNote(begun({}, LEFT), { from: 'f' })).toMatchObject({ ...anew, from: 'file' });
  });

  it('takes --prune as long as the source is read, and keeps it', () => {
    expect(resumedNote(begun({}), { prune: true })?.prune).toBe(true);
    expect(resumedNote(begun({ prune: true }), {})?.prune).toBe(true);
    const comparing = begun({}, { step: 'comparing' });
    expect(() => resumedNote(comparing, { prune: true })).toThrow(/are already being copied/);
  });

  it('does not continue with another file, neither in its middle nor when all is read', () => {
    for (const step of ['comparing', 'done'] as const) {
      const read = begun({ from: 'f' }, { ...LEFT, step });
      expect(resumedNote(read, { from: 'f' })).toEqual(read.reingest);
      expect(resumedNote(read, {})).toEqual(read.reingest);
      expect(() => resumedNote(read, { from: 'other' })).toThrow(/was already read completely/);
      expect(() => resumedNote(read, { from: '-' })).toThrow(/was already read completely/);
      expect(() => resumedNote(begun({}, { ...LEFT, step }), { from: 'f' })).toThrow(
        /was already read completely/,
      );
    }
    expect(() => resumedNote(begun({ from: 'f' }, LEFT), { from: 'other' })).toThrow(/in the middle/);
    expect(resumedNote(begun({ from: 'f' }), { from: 'other' })).toMatchObject({ read: 0, cursor: null });
    expect(resumedNote(begun({ from: 'f' }, LEFT), { from: '-' })).toMatchObject({ read: 0, cursor: null });
  });
});
