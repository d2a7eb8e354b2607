import { describe, expect, it } from 'vitest';
import { testRecord } from '../../../../tests/testRecord.js';
import type { MigrationRecord } from '../../../protocol/record.js';
import {
  findLostIndex,
  isMoved,
  misplacedAliases,
  movedText,
  olderJournalText,
  unmovableText,
} from './damage.js';
import type { Condition } from './survey.js';

const lost = (change: Partial<MigrationRecord>, source: Condition, target: Condition) =>
  findLostIndex(testRecord(change), { condition: { source, target } });

describe('findLostIndex', () => {
  it('finds nothing where both indexes are open', () => {
    expect(lost({}, 'open', 'open')).toBeUndefined();
    // The target is created in this state.
    expect(lost({ state: 'creating' }, 'open', 'missing')).toBeUndefined();
  });

  it('names abort without the new index, before the writers are switched', () => {
    for (const readers of ['source', 'target'] as const) {
      const found = lost({ readers }, 'open', 'missing');
      expect(found?.text).toContain('twindex abort catalogue');
      expect(found).toMatchObject({ giveUp: 'target', isLeader: false });
    }
  });

  it('names finalize without the old index, after the switch', () => {
    const found = lost({ leader: 'target', readers: 'target' }, 'missing', 'open');
    expect(found?.text).toContain('twindex finalize catalogue');
    expect(found).toMatchObject({ giveUp: 'source', isLeader: false });
  });

  it('never names a command that deletes the only index that is left', () => {
    expect(lost({}, 'missing', 'open')?.text).toContain('twindex detach catalogue --give-up catalogue-v1');
    expect(lost({}, 'missing', 'open')?.text).not.toContain('abort');
    const switched = { leader: 'target', readers: 'target' } as const;
    expect(lost(switched, 'open', 'replaced')?.text).toContain(
      'twindex detach catalogue --give-up catalogue-v2',
    );
    expect(lost(switched, 'open', 'replaced')?.text).not.toMatch(/abort|finalize/);
  });

  it('says how much is there when the old index is lost while it is copied', () => {
    const evidence = { ...testRecord().evidence, copied: 3 };
    expect(lost({ state: 'copying', evidence }, 'missing', 'open')?.text).toContain(
      '3 of about 10 documents',
    );
  });

  it('names the request that opens a closed index', () => {
    expect(lost({}, 'closed', 'open')?.text).toContain('POST /catalogue-v1/_open');
    expect(lost({}, 'open', 'closed')?.text).toMatch(
      /POST \/catalogue-v2\/_open.*detach catalogue --give-up catalogue-v2/,
    );
  });

  it('names abort where both are gone', () => {
    expect(lost({}, 'missing', 'missing')).toMatchObject({ giveUp: undefined });
    expect(lost({}, 'missing', 'replaced')?.text).toContain('twindex abort catalogue');
  });
});

describe('misplacedAliases', () => {
  const at = (record: MigrationRecord, source: string[], target: string[]) =>
    misplacedAliases(record, { source: new Set(source), target: new Set(target) });

  it('finds none where the migration left them', () => {
    expect(at(testRecord(), ['catalogue-read', 'catalogue-write'], [])).toEqual([]);
    expect(at(testRecord({ readers: 'target' }), ['catalogue-write'], ['catalogue-read'])).toEqual([]);
  });

  it('finds one that was moved, is on both, or is gone; only the first two may have let writes past', () => {
    const found = at(testRecord(), ['catalogue-read'], ['catalogue-read', 'catalogue-write']);
    expect(found.map(({ alias }) => alias)).toEqual(['catalogue-read', 'catalogue-write']);
    expect(found.every(isMoved)).toBe(true);
    const gone = at(testRecord(), ['catalogue-read'], []);
    expect(gone).toEqual([{ alias: 'catalogue-write', expected: 'source', on: [] }]);
    expect(gone.some(isMoved)).toBe(false);
  });

  it('finds, between clusters, aliases that take writes on the follower', () => {
    const record = testRecord({ sourceCluster: 'u' });
    expect(at(record, ['catalogue-read', 'catalogue-write'], ['catalogue-read'])).toEqual([]);
    const moved = at(record, ['catalogue-read', 'catalogue-write'], ['catalogue-write']);
    expect(moved).toEqual([{ alias: 'catalogue-write', expected: 'source', on: ['source', 'target'] }]);
    expect(moved.every(isMoved)).toBe(true);
    const switched = testRecord({ sourceCluster: 'u', leader: 'target', readers: 'target' });
    expect(at(switched, ['catalogue-read'], ['catalogue-read', 'catalogue-write'])).toEqual([]);
    expect(at(switched, ['catalogue-write'], ['catalogue-write']).every(isMoved)).toBe(true);
  });

  it('names resume, and both indexes that can go on alone', () => {
    const record = testRecord();
    const text = movedText(record, at(record, ['catalogue-read'], ['catalogue-write']));
    expect(text).toMatch(
      /catalogue-write is on catalogue-v2, and the migration of catalogue left it on catalogue-v1/,
    );
    expect(text).toContain('twindex resume catalogue');
    expect(text).toMatch(/detach catalogue --give-up catalogue-v1, or --give-up catalogue-v2/);
  });
});

