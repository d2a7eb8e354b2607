import { Readable } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import { expect, it } from 'vitest';
import { CONTENT_SECURITY_POLICY, readJson } from './httpAnswers.js';

const request = (...chunks: string[]) =>
  Readable.from(chunks.map((chunk) => Buffer.from(chunk))) as IncomingMessage;

it('reads a body, and refuses one that is too large or no JSON', async () => {
  expect(await readJson(request('{"a"', ':1}'))).toEqual({ a: 1 });
  await expect(readJson(request('{'))).rejects.toMatchObject({ status: 400 });
  await expect(readJson(request('"', 'x'.repeat(20_000), '"'))).rejects.toMatchObject({ status: 413 });
});

it('allows nothing inline, nothing from elsewhere, and no frame', () => {
  expect(CONTENT_SECURITY_POLICY).toContain("default-src 'none'");
  expect(CONTENT_SECURITY_POLICY).toContain("frame-ancestors 'none'");
  expect(CONTENT_SECURITY_POLICY).not.toMatch(/unsafe|https?:|\*|data:/);
});
