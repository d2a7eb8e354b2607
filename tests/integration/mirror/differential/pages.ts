// All documents of a client, read in pages through a scroll or a point in time, and both ended.
import type { Answer, Request, SideOptions } from './side.js';

const IN_PAGES = 5;

interface Page {
  readonly _scroll_id?: string;
  readonly pit_id?: string;
  readonly hits?: { readonly hits: readonly { readonly _id: string; readonly sort?: unknown }[] };
}

/** @returns one answer of all: the documents by their ids, as shards give them in any order */
export async function readPages(
  { engine, indexes }: SideOptions,
  { api, size }: { readonly api: 'scroll' | 'pit'; readonly size: number },
  ids: readonly string[],
  send: (request: Request) => Promise<Answer>,
): Promise<Answer> {
  const answers: Answer[] = [];
  const ask = async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
    const answer = await send({ method, path, body: body && JSON.stringify(body), documents: [] });
    answers.push(answer);
    return JSON.parse(answer.text) as Record<string, unknown>;
  };
  const search = { query: { ids: { values: ids } }, size };
  const pages: Page[] = [];
  if (api === 'scroll') {
    pages.push(await ask('POST', `/${indexes.read}/_search?scroll=1m`, search));
    for (let n = 0; n < IN_PAGES; n++)
      pages.push(await ask('POST', '/_search/scroll', { scroll: '1m', scroll_id: pages[n]?._scroll_id }));
    await ask('DELETE', '/_search/scroll', { scroll_id: pages.at(-1)?._scroll_id });
  } else {
    const opened = engine === 'opensearch' ? '_search/point_in_time' : '_pit';
    const { id, pit_id: pitId } = await ask('POST', `/${indexes.read}/${opened}?keep_alive=1m`);
    const pit = { id: id ?? pitId, keep_alive: '1m' };
    for (let after: unknown; pages.length < IN_PAGES; after = pages.at(-1)?.hits?.hits.at(-1)?.sort) {
      if (pages.length > 0 && after === undefined) break;
      const from = after === undefined ? {} : { search_after: after };
      pages.push(await ask('POST', '/_search', { ...search, ...from, pit, sort: ['_doc'] }));
    }
    if (engine === 'opensearch') await ask('DELETE', '/_search/point_in_time', { pit_id: [pit.id] });
    else await ask('DELETE', '/_pit', { id: pit.id });
  }
  const hits = pages
    .flatMap(({ hits: found }) => found?.hits ?? [])
    .map((hit) => ({ ...hit, sort: undefined }));
  hits.sort((a, b) => (a._id < b._id ? -1 : 1));
  const statuses = answers.map(({ status }) => status);
  return { status: Math.max(...statuses), headers: {}, text: JSON.stringify({ statuses, hits }) };
}
