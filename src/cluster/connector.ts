// Opens connections to nodes, and builds the error messages for failed attempts.
import { buildConnector } from 'undici';
import { messageOf } from '../errors.js';

const CONNECT_TIMEOUT_MS = 5_000;

/** The connection was not established, so nothing was sent. */
export class NotSent extends Error {}

/**
 * Marks errors during connecting as NotSent. Their codes and messages do not tell: a connection that breaks
 * after a request was sent may give the same codes and messages.
 */
export function connector(ca: string | undefined): buildConnector.connector {
  const connect = buildConnector({ timeout: CONNECT_TIMEOUT_MS, ...(ca ? { ca } : {}) });
  return (options, callback) =>
    connect(options, (...[error, socket]) => {
      if (error) callback(new NotSent(connectFailure(error), { cause: error }), null);
      else callback(null, socket);
    });
}

function connectFailure(error: Error): string {
  const { code, errors } = error as NodeJS.ErrnoException & { errors?: readonly Error[] };
  // for a host name with several addresses, Node gives one error for each address, and no message of its own
  if (errors?.length) return [...new Set(errors.map(messageOf))].join(', ');
  const text = messageOf(error) || code || error.name;
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'EPROTO')
    return `${text}. Does it speak http, not https?`;
  if (isCertificateError(code)) {
    return `its certificate is not trusted: ${text}. Give the authority that signed it in cluster.caFile`;
  }
  return text;
}

/** https://nodejs.org/api/tls.html#x509-certificate-error-codes */
function isCertificateError(code: string | undefined): boolean {
  return code !== undefined && /CERT|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/.test(code);
}
