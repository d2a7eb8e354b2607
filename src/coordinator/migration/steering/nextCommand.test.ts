import { expect, test } from 'vitest';
import { testRecord } from '../../../../tests/testRecord.js';
import type { MigrationRecord } from '../../../protocol/record.js';
import { attentionOf, nextCommand, rollbackCommand } from './nextCommand.js';

const NOW = Date.parse('2026-03-02T12:00:00Z');
const HOLDER = { id: 'c', host: 'ops', pid: 1, user: 'lena' };
const at = (msAgo: number): string => new Date(NOW - msAgo).toISOString();

/** A migration with a living coordinator. */
const record = (change: Partial<MigrationRecord>): MigrationRecord =>
  testRecord({ holder: HOLDER, updatedAt: at(1_000), ...change });

const COPYING: Partial<MigrationRecord> = { state: 'copying', verified: false };
const SWITCHED: Partial<MigrationRecord> = { leader: 'target', readers: 'target', goal: 'switched' };

test.each<[string, Partial<MigrationRecord>, string | undefined, string | undefined]>([
  ['is copied', COPYING, 'status catalogue --watch', undefined],
  ['is copied by nobody', { ...COPYING, holder: null }, 'migrate catalogue', 'nobody coordinates'],
  [
    'is copied by a coordinator that is silent for longer than its lease',
    { ...COPYING, updatedAt: at(20_000) },
    'migrate catalogue',
    'nobody coordinates',
  ],
  [
    'is not copied, as somebody has paused the copy',
    { ...COPYING, throttle: { ...testRecord().throttle, paused: true } },
    'throttle catalogue --resume',
    'copying is paused',
  ],
  ['is verified', { verified: false }, 'status catalogue --watch', undefined],
  ['lacks documents', { rejected: 1 }, 'rejected catalogue', '1 document rejected'],
  [
    'lacks documents that may be left out',
    { rejected: 1, options: { ...testRecord().options, dropRejected: true } },
    'cutover catalogue',
    undefined,
  ],
  ['is ready', {}, 'cutover catalogue', undefined],
  ['is ready, and nobody keeps it in sync', { holder: null }, 'cutover catalogue', undefined],
  ['is ready, with one alias for both', { layout: 'one-alias' }, 'switch catalogue', undefined],
  ['is on its way', { goal: 'cutover' }, 'status catalogue --watch', undefined],
  ['is paused', { paused: true }, 'resume catalogue', 'paused'],
  [
    'is halted, as an alias was moved',
    { paused: true, halted: { for: 'aliases', text: '' } },
    'resume catalogue',
    'halted',
  ],
  [
    'is halted, as the journal was lost',
    { paused: true, halted: { for: 'journal', text: '' } },
    'detach catalogue',
    'halted',
  ],
  [
    'is not accepted',
    { stoppedBy: 'it is not', stoppedFor: 'acceptance' },
    'queries catalogue',
    'stopped: not accepted',
  ],
  [
    'was stopped by the second check',
    { stoppedBy: 'it is not', stoppedFor: 'secondCheck' },
    'verify catalogue --repair',
    'stopped: second check',
  ],
  [
    'was not switched',
    { stoppedBy: 'it is not', stoppedFor: 'hold', readers: 'target', goal: 'cutover' },
    'switch catalogue',
    'stopped: holds failed',
  ],
  ['has readers on the new index', { readers: 'target', goal: 'cutover' }, 'switch catalogue', undefined],
  [
    'has readers on the new index, and nobody keeps it in sync',
    { readers: 'target', goal: 'cutover', holder: null },
    'migrate catalogue',
    'nobody coordinates',
  ],
  ['is switched', SWITCHED, 'finalize catalogue', undefined],
  [
    'is switched, and the old index refuses a document',
    { ...SWITCHED, rejected: 2 },
    'finalize catalogue',
    undefined,
  ],
  ['is over', { ...SWITCHED, state: 'finalized', goal: 'finalized' }, undefined, undefined],
])('a migration that %s', (_, change, command, attention) => {
  expect(nextCommand(record(change), NOW)?.command).toBe(command && `twindex ${command}`);
  expect(attentionOf(record(change), NOW)).toBe(attention);
});

test('troubles need somebody before everything else', () => {
  expect(attentionOf(record({ paused: true }), NOW, { troubles: 1 })).toBe('trouble');
});

test.each<[string, Partial<MigrationRecord>, boolean]>([
  ['before the cut-over', {}, false],
  ['after the cut-over', { readers: 'target', goal: 'cutover' }, true],
  ['after the switch', SWITCHED, true],
  ['while the old index goes', { ...SWITCHED, state: 'finalizing', goal: 'finalized' }, false],
  ['after the end', { ...SWITCHED, state: 'finalized', goal: 'finalized' }, false],
])('%s, readers and writers can be taken back: %s', (_, change, isPossible) => {
  expect(rollbackCommand(record(change)) !== undefined).toBe(isPossible);
});
