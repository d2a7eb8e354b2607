// Detects that a client does not speak HTTP/1.1, so that it gets an error at once, not only after a time-out.

const CR = 0x0d;
const LF = 0x0a;

/** @param bytes an incomplete head @param from the bytes before this position were checked already */
export function looksLikeHttp(bytes: Buffer, from: number): boolean {
  const first = bytes[0];
  if (first !== undefined && (first < 0x41 || first > 0x5a) && first !== CR) return false;
  for (let at = bytes.indexOf(LF, from); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at - 1] !== CR) return false;
  }
  return true;
}
