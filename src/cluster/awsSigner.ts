// Signs requests with AWS Signature Version 4, for Amazon OpenSearch Service. The AWS packages are large, and few
// users need them. So they are not dependencies of twindex: a user who needs them installs them.
import { createHash, createHmac } from 'node:crypto';
import type { SignatureV4 } from '@smithy/signature-v4';
import { TwindexError } from '../errors.js';
import type { AwsAuth } from './nodeAddress.js';

/** The parts of a request that the signature covers. */
export interface Signable {
  readonly method: string;
  readonly origin: string;
  /** Path and query, as they are sent. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | null;
}

const INSTALL = 'npm install @smithy/signature-v4 @aws-sdk/credential-provider-node';

type HttpRequest = Parameters<SignatureV4['presign']>[0];

interface Signer {
  sign(request: HttpRequest): Promise<{ readonly headers: Record<string, string> }>;
}

export class AwsSigner {
  readonly #signer: Signer;

  constructor(signer: Signer) {
    this.#signer = signer;
  }

  /** @throws TwindexError `config_invalid` if the packages are not installed */
  static async open({ region, service = 'es', profile }: AwsAuth): Promise<AwsSigner> {
    const { SignatureV4: Signature } = await loaded(() => import('@smithy/signature-v4'));
    const { defaultProvider } = await loaded(() => import('@aws-sdk/credential-provider-node'));
    // the provider keeps credentials, and gets new ones before they expire
    const credentials = defaultProvider({
      clientConfig: { region },
      ...(profile === undefined ? {} : { profile }),
    });
    return new AwsSigner(new Signature({ service, region, credentials, sha256: NodeSha256 }));
  }

  /** @throws TwindexError `unauthorized` if there are no AWS credentials */
  async sign({ method, origin, path, headers, body }: Signable): Promise<Record<string, string>> {
    const { protocol, hostname, port, host } = new URL(origin);
    const [pathname = '', search = ''] = path.split('?', 2);
    try {
      const signed = await this.#signer.sign({
        method,
        protocol,
        hostname,
        ...(port === '' ? {} : { port: Number(port) }),
        path: pathname,
        query: queryOf(search),
        headers: { ...headers, host },
        body: body ?? undefined,
      });
      return signed.headers;
    } catch (error) {
      throw new TwindexError(
        'unauthorized',
        'the request could not be signed: there are no valid AWS credentials',
        {
          cause: error,
          hint: 'They are looked for in the environment (AWS_ACCESS_KEY_ID, AWS_PROFILE, …), in ~/.aws, and in the container or host.',
        },
      );
    }
  }
}

async function loaded<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    throw new TwindexError(
      'config_invalid',
      'cluster.auth.aws needs packages of AWS that are not installed',
      {
        cause: error,
        hint: `Install them: ${INSTALL}`,
      },
    );
  }
}

function queryOf(search: string): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = {};
  for (const key of new Set(new URLSearchParams(search).keys())) {
    const values = new URLSearchParams(search).getAll(key);
    query[key] = values.length === 1 ? (values[0] as string) : values;
  }
  return query;
}

/** SHA-256, or HMAC-SHA-256 if there is a secret, in the interface that the signer needs. */
export class NodeSha256 {
  readonly #hash: { update(data: Uint8Array): unknown; digest(): Buffer };

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }

  /** The signer creates a new object for each hash, so this is never called. */
  reset(): void {
    throw new Error('a hash can be used only once');
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data);
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
