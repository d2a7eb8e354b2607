import { describe, expect, it } from 'vitest';
import { testRecord } from '../../../../tests/testRecord.js';
import type { MigrationRecord } from '../../../protocol/record.js';
import { readRuleOf, ReadRules } from './readRules.js';

const ALL = { record: 0.1, shadow: 0.2, canary: 0.3, sticky: null };

function shares(change: Partial<MigrationRecord>): string {
  const rule = readRuleOf(testRecord({ reads: ALL, ...change }));
  return rule ? `${rule.record} ${rule.shadow} ${rule.canary}` : 'none';
}

describe('the rule for searches', () => {
  it.each([
    ['all of it, when the target is verified', {}, '0.1 0.2 0.3'],
    ['all of it, while writes are held', { state: 'holding' }, '0.1 0.2 0.3'],
    ['no canary before the target is verified', { verified: false }, '0.1 0.2 0'],
    ['no canary while nothing is fed', { paused: true }, '0.1 0.2 0'],
    ['only recording while the target is filled', { state: 'copying' }, '0.1 0 0'],
    ['only recording when the readers are on the target', { readers: 'target' }, '0.1 0 0'],
    ['only recording when the target goes', { state: 'aborting' }, '0.1 0 0'],
    ['nothing, when it is over', { state: 'aborted' }, 'none'],
    ['nothing, when nothing was asked for', { reads: { ...ALL, record: 0, shadow: 0, canary: 0 } }, 'none'],
  ] as const)('%s', (_, change, expected) => {
    expect(shares(change)).toBe(expected);
  });
});

describe('the rules', () => {
  const rules = new ReadRules([testRecord({ reads: ALL })]);
  const found = (target: string): string | undefined => rules.find('POST', target)?.rule.target;

  it('are for searches through the read alias alone', () => {
    expect(rules.active).toBe(true);
    expect(found('/catalogue-read/_search?size=1')).toBe('catalogue-v2');
    for (const name of ['catalogue-write', 'catalogue-v1', 'catalogue-read,other', 'catalogue-*'])
      expect(found(`/${name}/_search`)).toBeUndefined();
    expect(found('/catalogue-read/_doc/1')).toBeUndefined();
  });

  it('know a bare index by its own name', () => {
    const bare = testRecord({
      reads: ALL,
      layout: 'bare-index',
      source: { index: 'shop', version: 1 },
      aliases: { read: 'shop-read', write: 'shop-write' },
    });
    expect(new ReadRules([bare]).find('GET', '/shop/_count')?.api).toBe('_count');
  });

  it('are inactive without a share', () => {
    expect(new ReadRules([testRecord()]).active).toBe(false);
  });
});