describe('unmovableText', () => {
  const on = (aliases: Record<string, string[]>) =>
    new Map(
      Object.entries(aliases).map(([alias, indexes]) => [
        alias,
        new Map(indexes.map((index) => [index, {}])),
      ]),
    );

  it('is undefined where each alias is on the one index', () => {
    const aliases = on({ 'catalogue-read': ['catalogue-v1'], 'catalogue-write': ['catalogue-v1'] });
    expect(
      unmovableText(testRecord(), [{ sides: ['source', 'target'], aliases, takenNames: [] }]),
    ).toBeUndefined();
  });

  it('names a further index, and how its alias is taken off', () => {
    const aliases = on({ 'catalogue-read': ['catalogue-v1', 'other'], 'catalogue-write': ['catalogue-v1'] });
    expect(unmovableText(testRecord(), [{ sides: ['source', 'target'], aliases, takenNames: [] }])).toContain(
      '{"remove":{"index":"other","alias":"catalogue-read"}}',
    );
  });

  it('says how an alias is put back, and what to do with an index of its name', () => {
    const aliases = on({ 'catalogue-read': ['catalogue-v1'] });
    expect(unmovableText(testRecord(), [{ sides: ['source', 'target'], aliases, takenNames: [] }])).toContain(
      '{"add":{"index":"catalogue-v1","alias":"catalogue-write"}}',
    );
    expect(
      unmovableText(testRecord(), [
        { sides: ['source', 'target'], aliases, takenNames: ['catalogue-write'] },
      ]),
    ).toContain('DELETE /catalogue-write');
  });

  it('looks between clusters at the one that clients are sent to by an alias', () => {
    const record = testRecord({ sourceCluster: 'another', readers: 'target' });
    const source = on({ 'catalogue-read': ['catalogue-v1'] });
    const target = on({ 'catalogue-read': ['catalogue-v2'] });
    const both = [
      { sides: ['source'], aliases: source, takenNames: [] },
      { sides: ['target'], aliases: target, takenNames: [] },
    ] as const;
    expect(unmovableText(record, both)).toMatch(
      /catalogue-write is missing \(in the cluster of catalogue-v1\).*"index":"catalogue-v1"/,
    );
    const whole = on({ 'catalogue-write': ['catalogue-v1'] });
    expect(unmovableText(record, [{ ...both[0], aliases: whole }, both[1]])).toBeUndefined();
    const further = on({ 'catalogue-read': ['catalogue-v2', 'other'] });
    expect(
      unmovableText(record, [
        { ...both[0], aliases: whole },
        { ...both[1], aliases: further },
      ]),
    ).toMatch(/catalogue-read is also on other \(in the cluster of catalogue-v2\)/);
  });
});

describe('olderJournalText', () => {
  it('is there where an index has seen a later epoch', () => {
    expect(olderJournalText(testRecord({ epoch: 2 }), { epoch: 2 })).toBeUndefined();
    expect(olderJournalText(testRecord({ epoch: 2 }), { epoch: 3 })).toContain(
      'twindex detach catalogue --give-up',
    );
  });
});
