// Compiled, never run: what `withTwindex` gives has the type of the client that it was given.
import { Client as Elasticsearch9 } from '@elastic/elasticsearch';
import { Client as OpenSearch3 } from '@opensearch-project/opensearch';
import { Client as Elasticsearch8 } from 'elasticsearch-8';
import { Client as OpenSearch2 } from 'opensearch-2';
import { withTwindex } from 'twindex';
import { expectTypeOf } from 'vitest';

interface Product {
  readonly price: number;
}

export async function elasticsearch9(client: Elasticsearch9): Promise<number | undefined> {
  const wrapped = await withTwindex(client, { version: 2 });
  expectTypeOf(wrapped).toEqualTypeOf<Elasticsearch9>();
  const child: Elasticsearch9 = wrapped.child({ headers: {} });
  const { hits } = await child.search<Product>({ index: 'catalogue-read' });
  return hits.hits[0]?._source?.price;
}

export async function elasticsearch8(client: Elasticsearch8): Promise<number> {
  const wrapped = await withTwindex(client);
  expectTypeOf(wrapped).toEqualTypeOf<Elasticsearch8>();
  const { statusCode } = await wrapped.index<Product>(
    { index: 'catalogue-write', document: { price: 1 } },
    { meta: true },
  );
  return statusCode;
}

export async function openSearch3(client: OpenSearch3): Promise<string> {
  const wrapped = await withTwindex(client, { config: 'twindex.config.ts' });
  expectTypeOf(wrapped).toEqualTypeOf<OpenSearch3>();
  const { body } = await wrapped.delete({ index: 'catalogue-write', id: '1' });
  return body.result;
}

export async function openSearch2(client: OpenSearch2): Promise<number | null> {
  const wrapped = await withTwindex(client, { cluster: { nodes: ['http://localhost:9200'] } });
  expectTypeOf(wrapped).toEqualTypeOf<OpenSearch2>();
  const { statusCode } = await wrapped.index({ index: 'catalogue-write', body: { price: 1 } });
  return statusCode;
}

class Subclass extends Elasticsearch9 {
  readonly tenant = 'a';
}

/** A client of a class of its own stays one. */
export const ofSubclass = async (client: Subclass): Promise<string> => (await withTwindex(client)).tenant;

// @ts-expect-error neither of the official clients
export const refused = withTwindex({ search: () => undefined });
