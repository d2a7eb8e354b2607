// Finds the view that the address names: `#/` is the list, `#/index/NAME` one migration.
const PREFIX = '#/index/';

export const addressOf = (name: string): string => `${PREFIX}${encodeURIComponent(name)}`;

/** @returns undefined for the list */
export function nameIn(hash: string): string | undefined {
  if (!hash.startsWith(PREFIX) || hash === PREFIX) return undefined;
  try {
    return decodeURIComponent(hash.slice(PREFIX.length));
  } catch {
    return undefined;
  }
}
