import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BulkGuard, isBulk } from './bulkGuard.js';

/** Sends a bulk in pieces of these lengths. @returns the forwarded bytes, or the reason of the refusal */
function through(text: string, lengths: readonly number[] = []): string | { readonly refused: string } {
  const guard = new BulkGuard();
  const bytes = Buffer.from(text);
  const passed: Buffer[] = [];
  for (let at = 0, n = 0; at < bytes.length; n++) {
    const end = Math.min(bytes.length, at + Math.max(1, lengths[n] ?? bytes.length));
    const taken = guard.take(bytes.subarray(at, end));
    if ('refused' in taken) return taken;
    passed.push(taken);
    at = end;
  }
  return Buffer.concat([...passed, guard.end()]).toString();
}

const OWN = [
  '{"index":{"_index":"twindex-journal","_id":"1"}}\n{}\n',
  '{"delete":{"_id":"1","_index":"twindex.catalogue.Ledger.1"}}\n',
  '{"create":{"_index":"\\u0074windex-queries"}}\n{}\n',
  '{"create":{"\\u005findex":"twindex-queries"}}\n{}\n',
  '{"update":{"_index":"<twindex-journal>","_id":"1"}}\n{"doc":{}}\n',
  '/* */ {"index":{"_index":"twindex-ledger-a-1"}}\n{}\n',
  '\ufeff{"index":{"_index":"twindex-journal"}}\n{}\n',
];
const PLAIN = [
  '{"index":{"_index":"a","_id":"twindex-journal"}}\n{"_index":"twindex-journal"}\n',
  '{"index":{"_index":"a"}}\n{"n":{"delete":{"_index":"twindex-journal"}}}\n',
  '{"delete":{"_index":"a","_id":"\\"1"}}\n',
  ' {"create":{}}\r\n{"t":"é"}\r\n',
  '\n',
  '{"update":{"_id":"1"}}\n{"doc":{"a":1}}\n',
];

describe('a bulk that is forwarded', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 40 }));

  it('comes out as it went in, however it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...PLAIN)), lengths, (lines, cuts) => {
        expect(through(lines.join(''), cuts)).toBe(lines.join(''));
        expect(through(`${lines.join('')}{"index":{`, cuts)).toBe(`${lines.join('')}{"index":{`);
      }),
    );
  });

  it('is refused where one of its operations is on an index of twindex itself, however it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...PLAIN)),
        fc.constantFrom(...OWN),
        lengths,
        (lines, own, cuts) => {
          // a byte order mark is skipped only at the very beginning; elsewhere it makes the line unreadable
          const before = own.startsWith('\ufeff') ? '' : lines.join('');
          const result = through(before + own + lines.join(''), cuts);
          expect(result).toMatchObject({ refused: expect.stringContaining('belongs to twindex') as string });
        },
      ),
    );
  });

  it('is refused where a line can not be read', () => {
    expect(through('{"index":{"_index":"twindex\n')).toMatchObject({
      refused: 'Malformed action/metadata line [1], which is not one JSON object',
    });
    expect(through(`{"index":{"_id":"${'a'.repeat(70_000)}`, [1_000])).toMatchObject({
      refused: 'Malformed action/metadata line [1], which is longer than 65536 bytes',
    });
    // documents may have any length
    expect(through(`{"index":{}}\n{"a":"${'a'.repeat(70_000)}"}\n`)).toHaveLength(70_022);
  });
});

it.each(['/_bulk', '/a/_bulk?refresh', '/_bulk/', '/a/type/_bulk', '/_bulk/stream', '//_bulk'])(
  '%s is a bulk',
  (target) => {
    expect(isBulk(target)).toBe(true);
  },
);

it.each(['/a/_bulk_x', '/_doc/_bulk/1', '/a/_search?q=/_bulk_'])('%s is no bulk', (target) => {
  expect(isBulk(target)).toBe(false);
});
