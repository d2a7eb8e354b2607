// The zod schema of a configuration file. Each error message continues a line "expected ...".
import { z } from 'zod';
import type { ClusterOptions } from '../cluster/clusterOptions.js';
import { isProxyAddress } from '../cluster/proxy.js';
import { closedObject } from './closedObject.js';
import { hooksSchema, notifySchema } from './hookSchema.js';

const text = (expected: string) => z.string({ error: expected }).min(1, { error: expected });

const NODE = 'an address such as http://localhost:9200';
const node = z.string({ error: NODE }).refine(isAddress, { error: NODE });

export function isAddress(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname, search, hash } = new URL(value);
  return (protocol === 'http:' || protocol === 'https:') && hostname !== '' && search === '' && hash === '';
}

/** The allowed combinations of keys in `auth`. */
const WAYS = [
  ['username', 'password'],
  ['username', 'passwordFile'],
  ['username', 'passwordCommand'],
  ['apiKey'],
  ['apiKeyFile'],
  ['apiKeyCommand'],
  ['bearer'],
  ['bearerFile'],
  ['bearerCommand'],
  ['aws'],
] as const;

const AUTH =
  'one of { username, password }, { apiKey }, { bearer } and { aws }, where password, apiKey ' +
  'and bearer may also end in File or Command';
const AWS = 'an object with region, and optionally profile and service';
const aws = closedObject(
  {
    region: text('a region such as eu-central-1'),
    service: z.enum(['es', 'aoss'], { error: 'es or aoss' }).optional(),
    profile: text('the name of a profile').optional(),
  },
  AWS,
);
const file = text('the path of a file');
const command = text('a command');
const auth = closedObject(
  {
    username: text('a user name').optional(),
    password: text('a password').optional(),
    passwordFile: file.optional(),
    passwordCommand: command.optional(),
    apiKey: text('an API key').optional(),
    apiKeyFile: file.optional(),
    apiKeyCommand: command.optional(),
    bearer: text('a bearer token').optional(),
    bearerFile: file.optional(),
    bearerCommand: command.optional(),
    aws: aws.optional(),
  },
  AUTH,
)
  // this is for schemas/config.schema.json: a refinement, as below, does not appear in it
  .meta({ oneOf: WAYS.map((required) => ({ required })) })
  .refine((given) => WAYS.some((way) => way.join() === keysOf(given)), { error: AUTH })
  .transform((given) => given as ClusterOptions['auth']);

function keysOf(given: Readonly<Record<string, unknown>>): string {
  const known = new Set(WAYS.flat());
  return [...known].filter((key) => given[key] !== undefined).join();
}

const TIMEOUT = 'a whole number of milliseconds, 1 or more';
const RETRIES = 'a whole number from 0 to 100';
const NODES = `a list with at least one address such as http://localhost:9200`;
const PATTERNS = 'a list with at least one pattern such as ./indexes/*.ts';

const FINGERPRINT = 'a SHA-256 fingerprint: 64 hexadecimal digits, with or without colons';
const PROXY = 'the address of a proxy such as http://proxy:3128, or false';
const CLOUD_ID = 'the cloud id of a deployment, as its page in Elastic Cloud shows it';

const clusterSchema = closedObject(
  {
    nodes: z.array(node, { error: NODES }).min(1, { error: NODES }).optional(),
    cloudId: z
      .string({ error: CLOUD_ID })
      .refine((id) => addressInCloud(id) !== undefined, { error: CLOUD_ID })
      .optional(),
    auth: auth.optional(),
    caFile: text('the path of a PEM file').optional(),
    caFingerprint: z
      .string({ error: FINGERPRINT })
      .regex(/^(?:[0-9a-f]{2}:?){31}[0-9a-f]{2}$/i, { error: FINGERPRINT })
      .optional(),
    certFile: text('the path of a PEM file').optional(),
    keyFile: text('the path of a PEM file').optional(),
    keyPassphrase: text('a passphrase').optional(),
    proxy: z
      .union([z.literal(false), z.string().refine(isProxyAddress, { error: PROXY })], { error: PROXY })
      .optional(),
    requestTimeoutMs: z.int({ error: TIMEOUT }).min(1, { error: TIMEOUT }).optional(),
    maxRetries: z.int({ error: RETRIES }).min(0, { error: RETRIES }).max(100, { error: RETRIES }).optional(),
  },
  'an object with nodes',
)
  .superRefine((given, context) => {
    for (const { path, message } of contradictionsIn(given))
      context.addIssue({ code: 'custom', path, message });
  })
  .transform(
    ({ cloudId, nodes = cloudId === undefined ? [] : [addressInCloud(cloudId) ?? ''], ...rest }) => ({
      ...rest,
      nodes,
    }),
  );

type GivenCluster = Readonly<Record<string, unknown>> & { readonly nodes?: readonly string[] | undefined };
interface Contradiction {
  readonly path: string[];
  readonly message: string;
}

/** Keys that do not fit together. Each message continues a line "expected ...". */
function contradictionsIn(given: GivenCluster): Contradiction[] {
  const has = (key: string): boolean => given[key] !== undefined;
  const found: Contradiction[] = [];
  const say = (key: string, message: string): void => void found.push({ path: [key], message });
  if (has('nodes') && has('cloudId')) say('cloudId', 'either nodes or cloudId, not both');
  if (!has('nodes') && !has('cloudId')) say('nodes', NODES);
  if (has('caFile') && has('caFingerprint')) say('caFingerprint', 'either caFile or caFingerprint, not both');
  if (has('certFile') !== has('keyFile'))
    say(
      has('certFile') ? 'keyFile' : 'certFile',
      'certFile and keyFile together, the path of a PEM file each',
    );
  if (has('keyPassphrase') && !has('keyFile')) say('keyFile', 'the key that keyPassphrase is for');
  const isPlain = given.nodes?.every((one) => one.startsWith('http:')) ?? false;
  for (const key of ['caFingerprint', 'certFile'])
    if (has(key) && isPlain) say('nodes', `an https:// address, since ${key} is for https`);
  return found;
}

/** The address in a cloud id: `NAME:BASE64`, where BASE64 is `DOMAIN[:PORT]$ID[:PORT]$...`. */
function addressInCloud(cloudId: string): string | undefined {
  const decoded = Buffer.from(cloudId.slice(cloudId.lastIndexOf(':') + 1), 'base64').toString();
  const [, domain, port = '443', id, ownPort = port] =
    /^([\w.-]+)(?::(\d+))?\$([\w-]+)(?::(\d+))?(?:\$.*)?$/.exec(decoded) ?? [];
  return domain === undefined ? undefined : `https://${id}.${domain}:${ownPort}`;
}

export const configSchema = closedObject(
  {
    cluster: clusterSchema,
    source: clusterSchema.optional(),
    indexes: z
      .array(text('a pattern such as ./indexes/*.ts'), { error: PATTERNS })
      .min(1, { error: PATTERNS }),
    hooks: hooksSchema.optional(),
    notify: notifySchema.optional(),
  },
  'an object with cluster and indexes',
);

export type ConfigContent = z.infer<typeof configSchema>;
