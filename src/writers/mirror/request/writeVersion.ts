// Finds the version whose shape a write has, if its client names one.
import { type Headers, illegal } from './decisions.js';
import type { EngineError } from './engineError.js';
import type { Managed } from './managedNames.js';

/** @returns the version in the header, undefined without the header, or an error for an invalid value */
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
  // If no migration was seen before the lease expired, only the declared version is known. Then no version
  // can be called wrong: the write waits, and is decided again when more is known.
  if (source.index === target.index) return ofHeader;
  if (ofHeader === undefined || ofHeader === source.version || ofHeader === target.version) return ofHeader;
  return illegal(
    `x-twindex-version is ${ofHeader}, but [${name}] is being migrated from version ${source.version} to ${target.version}`,
  );
}

/** The engines' names of the parameter, including old names in the metadata of a bulk. */
const VERSION_TYPES = ['version_type', '_version_type', 'versionType', '_versionType'];

/**
 * @returns the refusal of a write that sets its own version; undefined for any other write. The follower's
 * documents have larger versions, set by twindex, so after the switch every such write would get a 409.
 */
export function refuseOwnVersion(
  name: string,
  params: Readonly<Record<string, string>>,
): EngineError | undefined {
  const key = VERSION_TYPES.find((one) => params[one] !== undefined && params[one] !== 'internal');
  if (key === undefined) return undefined;
  return illegal(
    `[${name}] is managed by twindex, which does not support ${key}=${params[key]} yet: twindex gives the documents of a migrated ` +
      `index large versions, so that such a write would be refused with 409 after the switch. Send it without ${key}; ` +
      'to write a document only if it has not changed, use if_seq_no and if_primary_term',
  );
}
