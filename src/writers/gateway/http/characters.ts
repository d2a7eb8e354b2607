// Characters allowed in the parts of an HTTP/1.1 head (RFC 9110, RFC 9112). One latin1 character is one byte.

type CharacterSet = Uint8Array;

const setOf = (has: (code: number) => boolean): CharacterSet =>
  Uint8Array.from({ length: 256 }, (_, code) => Number(has(code)));

const HTAB = 0x09;
const SPACE = 0x20;
const HASH = 0x23;
const DELETE = 0x7f;

/** Characters in names of headers. */
export const TOKEN = setOf((code) => /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(code)));
/** Characters in values of headers: no control characters (such as CR, LF, NUL) except the tab. */
export const VALUE = setOf((code) => code === HTAB || (code >= SPACE && code !== DELETE));
/** Characters in request targets: visible ASCII without `#`, since a fragment is never sent. */
export const TARGET = setOf((code) => code > SPACE && code < DELETE && code !== HASH);

export function isAll(set: CharacterSet, text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (set[text.charCodeAt(at)] !== 1) return false;
  return true;
}

export function trimValue(text: string, from: number, to: number): string {
  let begin = from;
  let end = to;
  while (begin < end && isBlank(text.charCodeAt(begin))) begin++;
  while (end > begin && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(begin, end);
}

function isBlank(code: number): boolean {
  return code === SPACE || code === HTAB;
}
