// Where the options of a connection come from, so that an error names what a user has to correct.
import type { Origins } from './clusterOptions.js';
import type { ConnectFailure } from './connectFailure.js';

/** The origins of options that a program passes in code. */
export const originsIn = (section: 'cluster' | 'source'): Origins => ({
  nodes: `${section}.nodes`,
  auth: `${section}.auth`,
  caFile: `${section}.caFile`,
});

/** What to do when no connection could be opened. */
export function connectHint(failure: ConnectFailure, origins: Origins, hasCa: boolean): string {
  const { nodes, caFile } = origins;
  switch (failure) {
    case 'away':
      return `Check that the cluster runs, and that host and port are right in ${nodes}.`;
    case 'name':
      return `Check the host name in ${nodes}, and the DNS of this machine.`;
    case 'scheme':
      return `If it speaks http, write http:// in ${nodes}. If not, check host and port.`;
    case 'untrusted':
      return hasCa
        ? `The authority in ${caFile} has not signed it. Put the certificate of the one that has there.`
        : `If it is your own authority, give its certificate, a PEM file, in ${caFile}.`;
    case 'expired':
      return 'Renew the certificate of the node.';
    case 'notYetValid':
      return 'Check the clocks of this machine and of the node.';
    case 'fingerprint':
      return `Compare it with ${caFile.replace('caFile', 'caFingerprint')}. If the authority was renewed, put its fingerprint there.`;
    case 'proxy':
      return 'Check HTTPS_PROXY, or `proxy` in the configuration. NO_PROXY lists hosts that are reached without it.';
    case 'otherHost':
      return `Use a name of the certificate in ${nodes}, or give the node a certificate for this name.`;
  }
}
