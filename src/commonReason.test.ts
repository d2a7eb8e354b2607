import { expect, test } from 'vitest';
import { commonReason } from './commonReason.js';

test.each([
  [
    'a number of OpenSearch',
    `mapper_parsing_exception: failed to parse field [price] of type [double] in document with id '17'. Preview of field's value: 'it's "x" abc': For input string: "it's "x" abc"`,
    'mapper_parsing_exception: failed to parse field [price] of type [double]: For input string: "…"',
  ],
  [
    'a number of Elasticsearch',
    `document_parsing_exception: [1:10] failed to parse field [price] of type [double] in document with id '17'. Preview of field's value: 'abc': For input string: "abc"`,
    'document_parsing_exception: failed to parse field [price] of type [double]: For input string: "…"',
  ],
  [
    'a date',
    `mapper_parsing_exception: failed to parse field [d] of type [date] in document with id '17'. Preview of field's value: '2024-13-01': failed to parse date field [2024-13-01] with format [strict_date_optional_time||epoch_millis]`,
    'mapper_parsing_exception: failed to parse field [d] of type [date]: failed to parse date field […] with format [strict_date_optional_time||epoch_millis]',
  ],
  [
    'a number that is too large',
    "mapper_parsing_exception: failed to parse field [i] of type [integer] in document with id '17'. Preview of field's value: '99999999999': Numeric value (99999999999) out of range of `int` (-2147483648 - 2147483647)\n at [Source: REDACTED]",
    'mapper_parsing_exception: failed to parse field [i] of type [integer]: Numeric value (…) out of range of `int` (… - …)',
  ],
  [
    'no boolean',
    "mapper_parsing_exception: failed to parse field [b] of type [boolean] in document with id '17'. Preview of field's value: 'maybe': Failed to parse value [maybe] as only [true] or [false] are allowed.",
    'mapper_parsing_exception: failed to parse field [b] of type [boolean]: Failed to parse value […] as only [true] or [false] are allowed.',
  ],
  [
    'an unknown field of a strict mapping',
    'strict_dynamic_mapping_exception: mapping set to strict, dynamic introduction of [zz] within [_doc] is not allowed',
    'strict_dynamic_mapping_exception: mapping set to strict, dynamic introduction of [zz] within [_doc] is not allowed',
  ],
  [
    'an unknown field on Elasticsearch, whose answer says where',
    'strict_dynamic_mapping_exception: [1:20] mapping set to strict, dynamic introduction of [zz] within [_doc] is not allowed',
    'strict_dynamic_mapping_exception: mapping set to strict, dynamic introduction of [zz] within [_doc] is not allowed',
  ],
  [
    'a missing routing, with the index and the id',
    'routing_missing_exception: routing is required for [shop-v2]/[17]',
    'routing_missing_exception: routing is required for [shop-v2]/[…]',
  ],
  [
    'what a transform throws by itself',
    "the transform failed: TwindexError: migrations[2].up of catalogue failed for document 17: Cannot read properties of undefined (reading 'replace')",
    "the transform failed: TwindexError: migrations[2].up of catalogue failed: Cannot read properties of undefined (reading 'replace')",
  ],
  [
    'what a transform throws with a value in it',
    'the transform failed: TwindexError: migrations[2].up of catalogue failed for document 17: no price: "1.2.3" or 4.5',
    'the transform failed: TwindexError: migrations[2].up of catalogue failed: no price: "…" or …',
  ],
  [
    'a transform that returns no object',
    'the transform failed: TwindexError: migrations[2].up of catalogue returned a string for document 17. Return the document as a plain object, or null to drop it.',
    'the transform failed: TwindexError: migrations[2].up of catalogue returned a string. Return the document as a plain object, or null to drop it.',
  ],
])('%s', (_what, reason, common) => {
  expect(commonReason(reason, '17')).toBe(common);
});

test('a long reason is cut', () => {
  expect(commonReason('x '.repeat(400), '17')).toHaveLength(301);
});
