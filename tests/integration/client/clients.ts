// The official clients of the engine that this project runs against, with one way to call them.
import { Client as Elasticsearch9, errors as elastic9 } from '@elastic/elasticsearch';
import { Client as OpenSearch3, errors as opensearch3 } from '@opensearch-project/opensearch';
import { Client as Elasticsearch8, errors as elastic8 } from 'elasticsearch-8';
import { Client as OpenSearch2, errors as opensearch2 } from 'opensearch-2';
import { onTestFinished } from 'vitest';
import { type TwindexClientOptions, withTwindex } from '../../../src/writers/client/withTwindex.js';
import type { IndexInput } from '../../../src/schema/config.js';
import type { IndexDefinition } from '../../../src/schema/types.js';
import { engineName, engineUrls } from '../engine.js';

type AnyClient = Elasticsearch9 | Elasticsearch8 | OpenSearch3 | OpenSearch2;

export interface Result {
  // an engine's answer: read where its shape is known
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
  readonly statusCode: number | null;
  readonly headers: unknown;
  readonly warnings: unknown;
  readonly meta: { readonly attempts: number };
}

export interface Kind {
  readonly name: string;
  readonly open: (options?: object) => AnyClient;
  readonly errors: Readonly<
    Record<'RequestAbortedError' | 'TimeoutError', abstract new (...args: never[]) => Error>
  >;
}

const node = { node: engineUrls[0] as string };

/** Each of them, as it is opened. */
export const KINDS: readonly Kind[] =
  engineName === 'elasticsearch'
    ? [
        {
          name: '@elastic/elasticsearch 9',
          open: (options) => new Elasticsearch9({ ...node, ...options }),
          errors: elastic9,
        },
        {
          name: '@elastic/elasticsearch 8',
          open: (options) => new Elasticsearch8({ ...node, ...options }),
          errors: elastic8,
        },
      ]
    : [
        {
          name: '@opensearch-project/opensearch 3',
          open: (options) => new OpenSearch3({ ...node, ...options }),
          errors: opensearch3,
        },
        {
          name: '@opensearch-project/opensearch 2',
          open: (options) => new OpenSearch2({ ...node, ...options }),
          errors: opensearch2,
        },
      ];

/** An API by its name (`index`, `indices.refresh`), with Elasticsearch's names for bodies, and with `meta`. */
export async function call(
  client: AnyClient,
  api: string,
  params: Readonly<Record<string, unknown>>,
  options: object = {},
): Promise<Result> {
  const [first = '', second] = api.split('.');
  const owner = (
    second === undefined ? client : (client as unknown as Record<string, object>)[first]
  ) as Record<string, (...args: unknown[]) => Promise<Result>>;
  const run = owner[second ?? first]?.bind(owner);
  if (!run) throw new Error(`there is no ${api}`);
  if (engineName === 'elasticsearch') return await run(params, { meta: true, ...options });
  const { document, operations, doc, query, ...rest } = params;
  const body = document ?? operations ?? (doc && { doc }) ?? (query && { query });
  return await run(body === undefined ? rest : { ...rest, body }, options);
}

/** An `index` that can be given up: OpenSearch's promises have an `abort`, Elasticsearch takes a signal. */
export function abortable(
  client: AnyClient,
  params: Readonly<Record<string, unknown>>,
): { readonly called: Promise<unknown>; readonly abort: () => void } {
  const run = (client as unknown as { index: (...args: unknown[]) => Promise<unknown> }).index.bind(client);
  if (engineName === 'elasticsearch') {
    const giveUp = new AbortController();
    return { called: run(params, { signal: giveUp.signal }), abort: () => giveUp.abort() };
  }
  const { document, ...rest } = params;
  const called = run({ ...rest, body: document }) as Promise<unknown> & { abort(): void };
  return { called, abort: () => called.abort() };
}

/** Closed when the test ends. */
export function openClient(kind: Kind, options?: object): AnyClient {
  const client = kind.open(options);
  onTestFinished(() => client.close());
  return client;
}

/** Closed when the test ends. */
export async function openTwindex(
  kind: Kind,
  definition: IndexDefinition,
  { client = {}, ...options }: TwindexClientOptions & { readonly client?: object } = {},
): Promise<AnyClient> {
  const { name, version, aliases, migrations } = definition;
  const input: IndexInput = { name, version, aliases, migrations };
  const opened = await withTwindex<AnyClient>(kind.open(client), { indexes: [input], ...options });
  onTestFinished(() => opened.close());
  return opened;
}
