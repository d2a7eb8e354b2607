// Parses the options of a cluster connection: node addresses, credentials, a certificate authority.
import { readFileSync } from 'node:fs';
import { messageOf, redact, TwindexError } from '../errors.js';

/**
 * Credentials: Basic, an API key as the engine encodes it (`Authorization: ApiKey ...`), a bearer token, or the
 * AWS credentials of this process (requests are signed with Signature Version 4).
 *
 * A secret may be in a file, or be printed by a command of the shell, so that it can change while a process runs:
 * it is read again when the file changes, and when the engine answers 401.
 * @see https://www.elastic.co/docs/api/doc/elasticsearch/authentication
 * @see docs/secured-clusters.md
 * @example
 * import type { Auth } from 'twindex';
 *
 * const auth: Auth = { username: 'twindex', passwordFile: '/run/secrets/search-password' };
 * export default auth;
 */
export type Auth =
  | PlainAuth
  | { readonly username: string; readonly passwordFile: string }
  | { readonly username: string; readonly passwordCommand: string }
  | { readonly apiKeyFile: string }
  | { readonly apiKeyCommand: string }
  | { readonly bearerFile: string }
  | { readonly bearerCommand: string }
  | { readonly aws: AwsAuth };

/** Credentials whose secret is known. */
export type PlainAuth =
  | { readonly username: string; readonly password: string }
  | { readonly apiKey: string }
  | { readonly bearer: string };

/** The credentials are found as the AWS command line finds them: variables, profiles, web identity, container, host. */
export interface AwsAuth {
  /** The region of the domain: `eu-central-1`. */
  readonly region: string;
  /** `es` for a domain of Amazon OpenSearch Service, which is the default. `aoss` (Serverless) is refused. */
  readonly service?: 'es' | 'aoss' | undefined;
  /** A profile of ~/.aws/config. By default AWS_PROFILE, or `default`. */
  readonly profile?: string | undefined;
}

export interface NodeAddress {
  /** The URL without credentials and path: `http://host:9200`. */
  readonly origin: string;
  /** The path of the node's API, without a trailing slash. */
  readonly prefix: string;
  readonly auth: PlainAuth | undefined;
}

/** @param origin the option with the addresses, for errors. @throws TwindexError `config_invalid` */
export function parseNodes(nodes: readonly string[], origin = 'cluster.nodes'): NodeAddress[] {
  if (nodes.length === 0) {
    throw new TwindexError('config_invalid', `${origin} is empty. Add the URL of at least one node.`);
  }
  return nodes.map((node) => parseNode(node, origin));
}

function parseNode(text: string, origin: string): NodeAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    // Even a string that is not a URL may contain a password or a key.
    const shown = redact(text)
      .replace(/^.*@/s, '…@')
      .replace(/([?#]).+$/s, '$1…');
    throw new TwindexError(
      'config_invalid',
      `${origin}: "${shown}" is not a URL of the form http://host:9200 or https://host:9200, without a query.`,
    );
  }
  const auth = url.username
    ? { username: decodeUserInfo(url.username), password: decodeUserInfo(url.password) }
    : undefined;
  return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, ''), auth };
}

/** Decodes `%40` and the like. If the string has a bare `%`, as a password may have, it stays unchanged. */
export function decodeUserInfo(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function authorization(auth: PlainAuth): string {
  if ('apiKey' in auth) return `ApiKey ${auth.apiKey}`;
  if ('bearer' in auth) return `Bearer ${auth.bearer}`;
  return `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`;
}

const PEM = {
  certificate: /-----BEGIN CERTIFICATE-----/,
  'private key': /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
} as const;

/**
 * Reads a PEM file. Without the check of its content, Node would accept a file without a certificate, and then
 * trust no node.
 * @param origin the option with the path, for errors. @throws TwindexError `config_invalid`
 */
export function readPem(file: string, kind: keyof typeof PEM, origin: string): string {
  const failed = (what: string): TwindexError =>
    new TwindexError('config_invalid', `${origin}: ${what}. Use the path of a PEM file.`);
  let pem: string;
  try {
    pem = readFileSync(file, 'utf8');
  } catch (error) {
    throw failed(`cannot read ${file} (${messageOf(error)})`);
  }
  if (!PEM[kind].test(pem)) throw failed(`${file} contains no ${kind}`);
  return pem;
}
