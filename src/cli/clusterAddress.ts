// For `twindex init` without a configuration: finds the cluster's address and credentials in options and variables.
import type { ClusterOptions } from '../cluster/clusterOptions.js';
import { TwindexError } from '../errors.js';
import { isAddress } from '../schema/configSchema.js';
import { CREDENTIALS, type Credentials } from '../schema/renderConfig.js';
import { withoutSecrets } from '../schema/validation.js';

type Environment = Readonly<Record<string, string | undefined>>;

export interface ClusterAddress {
  readonly options: ClusterOptions;
  /** Addresses without user and password, to be written to the configuration. */
  readonly nodes: readonly string[];
  /** The environment variables that the credentials were read from. */
  readonly credentials: Credentials | undefined;
  /** True if an address contains user and password, which are not written to a file. */
  readonly isSecret: boolean;
}

/** @throws TwindexError `usage` */
export function clusterAddress(
  { url, caFile }: { readonly url?: string | undefined; readonly caFile?: string | undefined },
  env: Environment,
): ClusterAddress {
  const origin = url === undefined ? 'TWINDEX_URL' : '--url';
  const text = url ?? env['TWINDEX_URL'] ?? '';
  if (text === '')
    throw new TwindexError(
      'usage',
      'there is no configuration in this folder, so init needs the address of the cluster: twindex init --url http://localhost:9200',
    );
  const given = text.split(',').map((node) => node.trim());
  for (const node of given)
    if (!isAddress(node)) throw new TwindexError('usage', `${origin}: ${noAddress(node)}`);
  const isSecret = given.some((node) => new URL(node).username !== '');
  const credentials = isSecret ? undefined : credentialsIn(env);
  const ca = caFile === undefined ? {} : { caFile };
  const auth = credentials && authOf(credentials, env);
  // if the cluster demands a password that is not given, the error names these variables
  const variables = Object.values(CREDENTIALS[credentials ?? 'password']).join(' and ');
  const origins = { nodes: origin, auth: isSecret ? origin : variables, caFile: '--ca-file' };
  return {
    options: { nodes: given, ...ca, ...(auth && { auth }), origins },
    nodes: given.map(withoutUser),
    credentials,
    isSecret,
  };
}

function noAddress(text: string): string {
  const shown = `expected an address such as http://localhost:9200, found ${JSON.stringify(withoutSecrets(text))}`;
  const meant = `http://${text}`;
  return isAddress(meant) && !text.includes('@') && !text.includes('://')
    ? `${shown}. Did you mean ${meant}?`
    : shown;
}

function withoutUser(node: string): string {
  const url = new URL(node);
  return url.origin + url.pathname.replace(/\/+$/, '');
}

function credentialsIn(env: Environment): Credentials | undefined {
  const isSet = (kind: Credentials): boolean => Object.values(CREDENTIALS[kind]).every((name) => env[name]);
  return (['apiKey', 'password'] as const).find(isSet);
}

function authOf(kind: Credentials, env: Environment): ClusterOptions['auth'] {
  const values = Object.entries(CREDENTIALS[kind]).map(([key, name]) => [key, env[name] ?? '']);
  return Object.fromEntries(values) as ClusterOptions['auth'];
}
