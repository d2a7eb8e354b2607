import { Readable, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Io } from '../terminal.js';
import { type LogFlags, openLog } from './openLog.js';

class Kept extends Writable {
  readonly isTTY: boolean;
  text = '';

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

async function logOf(flags: LogFlags, isTTY = false) {
  const stderr = new Kept(isTTY);
  const io: Io = { stdout: new Kept(isTTY), stderr, stdin: Readable.from([]) };
  const log = await openLog(io, 'stderr', flags);
  return { log, lines: () => stderr.text.split('\n').filter((line) => line !== '') };
}

describe('the log', () => {
  it('is JSON where there is no terminal', async () => {
    const { log, lines } = await logOf({ logLevel: 'info' });
    log('warn', 'the journal could not be read', { name: 'books' });
    expect(JSON.parse(lines()[0] ?? '')).toMatchObject({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
      pid: process.pid,
      msg: 'the journal could not be read',
      name: 'books',
    });
  });

  it.each([
    ['a terminal', { logLevel: 'info' }, true, /^taking over$/],
    ['text that was asked for', { logLevel: 'info', logFormat: 'text' }, false, /^\d{4}-\S+Z taking over$/],
  ] as const)('is text on %s', async (_, flags, isTTY, line) => {
    const { log, lines } = await logOf(flags, isTTY);
    log('info', 'taking over', { name: 'books' });
    expect(lines()).toEqual([expect.stringMatching(line)]);
  });

  it.each(['text', 'json'] as const)(
    'leaves out what is less urgent than its level, as %s',
    async (logFormat) => {
      const levels = ['info', 'warn', 'error'] as const;
      for (const [logLevel, count] of [
        ['info', 3],
        ['warn', 2],
        ['error', 1],
        ['silent', 0],
      ] as const) {
        const { log, lines } = await logOf({ logLevel, logFormat });
        for (const level of levels) log(level, `one at ${level}`);
        expect(lines()).toHaveLength(count);
      }
    },
  );

  it.each(['text', 'json'] as const)('contains no credentials, as %s', async (logFormat) => {
    const { log, lines } = await logOf({ logLevel: 'info', logFormat });
    log('warn', 'http://user:secret@host:9200 answered 401 to Authorization: Basic secret', {
      authorization: 'Basic secret',
      cluster: { auth: { password: 'secret' } },
      request: { headers: { cookie: 'secret' } },
    });
    expect(lines()).toHaveLength(1);
    expect(lines()[0]).toContain('http://host:9200 answered 401');
    expect(lines()[0]).not.toContain('secret');
  });
});
