import { expect, test } from 'vitest';
import { NOW, STATUSES } from '../../../tests/golden/scenes.js';
import type { MigrationStatus } from '../../coordinator/migration/steering/getStatus.js';
import type { SavedProgress } from '../../protocol/record.js';
import { StatusLog } from './statusText.js';

const now = Date.parse(NOW);
const COPYING = STATUSES['status copying'] as MigrationStatus;

const at = (change: Partial<SavedProgress>): MigrationStatus => ({
  ...COPYING,
  record: { ...COPYING.record, progress: { ...COPYING.record.progress, ...change } },
});

test('in a log, progress adds a line every five seconds, and everything else adds one at once', () => {
  const lines: string[] = [];
  const log = new StatusLog((line) => lines.push(line));
  log.add([at({ done: 1_000 })], now);
  log.add([at({ done: 2_000 })], now + 1_000);
  log.add([at({ done: 3_000 })], now + 5_000);
  log.add([at({ done: 3_000 })], now + 12_000);
  log.add([{ ...at({ done: 3_000 }), phase: 'verifying' }], now + 12_500);
  log.say('the cluster does not answer');
  log.say('the cluster does not answer');
  expect(lines.map((line) => line.replace(/ of .*/, ''))).toEqual([
    'catalogue: copying, 0%, 1,000',
    'catalogue: copying, 2%, 3,000',
    'catalogue: verifying, 2%, 3,000',
    'the cluster does not answer',
  ]);
});
