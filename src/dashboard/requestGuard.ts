// Decides whether a request may be answered at all: it must come from the page of this server, and not from
// another site that the user has open. This happens before anything else; the token is checked afterwards.
// Pure.
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

/** `page`: the files of the page. `read`: data. `act`: steers, or reads documents. */
export type Access = 'page' | 'read' | 'act';

export interface Rules {
  /**
   * Whether only this machine can connect. Other sites in the user's browser may then try to reach the server
   * under a name of their own.
   */
  readonly isLoopback: boolean;
  /** The value of `--host`. */
  readonly host: string;
}

export interface Refusal {
  readonly status: 400 | 403 | 405 | 415;
  readonly message: string;
}

/**
 * A header of the page's requests. A browser adds it to a request of another site only after asking this
 * server, which never allows it.
 */
export const OWN_HEADER = 'x-twindex-dashboard';

export function refusalOf(
  access: Access,
  { method = '', headers }: { readonly method?: string | undefined; readonly headers: IncomingHttpHeaders },
  rules: Rules,
): Refusal | undefined {
  const host = hostOf(headers.host);
  if (host === undefined) return { status: 400, message: 'the header Host is missing or wrong' };
  if (rules.isLoopback && !isOwnName(host.name, rules))
    return {
      status: 403,
      message: `this dashboard serves only this machine, and does not accept the host name ${host.name}: use http://localhost, or another --host`,
    };
  const allowed = access === 'act' ? ['POST'] : ['GET', 'HEAD'];
  if (!allowed.includes(method))
    return { status: 405, message: `the method ${method} is not possible for this path` };
  return access === 'page' ? undefined : (whyOtherSite(access, headers, host) ?? whyNotJson(access, headers));
}

function whyOtherSite(access: Access, headers: IncomingHttpHeaders, host: Host): Refusal | undefined {
  const refusal: Refusal = { status: 403, message: 'this request comes from another site' };
  const site = headers['sec-fetch-site'];
  // `none`: a person has typed the address. Such a request may only read
  const isOwnSite = site === undefined || site === 'same-origin' || (site === 'none' && access === 'read');
  if (!isOwnSite) return refusal;
  const { origin } = headers;
  return origin === undefined || originHost(origin) === host.whole ? undefined : refusal;
}

function whyNotJson(access: Access, headers: IncomingHttpHeaders): Refusal | undefined {
  if (access !== 'act') return undefined;
  if (headers[OWN_HEADER] !== '1') return { status: 403, message: `the header ${OWN_HEADER}: 1 is missing` };
  if (/^application\/json *(;|$)/i.test(headers['content-type'] ?? '')) return undefined;
  return { status: 415, message: 'the content type must be application/json' };
}

interface Host {
  /** The host name, without the port. */
  readonly name: string;
  readonly whole: string;
}

const HOST = /^(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?$/i;

function hostOf(header: string | undefined): Host | undefined {
  const [whole, name] = HOST.exec(header ?? '') ?? [];
  return whole === undefined || name === undefined
    ? undefined
    : { whole: whole.toLowerCase(), name: name.toLowerCase() };
}

/** @returns undefined for `null`, the origin of a sandboxed frame or a file */
function originHost(origin: string): string | undefined {
  const [, host] = /^https?:\/\/([^/?#@]+)$/i.exec(origin) ?? [];
  return host?.toLowerCase();
}

/** Compares only the name, since the port differs if the request comes through an SSH tunnel. */
function isOwnName(name: string, { host }: Rules): boolean {
  const bare = name.replace(/^\[|\]$/g, '');
  return bare === 'localhost' || bare === host.toLowerCase() || isLoopback(bare);
}

/** Whether an address can be reached from this machine only. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}
