import { expect, test } from 'vitest';
import { pacedMigration, readRecord } from '../../../protocol/record.js';
import { testRecord } from '../../../../tests/testRecord.js';
import { PaceMeter } from './copyPace.js';

const copyPace = { documents: 10, bytes: 100, ms: 5, verifyMs: null };

test('the verification is timed only by the coordinator that made the copy, and only once', () => {
  const meter = new PaceMeter();
  const verifying = testRecord({ copyPace, verified: false });
  expect(meter.verifyingFor(verifying)).toBeUndefined();
  meter.copiedFor(5);
  expect(meter.verifyingFor(testRecord({ copyPace: null, verified: false }))).toBeUndefined();
  expect(meter.verifyingFor(verifying)).toBeTypeOf('number');
  expect(meter.verifyingFor(testRecord({ copyPace, verified: true }))).toBeUndefined();
  expect(
    meter.verifyingFor(testRecord({ copyPace: { ...copyPace, verifyMs: 3 }, verified: false })),
  ).toBeUndefined();
});

test('a record that an earlier version has written has no pace', () => {
  const { copyPace: _, ...earlier } = testRecord();
  expect(readRecord(earlier).copyPace).toBeNull();
  expect(pacedMigration.parse(earlier).copyPace).toBeNull();
});
