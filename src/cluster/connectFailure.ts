// The reasons why a connection cannot be opened.

/**
 * `away`: nothing answers at this address. `name`: the host name has no address. `scheme`: the server at this
 * address does not speak TLS. `proxy`: see `ProxyFailed`. The other values are about the node's certificate.
 */
export type ConnectFailure =
  | 'away'
  | 'name'
  | 'scheme'
  | 'untrusted'
  | 'expired'
  | 'notYetValid'
  | 'otherHost'
  | 'fingerprint'
  | 'proxy';

/** The proxy could not be used, so nothing reached the node. */
export class ProxyFailed extends Error {}

/** No certificate of the node is signed by the authority with the configured fingerprint. */
export class Untrusted extends Error {}
