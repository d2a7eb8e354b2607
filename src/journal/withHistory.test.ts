import { describe, expect, it } from 'vitest';
import { testRecord } from '../../tests/testRecord.js';
import { packageVersion } from '../packageVersion.js';
import { pastMigration, readRecord } from '../protocol/record.js';
import { withHistory } from './withHistory.js';

describe('the history', () => {
  it('says who did what, with which version, and why', () => {
    const evidence = { compared: 5, differences: 1, repaired: 1, rejected: 0 };
    const { history } = withHistory(testRecord(), 'ready -> cutover', { why: 'goal: cutover', evidence });
    expect(history).toMatchObject([
      {
        what: 'ready -> cutover',
        by: expect.stringMatching(/^.+@.+$/) as string,
        twindex: packageVersion(),
        why: 'goal: cutover',
        evidence,
      },
    ]);
  });

  it('keeps its first hundred entries and its last nine hundred', () => {
    let record = testRecord();
    for (let n = 0; n < 1_005; n++) record = { ...record, ...withHistory(record, String(n)) };
    const kept = record.history.map(({ what }) => Number(what));
    expect(kept).toHaveLength(1_000);
    expect(kept.slice(98, 102)).toEqual([98, 99, 105, 106]);
    expect(kept.at(-1)).toBe(1_004);
  });

  it('of a record that an older version wrote can be read', () => {
    const { announced: _, stoppedBy: __, ...old } = testRecord();
    const entry = { at: '2026-01-01T00:00:00.000Z', what: 'resumed', by: 'me@here' };
    const history = [{ ...entry, twindex: '', why: '', evidence: null }];
    expect(readRecord({ ...old, history: [entry] })).toMatchObject({ announced: '', stoppedBy: '', history });
    expect(pastMigration.parse({ ...old, kind: 'history', history: [entry] })).toMatchObject({ history });
  });
});
