// Chooses the HTTP proxy for a node, and opens connections through it (CONNECT).
import { request as requestPlain } from 'node:http';
import type { Socket } from 'node:net';
import { messageOf, redact, TwindexError } from '../errors.js';
import type { ClusterOptions } from './clusterOptions.js';
import { ProxyFailed } from './connectFailure.js';
import { decodeUserInfo } from './nodeAddress.js';

type Environment = Readonly<Record<string, string | undefined>>;

const CONNECT_MS = 5_000;

/**
 * The proxy for a node. The option `proxy` applies to every node. Without it, HTTPS_PROXY applies to nodes with https,
 * except those that NO_PROXY names and those on this machine.
 * @throws TwindexError `config_invalid`
 */
export function proxyFor(
  node: URL,
  { proxy }: Pick<ClusterOptions, 'proxy'>,
  env: Environment = process.env,
): URL | undefined {
  if (proxy === false) return undefined;
  if (proxy !== undefined) return parseProxy(proxy, 'cluster.proxy');
  const found = env['https_proxy'] || env['HTTPS_PROXY'];
  if (!found || node.protocol !== 'https:' || isLocal(node.hostname)) return undefined;
  return isExcepted(node, env['no_proxy'] || env['NO_PROXY'] || '')
    ? undefined
    : parseProxy(found, 'HTTPS_PROXY');
}

export function isProxyAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).hostname !== '';
}

function parseProxy(text: string, origin: string): URL {
  const given = text.includes('://') ? text : `http://${text}`;
  if (isProxyAddress(given)) return new URL(given);
  throw new TwindexError(
    'config_invalid',
    `${origin}: "${redact(text).replace(/^.*@/s, '…@')}" is not the address of a proxy. Write http://host:port.`,
  );
}

const isLocal = (host: string): boolean => /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|\[::1\])$/.test(host);

/** Entries are hosts, with or without a port. `example.com`, `.example.com` and `*.example.com` include subdomains. */
function isExcepted({ hostname, port }: URL, list: string): boolean {
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      const [, name = '', only] = /^(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
      if (only !== undefined && only !== (port || '443')) return false;
      const domain = name.replace(/^\*?\./, '');
      return name === '*' || hostname === domain || hostname.endsWith(`.${domain}`);
    });
}

/** Opens a connection to the node through the proxy. @throws ProxyFailed */
export async function openTunnel(proxy: URL, node: URL, signal?: AbortSignal): Promise<Socket> {
  const target = `${node.hostname}:${node.port || (node.protocol === 'https:' ? 443 : 80)}`;
  const shown = proxy.origin;
  const request = proxy.protocol === 'https:' ? (await import('node:https')).request : requestPlain;
  const headers = { host: target, ...authorizationOf(proxy) };
  return await new Promise((resolve, reject) => {
    const asked = request({
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
      method: 'CONNECT',
      path: target,
      headers,
      agent: false,
      timeout: CONNECT_MS,
      ...(signal ? { signal } : {}),
    });
    asked
      .on('connect', ({ statusCode = 0 }, socket: Socket) => {
        if (statusCode === 200) return resolve(socket);
        socket.destroy();
        reject(new ProxyFailed(refusalText(shown, statusCode, proxy.username !== '')));
      })
      // some proxies answer CONNECT with an ordinary response
      .on('response', ({ statusCode = 0 }) => {
        asked.destroy();
        reject(new ProxyFailed(refusalText(shown, statusCode, proxy.username !== '')));
      })
      .on('timeout', () => asked.destroy(new Error(`no answer within ${CONNECT_MS / 1_000} s`)))
      .on('error', (error) =>
        reject(new ProxyFailed(`the proxy ${shown} can't be used: ${messageOf(error)}`)),
      )
      .end();
  });
}

function authorizationOf({ username, password }: URL): Record<string, string> {
  if (username === '') return {};
  const user = `${decodeUserInfo(username)}:${decodeUserInfo(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(user).toString('base64')}` };
}

function refusalText(proxy: string, status: number, hasUser: boolean): string {
  if (status !== 407) return `the proxy ${proxy} does not connect to this node (${status})`;
  return hasUser
    ? `the proxy ${proxy} does not accept this user and password (407)`
    : `the proxy ${proxy} asks for user and password (407)`;
}
