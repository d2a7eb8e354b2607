// Parses and prints JSON, with integers beyond 2^53 as BigInt. The demo does not use twindex's parser, so
// that its evidence does not depend on the code that it checks.

const MARK = '\u0000integer:';
const LONG_NUMBER = /\d{16}/;
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

export function parseExactJson(text: string): unknown {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text);
  const marked = text.replace(TOKEN, (token) => (isLongInteger(token) ? `"\\u0000integer:${token}"` : token));
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === 'string' && value.startsWith(MARK) ? BigInt(value.slice(MARK.length)) : value,
  );
}

export function printExactJson(value: unknown): string {
  let found = false;
  const text = JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part !== 'bigint') return part;
    found = true;
    return MARK + part;
  });
  return found ? text.replace(/"\\u0000integer:(-?\d+)"/g, '$1') : text;
}

function isLongInteger(token: string): boolean {
  return /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token));
}
