import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { packageFile } from './packageFile.js';

test('finds files of the package', () => {
  expect(existsSync(packageFile('package.json'))).toBe(true);
});

test('no other module looks for files beside itself, since the build moves modules into larger files', () => {
  const source = new URL('./', import.meta.url);
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && file !== 'packageFile.ts',
  );
  const wrong = files.filter((file) =>
    /new URL\([^)]*import\.meta\.url/.test(readFileSync(new URL(file, source), 'utf8')),
  );
  expect(wrong).toEqual([]);
});
