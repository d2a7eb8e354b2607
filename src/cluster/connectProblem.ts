// Finds the cause if the first request to a cluster fails. Later failures are often temporary, but the first
// is usually caused by a wrong address or wrong credentials.
import { connect as connectTcp } from 'node:net';
import { connect as connectTls, type PeerCertificate } from 'node:tls';
import { TwindexError } from '../errors.js';
import type { ClusterOptions, Origins } from './clusterOptions.js';
import type { ConnectFailure } from './connectFailure.js';
import { NotSent } from './connector.js';
import { parseNodes } from './nodeAddress.js';
import { originsIn } from './origins.js';

const PROBE_MS = 2_000;

export async function connectProblem(error: TwindexError, options: ClusterOptions): Promise<TwindexError> {
  const origins = options.origins ?? originsIn('cluster');
  switch (error.code) {
    case 'unreachable':
      return await notConnected(error, options, origins);
    case 'unanswered':
      return (await wrongScheme(options, origins)) ?? notAnswered(error, origins);
    case 'not_an_engine':
      return (
        (await wrongScheme(options, origins)) ??
        withHint(error, `Check host, port and path in ${origins.nodes}. ${BETWEEN}`)
      );
    case 'unsupported_engine':
      return withHint(error, `The address comes from ${origins.nodes}.`);
    case 'unauthorized':
      return refusedUser(error, options, credentialsHint(options, origins));
    case 'forbidden':
      return refusedUser(
        error,
        options,
        'The credentials are valid. Grant the user the permissions in docs/operating.md#permissions.',
      );
    default:
      return error;
  }
}

const BETWEEN = 'A proxy or a login page may answer instead of the cluster.';

/** The message names the node, since there may be two clusters. */
function refusedUser(error: TwindexError, { nodes }: ClusterOptions, hint: string): TwindexError {
  const [node] = parseNodes(nodes);
  const what = error.code === 'forbidden' ? 'does not accept this user' : 'does not accept the credentials';
  return new TwindexError(error.code, `${node?.origin}${node?.prefix} ${what}: ${withoutHint(error)}`, {
    cause: error.cause,
    status: error.status,
    engineType: error.engineType,
    hint,
  });
}

const withHint = (error: TwindexError, hint: string): TwindexError =>
  new TwindexError(error.code, withoutHint(error), { cause: error.cause, status: error.status, hint });

const withoutHint = ({ message, hint }: TwindexError): string =>
  hint === undefined ? message : message.slice(0, -hint.length).trimEnd();

const CERTIFICATE: ReadonlySet<ConnectFailure> = new Set([
  'untrusted',
  'expired',
  'notYetValid',
  'otherHost',
]);

async function notConnected(
  error: TwindexError,
  options: ClusterOptions,
  origins: Origins,
): Promise<TwindexError> {
  if (!(error.cause instanceof NotSent)) return error;
  const { failure } = error.cause;
  if (failure === 'scheme') return (await wrongScheme(options, origins)) ?? error;
  if (!CERTIFICATE.has(failure)) return error;
  const more = await aboutCertificate(failure, options);
  return new TwindexError('certificate', withoutHint(error), {
    cause: error.cause,
    hint: more === undefined ? error.hint : `${more} ${error.hint}`,
  });
}

/** @returns the issuer or the dates of a node's certificate, which the connection error does not contain */
async function aboutCertificate(
  failure: ConnectFailure,
  { nodes }: ClusterOptions,
): Promise<string | undefined> {
  if (failure === 'otherHost') return undefined;
  const url = parseNodes(nodes).find(({ origin }) => origin.startsWith('https:'))?.origin;
  const certificate = url === undefined ? undefined : await certificateOf(new URL(url));
  if (!certificate) return undefined;
  const { issuer, valid_from: from, valid_to: to } = certificate;
  if (failure === 'untrusted') return `It is signed by "${String(issuer.CN ?? issuer.O)}".`;
  return failure === 'expired' ? `It was valid until ${to}.` : `It is valid from ${from}.`;
}

