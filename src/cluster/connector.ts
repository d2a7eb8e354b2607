// Opens connections to nodes, and explains in plain words why a connection could not be opened.
import { connect as connectTcp, type Socket } from 'node:net';
import type { PeerCertificate } from 'node:tls';
import { buildConnector } from 'undici';
import { messageOf } from '../errors.js';
import { type ConnectFailure, ProxyFailed, Untrusted } from './connectFailure.js';
import type { NodeTls, TlsSettings } from './nodeTls.js';
import { openTunnel } from './proxy.js';

const CONNECT_TIMEOUT_MS = 5_000;

export class NotSent extends Error {
  readonly failure: ConnectFailure;

  constructor(error: Error) {
    const { failure, text } = describeFailure(error);
    super(text, { cause: error });
    this.failure = failure;
  }
}

interface Route {
  readonly tls: NodeTls;
  readonly proxy: URL | undefined;
}

/**
 * Turns errors of connecting into `NotSent`. They have to be caught here: a connection that breaks after a
 * request was sent may fail with the same codes and messages.
 */
export function connector({ tls, proxy }: Route): buildConnector.connector {
  const withSettings = connectorsBySettings();
  return (options, callback) => {
    /* oxlint-disable promise/no-callback-in-promise -- undici asks for a callback, and opening takes several steps */
    void openConnection(options, { tls, proxy }, withSettings).then(
      (socket) => callback(null, socket),
      (error: Error) => callback(new NotSent(error), null),
    );
    /* oxlint-enable promise/no-callback-in-promise */
  };
}

async function openConnection(
  options: buildConnector.Options,
  { tls, proxy }: Route,
  withSettings: (settings: TlsSettings) => buildConnector.connector,
): Promise<Socket> {
  const { protocol, hostname, host = hostname, port } = options;
  const node = new URL(`${protocol}//${host}${host.endsWith(`:${port}`) || !port ? '' : `:${port}`}`);
  const open = async (): Promise<Socket> => (proxy ? await openTunnel(proxy, node) : await openTcp(node));
  const isSecure = protocol === 'https:';
  const settings = isSecure ? await tls.settingsFor(serverNameOf(node), node.host, open) : {};
  const tunnel = proxy && (await open());
  if (tunnel && !isSecure) return tunnel;
  return await new Promise((resolve, reject) => {
    withSettings(settings)({ ...options, ...(tunnel && { httpSocket: tunnel }) }, (...[error, socket]) => {
      if (error) reject(error);
      else resolve(socket);
    });
  });
}

/** Reuses a connector as long as the settings are the same, since undici keeps TLS sessions in it. */
function connectorsBySettings(): (settings: TlsSettings) => buildConnector.connector {
  let last: { readonly settings: TlsSettings; readonly connect: buildConnector.connector } | undefined;
  return (settings) => {
    if (!last || !isSame(last.settings, settings))
      last = { settings, connect: buildConnector({ timeout: CONNECT_TIMEOUT_MS, ...settings }) };
    return last.connect;
  };
}

const isSame = (a: TlsSettings, b: TlsSettings): boolean =>
  a.ca === b.ca && a.cert === b.cert && a.key === b.key && a.passphrase === b.passphrase;

/** The server name for TLS, which must not be an IP address (RFC 6066). */
export function serverNameOf({ hostname }: URL): string {
  return /^[\d.]+$|:/.test(hostname) ? '' : hostname;
}

export function openTcp(node: URL): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const port = Number(node.port || (node.protocol === 'https:' ? 443 : 80));
    const socket = connectTcp({ host: node.hostname.replace(/^\[|\]$/g, ''), port }, () => {
      socket.setTimeout(0).off('error', reject);
      resolve(socket);
    });
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => {
      const error = new Error(`no connection within ${CONNECT_TIMEOUT_MS / 1_000} s`);
      socket.destroy(Object.assign(error, { code: 'ETIMEDOUT' }));
    });
    socket.on('error', reject);
  });
}

type ConnectError = NodeJS.ErrnoException & {
  /** If the host name has several addresses, one error for each address. */
  readonly errors?: readonly NodeJS.ErrnoException[];
  readonly hostname?: string;
  /** The node's certificate, if it is for another host. */
  readonly cert?: PeerCertificate;
};

interface Described {
  readonly failure: ConnectFailure;
  readonly text: string;
}

/** @see https://nodejs.org/api/errors.html#common-system-errors, https://nodejs.org/api/tls.html#x509-certificate-error-codes */
function describeFailure(error: ConnectError): Described {
  if (error instanceof ProxyFailed) return { failure: 'proxy', text: error.message };
  if (error instanceof Untrusted) return { failure: 'fingerprint', text: error.message };
  const code = error.code ?? error.errors?.[0]?.code ?? '';
  const away = (text: string): Described => ({ failure: 'away', text: `${text} (${code})` });
  switch (code) {
    case 'ECONNREFUSED':
      return away('nothing listens there');
    case 'ENOTFOUND':
      return { failure: 'name', text: `the host ${error.hostname ?? 'name'} does not exist (${code})` };
    case 'EAI_AGAIN':
      return { failure: 'name', text: `the host name can't be looked up, as DNS does not answer (${code})` };
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
      return away(`no connection within ${CONNECT_TIMEOUT_MS / 1_000} s`);
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return away('the network is unreachable');
    case 'ECONNRESET':
    case 'EPIPE':
      return away('the connection was closed as soon as it was opened');
    default:
      return describeTlsFailure(error, code) ?? { failure: 'away', text: plainText(error) };
  }
}

function describeTlsFailure(error: ConnectError, code: string): Described | undefined {
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_'))
    return { failure: 'scheme', text: `it does not speak https (${code})` };
  if (code === 'CERT_HAS_EXPIRED')
    return { failure: 'expired', text: `its certificate has expired (${code})` };
  if (code === 'CERT_NOT_YET_VALID')
    return { failure: 'notYetValid', text: `its certificate is not valid yet (${code})` };
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return { failure: 'otherHost', text: `its certificate is for ${namesIn(error.cert)} (${code})` };
  if (/CERT|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/.test(code))
    return {
      failure: 'untrusted',
      text: `its certificate is signed by an authority that is not trusted here (${code})`,
    };
  return undefined;
}

function namesIn(cert: PeerCertificate | undefined): string {
  const names = cert?.subjectaltname?.replaceAll(/\b(DNS|IP Address):/g, '');
  return names ? `${names}, not for this host` : 'another host';
}

function plainText({ errors, message, code, name }: ConnectError): string {
  if (errors?.length) return [...new Set(errors.map(messageOf))].join(', ');
  return messageOf(new Error(message || code || name));
}
