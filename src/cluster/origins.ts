// Names the places that the options of a connection come from, so that an error can say what to correct.
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
        ? `The authority in ${caFile} has not signed it. Use the certificate of the authority that has signed it.`
        : `If it is your own authority, set ${caFile} to a PEM file with its certificate.`;
    case 'expired':
      return 'Renew the certificate of the node.';
    case 'notYetValid':
      return 'Check the clocks of this machine and of the node.';
    case 'fingerprint':
      return `Compare it with ${caFile.replace('caFile', 'caFingerprint')}. If the authority was renewed, put its fingerprint there.`;
    case 'proxy':
      return 'Check HTTPS_PROXY, or `proxy` in the configuration. NO_PROXY lists hosts that are reached without it.';
    case 'otherHost':
      return `In ${nodes}, use a host name that the certificate is for. Or give the node a certificate for its host name.`;
  }
}
