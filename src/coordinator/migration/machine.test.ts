import { describe, expect, it } from 'vitest';
import { testRecord } from '../../../tests/testRecord.js';
import type { MigrationRecord } from '../../protocol/record.js';
import { needsDefinition } from './machine.js';

describe('a migration whose index file can not be read', () => {
  it.each<[string, Partial<MigrationRecord>]>([
    ['given up while its target is made', { state: 'creating', goal: 'aborted' }],
    ['given up while it is copied', { state: 'copying', goal: 'aborted' }],
    ['given up while its replicas are waited for', { state: 'restoring', goal: 'aborted' }],
    ['given up while it is kept in sync', { state: 'mirroring', goal: 'aborted' }],
    ['given up while it is paused', { state: 'copying', goal: 'aborted', paused: true }],
    ['going', { state: 'aborting', goal: 'aborted' }],
    ['over', { state: 'aborted', goal: 'aborted' }],
    ['over at the end', { state: 'finalized', goal: 'finalized' }],
    ['taken back by its readers', { state: 'mirroring', readers: 'target' }],
    ['taken back by its readers at once', { state: 'movingReaders', readers: 'target' }],
  ])('does not need the file when it is %s', (_, change) => {
    expect(needsDefinition(testRecord({ verified: false, ...change }))).toBe(false);
  });
  it.each<[string, Partial<MigrationRecord>]>([
    ['to be made', { state: 'creating' }],
    ['copied', { state: 'copying' }],
    ['kept in sync', { state: 'mirroring' }],
    ['kept in sync for its readers', { state: 'mirroring', goal: 'cutover', readers: 'target' }],
    ['to move its readers', { state: 'mirroring', goal: 'cutover' }],
    ['switched', { state: 'mirroring', goal: 'switched', leader: 'target', readers: 'target' }],
    ['taken back by its writers', { state: 'mirroring', leader: 'target', readers: 'source' }],
    ['taken back by readers of the leader', { state: 'mirroring', leader: 'target', readers: 'target' }],
    ['settling', { state: 'settling', goal: 'switched', leader: 'target', readers: 'target' }],
    ['ending', { state: 'finalizing', goal: 'finalized', leader: 'target', readers: 'target' }],
  ])('needs the file when it is %s', (_, change) => {
    expect(needsDefinition(testRecord(change))).toBe(true);
  });
});
