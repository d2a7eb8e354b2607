// Reasons for a failed connection that no error of Node stands for.

/** The proxy could not be used, so nothing reached the node. */
export class ProxyFailed extends Error {}

/** The node has no certificate that is signed by the authority with the given fingerprint. */
export class Untrusted extends Error {}
