import { describe, expect, it } from 'vitest';
import { mayHoldLongNumber } from './numbers.js';

describe('a text with a number that JSON.parse might change', () => {
  const numbers = ['1e400', '-1.5e-400', '12345678901234567', '0.1234567890123456789', '1.0E+100', '1e0999'];
  const places = [
    (number: string) => number,
    (number: string) => `{"a":${number}}`,
    (number: string) => `{"a": ${number}}`,
    (number: string) => `{"a":\n\t${number}\r\n}`,
    (number: string) => `[${number}]`,
    (number: string) => `["b",1,${number},2]`,
  ];
  it.each(numbers)('is noticed: %s', (number) => {
    for (const place of places) expect(mayHoldLongNumber(place(number)), place(number)).toBe(true);
  });

  it.each([
    '{"sha256":"1e4091234567890123456789abc7e100"}',
    '{"n":1234,"x":1.5e10}',
    '{"id":"12345678901234567"}',
  ])('is not seen in %s', (text) => {
    expect(mayHoldLongNumber(text)).toBe(false);
  });
});
