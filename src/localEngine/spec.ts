// Parses the name and version of an engine (`opensearch@3.8.0`, `elasticsearch`), and says what the engine requires.
import { type EngineName, isTooOld, SUPPORTED } from '../cluster/cluster.js';
import { TwindexError } from '../errors.js';

export interface EngineSpec {
  readonly name: EngineName;
  readonly version: string;
  /** False for the default version. If the machine cannot run it, an older version is used instead. */
  readonly explicit: boolean;
}

export interface EngineOptions {
  /** 1 to 3. Default: 1. */
  readonly nodes?: number | undefined;
  /** The heap of each node, in MiB. Default: 1024 for one node, 512 for several. */
  readonly heapMb?: number | undefined;
  /** Further settings of the nodes, as in `opensearch.yml`. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** Aborts the start; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called with one line for the user whenever something is downloaded, unpacked or started. */
  readonly onNote?: ((text: string) => void) | undefined;
}

export interface ClusterShape {
  readonly nodes: number;
  readonly heapMb: number;
  readonly settings: Readonly<Record<string, string>>;
}

const DEFAULT_VERSION: Readonly<Record<EngineName, string>> = { opensearch: '3.8.0', elasticsearch: '9.2.0' };

/** The newest versions that JDK 17 can run. */
const FALLBACK_VERSION: Readonly<Record<EngineName, string>> = {
  opensearch: '2.19.5',
  elasticsearch: '8.19.0',
};

/** @throws TwindexError `usage` */
export function parseSpec(text = 'opensearch'): EngineSpec {
  const [name = '', version, ...rest] = text.split('@');
  if (name !== 'opensearch' && name !== 'elasticsearch') {
    throw new TwindexError(
      'usage',
      `${quote(text)}: there is no engine ${quote(name)}. Write opensearch or elasticsearch, with or without a version: opensearch@3.8.0.`,
    );
  }
  if (version === undefined) return { name, version: DEFAULT_VERSION[name], explicit: false };
  if (rest.length > 0 || !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) {
    throw new TwindexError(
      'usage',
      `${quote(text)}: ${quote([version, ...rest].join('@'))} is not a version. Write three numbers: ${name}@${DEFAULT_VERSION[name]}.`,
    );
  }
  if (isTooOld(name, version)) {
    throw new TwindexError(
      'usage',
      `${quote(text)}: ${SUPPORTED}. Ask for one of these, or for ${name} alone to get ${DEFAULT_VERSION[name]}.`,
    );
  }
  return { name, version, explicit: true };
}

export function candidates(wanted: EngineSpec): EngineSpec[] {
  if (wanted.explicit) return [wanted];
  return [wanted, { ...wanted, version: FALLBACK_VERSION[wanted.name] }];
}

/** @throws TwindexError `usage` */
export function parseShape(options: Pick<EngineOptions, 'nodes' | 'heapMb' | 'settings'>): ClusterShape {
  const { nodes = 1, settings = {} } = options;
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > 3) {
    throw new TwindexError(
      'usage',
      `nodes: ${nodes} is not possible. A cluster of 1, 2 or 3 nodes can be started.`,
    );
  }
  const { heapMb = nodes === 1 ? 1024 : 512 } = options;
  if (!Number.isInteger(heapMb) || heapMb < 128) {
    throw new TwindexError(
      'usage',
      `heapMb: ${heapMb} is not possible. Use a whole number of MiB, 128 or more.`,
    );
  }
  return { nodes, heapMb, settings };
}

export interface JavaRange {
  readonly min: number;
  /** The last Java release on which the engine runs; undefined if no later release is known to fail. */
  readonly max: number | undefined;
}

/** The Java releases that an engine can run on. Java 24 removed the security manager, which older engines need. */
export function javaRange({ name, version }: EngineSpec): JavaRange {
  const [major, minor] = numbersOf(version);
  if (major >= (name === 'opensearch' ? 3 : 9)) return { min: 21, max: undefined };
  const doesWithout = name === 'elasticsearch' && major === 8 && minor >= 18;
  return { min: 17, max: doesWithout ? undefined : 23 };
}

export function rangeText({ min, max }: JavaRange): string {
  return max === undefined ? `JDK ${min} or newer` : `JDK ${min} to ${max}`;
}

export function numbersOf(version: string): [major: number, minor: number, patch: number] {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/).map(Number);
  return [major, minor, patch];
}

function quote(text: string): string {
  return JSON.stringify(text);
}

export const variablePrefix = ({ name }: EngineSpec): string => (name === 'opensearch' ? 'OPENSEARCH' : 'ES');

/** The user's Java options come first, since Java uses the last of two options that conflict. */
export function javaOptions(spec: EngineSpec, { heapMb }: ClusterShape, more = ''): Record<string, string> {
  const variable = `${variablePrefix(spec)}_JAVA_OPTS`;
  return { [variable]: `${process.env[variable] ?? ''} -Xms${heapMb}m -Xmx${heapMb}m ${more}`.trim() };
}
