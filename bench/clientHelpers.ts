// The process that measures the scroll and bulk helpers of an official client. The client of OpenSearch is a fork of
// the client of Elasticsearch, so both have these helpers.
import { jobOfThisProcess, reportOn } from './job.js';

interface Hit {
  readonly _id: string;
  readonly _source: object;
}

type Pages = AsyncIterable<{ readonly body: { readonly hits: { readonly hits: readonly Hit[] } } }>;

interface Written {
  readonly successful: number;
  readonly failed: number;
}

const PAGE = 5_000;
/**
 * The key under which the scroll helper hands a document's id to the bulk helper. A symbol is not sent as
 * JSON.
 */
const ID = Symbol('id');

const job = jobOfThisProcess();
const copy = job.kind === 'elasticsearch-helpers' ? await withElasticsearch() : await withOpenSearch();
await reportOn(async () => {
  const { successful, failed } = await copy();
  if (successful !== job.documents || failed > 0)
    throw new Error(`${successful} documents were written, ${failed} were not`);
});

async function withOpenSearch(): Promise<() => Promise<Written>> {
  const { Client } = await import('@opensearch-project/opensearch');
  const client = new Client({ node: job.url });
  const pages = client.helpers.scrollSearch({ index: job.source, size: PAGE, body: { sort: ['_doc'] } });
  return () =>
    client.helpers.bulk({
      datasource: documents(pages as Pages),
      onDocument: (doc) => ({ index: { _index: job.target, _id: doc[ID] } }),
    });
}

async function withElasticsearch(): Promise<() => Promise<Written>> {
  const { Client } = await import('@elastic/elasticsearch');
  const client = new Client({ node: job.url });
  const pages = client.helpers.scrollSearch({ index: job.source, size: PAGE, sort: ['_doc'] });
  return () =>
    client.helpers.bulk({
      datasource: documents(pages as Pages),
      onDocument: (doc) => ({ index: { _index: job.target, _id: doc[ID] } }),
    });
}

type Identified = object & { [ID]: string };

async function* documents(pages: Pages): AsyncGenerator<Identified> {
  for await (const { body } of pages)
    for (const { _id, _source } of body.hits.hits) yield Object.assign(_source, { [ID]: _id });
}
