import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, test } from 'vitest';
import { TokenFile } from './tokenFile.js';

const TOKEN = 'correct-horse-battery-staple';

async function fileWith(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'twindex-token-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'token');
  await writeFile(file, text);
  return file;
}

it('accepts its token, and nothing else', async () => {
  const token = await TokenFile.open(await fileWith(`${TOKEN}\n`));
  expect(await token.accepts(`Bearer ${TOKEN}`)).toBe(true);
  expect(await token.accepts(`bearer ${TOKEN}`)).toBe(true);
  const wrong = [
    undefined,
    '',
    TOKEN,
    'Bearer',
    'Bearer ',
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN.slice(1)}`,
    `Basic ${TOKEN}`,
  ];
  for (const header of wrong) expect(await token.accepts(header)).toBe(false);
});

it('accepts a new token as soon as it is in the file, and the old one no longer', async () => {
  const file = await fileWith(TOKEN);
  const token = await TokenFile.open(file);
  await writeFile(file, 'another-token-of-some-length');
  expect(await token.accepts(`Bearer ${TOKEN}`)).toBe(false);
  expect(await token.accepts('Bearer another-token-of-some-length')).toBe(true);
});

test.each([
  ['empty', ''],
  ['short', 'secret'],
  ['of two lines', `${TOKEN}\n${TOKEN}`],
  ['not plain', 'pässwörter-mit-umlauten'],
  ['endless', 'x'.repeat(2_000)],
])('one that is %s is refused, and not shown', async (_, text) => {
  const error: unknown = await TokenFile.open(await fileWith(text)).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 'usage', hint: expect.stringContaining('openssl rand') });
  if (text !== '') expect(String(error)).not.toContain(text);
});

it('says which file is missing', async () => {
  await expect(TokenFile.open('/nowhere/token')).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('/nowhere/token'),
  });
});