function notAnswered(error: TwindexError, { nodes }: Origins): TwindexError {
  const { name, code = '' } = (error.cause ?? {}) as { readonly name?: string; readonly code?: string };
  if (/ALERT_(?:CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA)|HANDSHAKE_FAILURE/.test(code))
    return new TwindexError('certificate', withoutHint(error), {
      cause: error.cause,
      hint: `The cluster asks for a client certificate. It got none, or one that it does not accept. Check certFile and keyFile next to ${nodes}.`,
    });
  if (name === 'HTTPParserError')
    return new TwindexError('not_an_engine', `${withoutHint(error)}: the server there does not speak HTTP`, {
      cause: error.cause,
      hint: `Check the port in ${nodes}: 9200 is usual. Port 9300 is for connections between nodes.`,
    });
  return withHint(
    error,
    `The connection was accepted, so the cluster may be hanging. If it is not, check host and port in ${nodes}.`,
  );
}

/** @returns an error if a node speaks TLS and its address says `http:`, or the other way round */
async function wrongScheme(options: ClusterOptions, { nodes }: Origins): Promise<TwindexError | undefined> {
  const wrong = await Promise.all(
    parseNodes(options.nodes, nodes).map(async ({ origin }) => {
      const url = new URL(origin);
      const isWrong =
        url.protocol === 'http:' ? (await certificateOf(url)) !== undefined : await speaksHttp(url);
      return isWrong ? url : undefined;
    }),
  );
  const found = wrong.find((url) => url !== undefined);
  if (!found) return undefined;
  const [is, instead] = found.protocol === 'http:' ? ['https', 'http'] : ['http', 'https'];
  return new TwindexError('wrong_scheme', `${found.origin} speaks ${is}, not ${instead}`, {
    hint: `Write ${is}:// instead of ${instead}:// in ${nodes}.`,
  });
}

/** Opens a TLS connection, and sends nothing. @returns the node's certificate; undefined without TLS */
async function certificateOf(url: URL): Promise<PeerCertificate | undefined> {
  return await new Promise((resolve) => {
    const socket = connectTls({ ...addressOf(url), rejectUnauthorized: false }, () =>
      end(socket.getPeerCertificate()),
    );
    const end = (certificate?: PeerCertificate): void => {
      socket.destroy();
      resolve(certificate);
    };
    socket
      .setTimeout(PROBE_MS, () => end())
      .on('error', () => end())
      .on('close', () => end());
  });
}

async function speaksHttp(url: URL): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connectTcp(addressOf(url), () =>
      socket.write(`GET / HTTP/1.1\r\nhost: ${url.host}\r\nconnection: close\r\n\r\n`),
    );
    const end = (speaks: boolean): void => {
      socket.destroy();
      resolve(speaks);
    };
    socket
      .setTimeout(PROBE_MS, () => end(false))
      .on('data', (data) => end(data.toString('latin1').startsWith('HTTP/')))
      .on('error', () => end(false))
      .on('close', () => end(false));
  });
}

function addressOf({ protocol, hostname, port }: URL): { host: string; port: number; servername?: string } {
  // In a URL, an IPv6 address is in brackets. A TLS server name must not be an address.
  const host = hostname.replace(/^\[|\]$/g, '');
  const servername = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
  return { host, port: Number(port) || (protocol === 'http:' ? 80 : 443), ...servername };
}

function credentialsHint({ auth, nodes }: ClusterOptions, origins: Origins): string {
  if (auth === undefined && !parseNodes(nodes, origins.nodes).some((node) => node.auth))
    return `No credentials were sent. Configure them in ${origins.auth}.`;
  if (auth === undefined) return `Check user and password in ${origins.nodes}.`;
  if ('aws' in auth)
    return `Check the AWS credentials of this process, the region in ${origins.auth}, and the access policy of the domain.`;
  if (
    'apiKeyFile' in auth ||
    'apiKeyCommand' in auth ||
    'bearerFile' in auth ||
    'bearerCommand' in auth ||
    !('password' in auth || 'apiKey' in auth || 'bearer' in auth)
  )
    return `Check the secret that ${origins.auth} points to.`;
  if ('apiKey' in auth) return `Check the API key in ${origins.auth}. It may have expired.`;
  if ('bearer' in auth) return `Check the bearer token in ${origins.auth}. It may have expired.`;
  return `Check user and password in ${origins.auth}.`;
}
