import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { exact } from '../../json/exactJson.js';
import { readLock, releasedOf, writeLock } from './lockFile.js';

async function lockPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'twindex-lock-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'twindex.lock');
}

const released = releasedOf({
  name: 'a',
  version: 2,
  aliases: { read: 'a-read', write: 'a-write' },
  settings: { index: { number_of_shards: 3 }, uuid: 'x' },
  mappings: { properties: { b: { type: 'keyword' }, a: { type: 'long', null_value: exact('1.0') } } },
  migrations: { 2: { up: { pipeline: 'p' } } },
  file: 'a.json',
});

test('what was written is read again, with every digit and sorted keys', async () => {
  const file = await lockPath();
  await writeLock(file, { b: released, a: released });
  expect(await readLock(file)).toEqual({ a: released, b: released });
  const text = await readFile(file, 'utf8');
  expect(text).toContain('"null_value": 1.0');
  expect(text.indexOf('"a": {')).toBeLessThan(text.indexOf('"b": {'));
  expect(released.settings).toEqual({ 'index.number_of_shards': 3 });
});

test('without a file there is no lock', async () => {
  expect(await readLock(await lockPath())).toBeUndefined();
});

test.each([
  ['{}', 'not a lock file of this version'],
  ['not JSON', 'not a lock file of this version'],
  ['{ "format": "twindex-lock-9", "indexes": {} }', 'not a lock file of this version'],
  ['<<<<<<< ours\n{}\n=======', 'It has a merge conflict'],
])('a file with %j is refused', async (text, message) => {
  const file = await lockPath();
  await writeFile(file, text);
  await expect(readLock(file)).rejects.toThrow(message);
});
