// Why a connection failed.

/**
 * Why there is no connection. `away`: nothing answers at this address. `name`: the host name has no address.
 * `scheme`: what listens there does not speak TLS. The others are about the certificate of the node.
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

/** The node has no certificate that is signed by the authority with the given fingerprint. */
export class Untrusted extends Error {}
