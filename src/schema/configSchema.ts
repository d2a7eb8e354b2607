// The zod schema of a configuration file. Each error message continues a line "expected ...".
import { z } from 'zod';
import type { ClusterOptions } from '../cluster/clusterOptions.js';
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

const AUTH = 'one of { username, password }, { apiKey } and { bearer }';
const auth = closedObject(
  {
    username: text('a user name').optional(),
    password: text('a password').optional(),
    apiKey: text('an API key').optional(),
    bearer: text('a bearer token').optional(),
  },
  AUTH,
)
  // for schemas/config.schema.json, which would not show the refinement below
  .meta({
    oneOf: [{ required: ['username', 'password'] }, { required: ['apiKey'] }, { required: ['bearer'] }],
  })
  .refine(
    (given) => [keysOf(given)].some((keys) => ['username password', 'apiKey', 'bearer'].includes(keys)),
    {
      error: AUTH,
    },
  )
  .transform((given) => given as ClusterOptions['auth']);

function keysOf(given: Readonly<Record<string, unknown>>): string {
  return ['username', 'password', 'apiKey', 'bearer'].filter((key) => given[key] !== undefined).join(' ');
}

const TIMEOUT = 'a whole number of milliseconds, 1 or more';
const RETRIES = 'a whole number from 0 to 100';
const NODES = `a list with at least one address such as http://localhost:9200`;
const PATTERNS = 'a list with at least one pattern such as ./indexes/*.ts';

const clusterSchema = closedObject(
  {
    nodes: z.array(node, { error: NODES }).min(1, { error: NODES }),
    auth: auth.optional(),
    caFile: text('the path of a PEM file').optional(),
    requestTimeoutMs: z.int({ error: TIMEOUT }).min(1, { error: TIMEOUT }).optional(),
    maxRetries: z.int({ error: RETRIES }).min(0, { error: RETRIES }).max(100, { error: RETRIES }).optional(),
  },
  'an object with nodes',
);

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
