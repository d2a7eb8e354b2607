// The version whose shape a write has, where its client names one.
import { type Headers, illegal } from './decisions.js';
import type { EngineError } from './engineError.js';
import type { Managed } from './names.js';

/** The version that the header names; an error where it names none. */
export function versionOf(headers: Headers): number | undefined | EngineError {
  const text = headers['x-twindex-version']?.trim();
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  return illegal(`x-twindex-version must be the number of a version, found [${text.slice(0, 40)}]`);
}

/** A concrete index stands for its own version, whatever the header says. */
export function namedVersion(
  { name, source, target }: Managed,
  ofIndex: number | undefined,
  ofHeader: number | undefined | EngineError,
): number | undefined | EngineError {
  if (typeof ofHeader === 'object' || ofIndex !== undefined)
    return typeof ofHeader === 'object' ? ofHeader : ofIndex;
  // No migration was seen before the lease ran out, so only the declared version is known here. The write waits, and is
  // decided again when more is known: until then no version can be called wrong.
  if (source.index === target.index) return ofHeader;
  if (ofHeader === undefined || ofHeader === source.version || ofHeader === target.version) return ofHeader;
  return illegal(
    `x-twindex-version is ${ofHeader}, but [${name}] is being migrated from version ${source.version} to ${target.version}`,
  );
}
