// Finds the version whose shape a write's document has, if the client names one (`x-twindex-version`).
import { type Headers, illegal } from './decisions.js';
import type { EngineError } from './engineError.js';
import type { Managed } from './managedNames.js';

export function versionOf(headers: Headers): number | undefined | EngineError {
  const text = headers['x-twindex-version']?.trim();
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  return illegal(`x-twindex-version must be a version number, but is [${text.slice(0, 40)}]`);
}

/** A write to a concrete index has the version of that index, whatever the header says. */
export function namedVersion(
  { name, source, target }: Managed,
  ofIndex: number | undefined,
  ofHeader: number | undefined | EngineError,
): number | undefined | EngineError {
  if (typeof ofHeader === 'object' || ofIndex !== undefined)
    return typeof ofHeader === 'object' ? ofHeader : ofIndex;
  // without a lease, source and target may both be the declared index: accept any version, as the write waits
  if (source.index === target.index) return ofHeader;
  if (ofHeader === undefined || ofHeader === source.version || ofHeader === target.version) return ofHeader;
  return illegal(
    `x-twindex-version is ${ofHeader}, but [${name}] is being migrated from version ${source.version} to ${target.version}`,
  );
}

/** The names of the parameter `version_type`. In the metadata of a bulk, engines still accept the old names. */
const VERSION_TYPES = ['version_type', '_version_type', 'versionType', '_versionType'];

export function refuseOwnVersion(
  name: string,
  params: Readonly<Record<string, string>>,
): EngineError | undefined {
  const key = VERSION_TYPES.find((one) => params[one] !== undefined && params[one] !== 'internal');
  if (key === undefined) return undefined;
  return illegal(
    `[${name}] is managed by twindex, which does not support ${key}=${params[key]}: twindex gives the documents of a migrated ` +
      `index large versions, so the engine would refuse this write with 409 after the switch. Send it without ${key}; ` +
      'to write a document only if it has not changed, use if_seq_no and if_primary_term',
  );
}
