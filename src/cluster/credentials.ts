// Makes the headers that authenticate twindex's requests, and reads their secrets again when they change.
import type { AwsSigner, Signable } from './awsSigner.js';
import type { ClusterOptions } from './clusterOptions.js';
import { type Auth, authorization, parseNodes } from './nodeAddress.js';
import { originsIn } from './origins.js';
import { readSecret, type SecretSource, secretSourceOf, versionOf, withSecret } from './secretSource.js';

type Headers = Readonly<Record<string, string>>;

/** A file is checked for changes at most once in this time. */
const LOOK_EVERY_MS = 1_000;
/** After a renewal, the next renewal is possible only after this time. */
const RENEW_EVERY_MS = 1_000;

export class Credentials {
  #options: ClusterOptions;
  #headers: Promise<Headers> | undefined;
  /** The version of the file that the headers were read from. */
  #version: string | undefined;
  #lookedAt = 0;
  #renewedAt = -RENEW_EVERY_MS;
  #renewing: Promise<void> | undefined;
  #signer: Promise<AwsSigner> | undefined;

  constructor(options: ClusterOptions) {
    this.#options = options;
  }

  /** @throws TwindexError `config_invalid` if a secret cannot be read and none was read before; those of `AwsSigner` */
  async headersFor(request: Signable): Promise<Headers> {
    const auth = authOf(this.#options);
    if (!auth) return {};
    if ('aws' in auth) {
      this.#signer ??= import('./awsSigner.js').then(({ AwsSigner }) => AwsSigner.open(auth.aws));
      return (await this.#signer).sign(request);
    }
    const source = secretSourceOf(auth);
    if (source && this.#headers) await this.#look(auth, source);
    // oxlint-disable-next-line twindex/atomic-updates -- only a missing value is set, and nothing is awaited in between
    this.#headers ??= this.#read(auth, source).catch((error: unknown) => {
      this.#headers = undefined; // the next request tries again
      throw error;
    });
    return await this.#headers;
  }

  /**
   * Call this after a 401. Reads everything again: the configuration, and the secret from its file or
   * command.
   * @returns whether the credentials are now other than those in `sent`
   */
  async renew(sent?: Headers): Promise<boolean> {
    if (performance.now() - this.#renewedAt >= RENEW_EVERY_MS)
      this.#renewing ??= this.#renew().finally(() => {
        this.#renewedAt = performance.now();
        this.#renewing = undefined;
      });
    await this.#renewing;
    const now = await this.#headers?.catch(() => undefined);
    return now !== undefined && now['authorization'] !== sent?.['authorization'];
  }

  async #renew(): Promise<void> {
    // oxlint-disable-next-line twindex/atomic-updates -- one renewal runs at a time
    this.#options = await withNewCredentials(this.#options);
    const auth = authOf(this.#options);
    if (!auth || 'aws' in auth) return;
    await this.#replace(auth, secretSourceOf(auth));
  }

  async #look(auth: Exclude<Auth, { aws: unknown }>, source: SecretSource): Promise<void> {
    const now = performance.now();
    if (source.type === 'command' || now - this.#lookedAt < LOOK_EVERY_MS) return;
    this.#lookedAt = now;
    const version = await versionOf(source);
    if (version !== undefined && version !== this.#version) await this.#replace(auth, source);
  }

  /**
   * Replaces the secret. If it cannot be read, perhaps because it is just being written, the old one stays in
   * use.
   */
  async #replace(auth: Exclude<Auth, { aws: unknown }>, source: SecretSource | undefined): Promise<void> {
    const reading = this.#read(auth, source);
    const isRead = await reading.then(
      () => true,
      () => false,
    );
    if (isRead) this.#headers = reading;
  }

  async #read(auth: Exclude<Auth, { aws: unknown }>, source: SecretSource | undefined): Promise<Headers> {
    const plain = source ? withSecret(auth, source, await this.#secretIn(source)) : auth;
    return { authorization: authorization(plain as Parameters<typeof authorization>[0]) };
  }

  async #secretIn(source: SecretSource): Promise<string> {
    // read the version first: if the file changes in between, it is read once more
    const version = await versionOf(source);
    const { auth } = this.#options.origins ?? originsIn('cluster');
    const secret = await readSecret(source, auth);
    // oxlint-disable-next-line twindex/atomic-updates -- the last read wins
    this.#version = version;
    return secret;
  }
}

const authOf = ({ auth, nodes }: ClusterOptions): Auth | undefined =>
  auth ?? parseNodes(nodes).find((node) => node.auth)?.auth;

/**
 * Returns the options with the nodes and credentials that the configuration has now. If it cannot be read,
 * perhaps because it is just being written, returns the options unchanged.
 */
export async function withNewCredentials(options: ClusterOptions): Promise<ClusterOptions> {
  const now = await options.readAgain?.().catch(() => undefined);
  return now && now.nodes.length > 0 ? { ...options, nodes: now.nodes, auth: now.auth } : options;
}
