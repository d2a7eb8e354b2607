// The settings of TLS connections to the nodes of a cluster: the authorities that twindex trusts, and the certificate
// that twindex shows to the nodes.
import { statSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect as connectTls, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import type { ClusterOptions } from './clusterOptions.js';
import { Untrusted } from './connectFailure.js';
import { readPem } from './nodeAddress.js';
import { originsIn } from './origins.js';

export interface TlsSettings {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
}

/** The files are checked for changes at most once in this time. */
const LOOK_EVERY_MS = 1_000;
const PROBE_MS = 5_000;

export class NodeTls {
  readonly #options: ClusterOptions;
  readonly #files: readonly string[];
  readonly #authorities = new Map<string, Promise<string>>();
  #settings: TlsSettings;
  #version: string;
  #lookedAt = performance.now();

  /**
   * @param showsCertificate false for requests of a gateway's clients, since the engine may treat a request
   * with this certificate as twindex's own.
   * @throws TwindexError `config_invalid`
   */
  constructor(options: ClusterOptions, { showsCertificate }: { readonly showsCertificate: boolean }) {
    const { caFile, certFile, keyFile, keyPassphrase } = options;
    this.#options = showsCertificate
      ? { nodes: options.nodes, caFile, certFile, keyFile, keyPassphrase, ...pick(options) }
      : { nodes: options.nodes, caFile, ...pick(options) };
    this.#files = [this.#options.caFile, this.#options.certFile, this.#options.keyFile].filter(
      (file) => file !== undefined,
    );
    this.#version = versionOf(this.#files);
    this.#settings = read(this.#options);
  }

  /**
   * The settings for a new connection.
   * @param open opens a TCP connection to the node, over which a TLS handshake then reads the node's certificates
   * @throws Untrusted if no authority with the fingerprint has signed the node's certificate
   */
  async settingsFor(servername: string, address: string, open: () => Promise<Socket>): Promise<TlsSettings> {
    this.#look();
    const { caFingerprint } = this.#options;
    if (caFingerprint === undefined) return this.#settings;
    const known = this.#authorities.get(address) ?? authorityOf(servername, caFingerprint, open);
    this.#authorities.set(address, known);
    known.catch(() => this.#authorities.delete(address));
    return { ...this.#settings, ca: await known };
  }

  #look(): void {
    const now = performance.now();
    if (this.#files.length === 0 || now - this.#lookedAt < LOOK_EVERY_MS) return;
    this.#lookedAt = now;
    const version = versionOf(this.#files);
    if (version === this.#version) return;
    try {
      this.#settings = read(this.#options);
      this.#version = version;
    } catch {
      // the file is probably being written; until it can be read, the old content is used
    }
  }
}

const pick = ({ caFingerprint, origins }: ClusterOptions): Partial<ClusterOptions> => ({
  caFingerprint,
  origins,
});

function versionOf(files: readonly string[]): string {
  return files
    .map((file) => {
      const found = statSync(file, { throwIfNoEntry: false });
      return found ? `${found.mtimeMs} ${found.size} ${found.ino}` : '';
    })
    .join();
}

function read({
  caFile,
  certFile,
  keyFile,
  keyPassphrase,
  origins = originsIn('cluster'),
}: ClusterOptions): TlsSettings {
  const beside = (key: string): string => origins.caFile.replace('caFile', key);
  return {
    ...(caFile === undefined ? {} : { ca: readPem(caFile, 'certificate', origins.caFile) }),
    ...(certFile === undefined ? {} : { cert: readPem(certFile, 'certificate', beside('certFile')) }),
    ...(keyFile === undefined ? {} : { key: readPem(keyFile, 'private key', beside('keyFile')) }),
    ...(keyPassphrase === undefined ? {} : { passphrase: keyPassphrase }),
  };
}

/**
 * Finds the authority with the fingerprint among the certificates that the node shows. It is then trusted
 * like one of `caFile`: a second connection checks the node's certificate, with signatures, dates and names.
 */
async function authorityOf(
  servername: string,
  fingerprint: string,
  open: () => Promise<Socket>,
): Promise<string> {
  const socket = await open();
  const certificates = await certificatesOf(servername, socket);
  const wanted = fingerprint.replaceAll(/[^0-9a-f]/gi, '').toLowerCase();
  const found = certificates.find(
    (one) => one.fingerprint256.replaceAll(':', '').toLowerCase() === wanted && one.raw,
  );
  if (found) return pemOf(found.raw);
  const last = certificates.at(-1);
  throw new Untrusted(
    last === undefined
      ? 'it shows no certificates'
      : `none of its ${certificates.length} certificates has the configured fingerprint. The last one, of "${String(last.subject.CN ?? last.subject.O)}", has ${last.fingerprint256}`,
  );
}

function certificatesOf(servername: string, socket: Socket): Promise<DetailedPeerCertificate[]> {
  return new Promise((resolve, reject) => {
    // it is safe to accept any certificate here, since nothing is sent on this connection
    const secure: TLSSocket = connectTls({ socket, servername, rejectUnauthorized: false }, () => {
      const certificates: DetailedPeerCertificate[] = [];
      let next: DetailedPeerCertificate | undefined = secure.getPeerCertificate(true);
      while (next && Object.keys(next).length > 0 && !certificates.includes(next)) {
        certificates.push(next);
        next = next.issuerCertificate;
      }
      secure.destroy();
      resolve(certificates);
    });
    secure.setTimeout(PROBE_MS, () => secure.destroy(new Error(`no TLS within ${PROBE_MS / 1_000} s`)));
    secure.on('error', reject);
  });
}

const pemOf = (raw: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${raw.toString('base64').replaceAll(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`;
