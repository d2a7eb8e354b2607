// All requests of whole migrations, seen by a proxy in front of the engine: every read of documents has what keeps settings from
// coming between, as this engine needs it.
import { beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, connect } from '../../../src/cluster/cluster.js';
import type { Route } from '../../../src/protocol/record.js';
import { type FrontRequest, startFront } from '../../front.js';
import { engineName, engineUrls, testCluster, uniqueName } from '../engine.js';
import { Subject } from '../migration/harness.js';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
});

const READ = /^\/(?:[^/?]+\/)?(_search|_count|_mget|_doc|_source|_msearch|_explain|_termvectors|_pit)\b/;

/** What a request lacks; undefined where it is no read, or lacks nothing. */
function lackOf({ method, path, body }: FrontRequest): string | undefined {
  const [, api] = READ.exec(path) ?? [];
  const writes = (api === '_doc' && method !== 'GET') || path.startsWith('/_search/scroll');
  if (api === undefined || writes) return undefined;
  const query = new URL(path, 'http://engine').searchParams;
  const sent = (body.length > 0 ? JSON.parse(body.toString()) : {}) as {
    timeout?: string;
    stats?: readonly string[];
    _source?: boolean | { exclude_vectors?: boolean };
  };
  const hidesVectors = engineName === 'elasticsearch';
  if (api === '_doc' || api === '_mget') {
    const reads = query.get('_source') !== 'false';
    return reads && hidesVectors && query.get('_source_exclude_vectors') !== 'false' ? 'vectors' : undefined;
  }
  if (api !== '_search') return `${api} can't be guarded`;
  if (sent.timeout !== '-1') return 'timeout';
  if (sent.stats?.[0] !== 'twindex') return 'group of searches';
  if (query.get('allow_partial_search_results') !== 'false') return 'partial results';
  if (engineName === 'opensearch') {
    if (query.get('search_pipeline') !== '_none') return 'search pipeline';
    if (query.get('cancel_after_time_interval') !== '-1') return 'cancellation';
  }
  const source = sent._source;
  const readsAll =
    source === undefined || source === true || (typeof source === 'object' && !Array.isArray(source));
  if (hidesVectors && readsAll && (typeof source !== 'object' || source.exclude_vectors !== false))
    return 'vectors';
  return undefined;
}

const MAPPINGS = { properties: { n: { type: 'long' } } } as const;

async function recorded(route: Route): Promise<readonly FrontRequest[]> {
  const front = await startFront({ upstream: engineUrls[0] });
  const through = await connect({ nodes: [front.url] });
  try {
    const pipeline = uniqueName('recorded');
    if (route === 'pipeline')
      await cluster.connection.json({
        method: 'PUT',
        path: `/_ingest/pipeline/${pipeline}`,
        body: { processors: [{ set: { field: 'seen', value: 1 } }] },
      });
    const migrations = route === 'pipeline' ? { 2: { up: { pipeline }, down: { pipeline } } } : {};
    const subject = await Subject.create(cluster, {
      before: { mappings: MAPPINGS, settings: { number_of_shards: 2 } },
      mappings: MAPPINGS,
      migrations,
      route,
    });
    await subject.fill(200, (n) => ({ n }));
    if (route === 'reingest')
      subject.definition = {
        ...subject.definition,
        reingest: async function* () {
          for (let n = 0; n < 200; n++) yield await Promise.resolve({ id: `d${n}`, source: { n } });
        },
      };
    await subject.start('finalized', {}, through).ended;
    return [...front.requests];
  } finally {
    await through.close();
    await front.close();
  }
}

const ROUTES: Route[] =
  engineName === 'opensearch' ? ['server', 'client', 'pipeline', 'reingest'] : ['client', 'reingest'];

describe('every read of a migration is guarded', () => {
  it.each(ROUTES)('on the route %s', async (route) => {
    const requests = await recorded(route);
    const lacking = requests.flatMap((request) => {
      const lack = lackOf(request);
      return lack === undefined
        ? []
        : [`${lack}: ${request.method} ${request.path} ${request.body.toString()}`];
    });
    expect(lacking).toEqual([]);
    const apis = new Set(requests.map(({ path }) => READ.exec(path)?.[1]));
    expect([...apis]).toEqual(expect.arrayContaining(['_search', '_mget', '_doc']));
    const reindexed = requests.filter(
      ({ path }) => path.startsWith('/_reindex?') && path.includes('require_alias'),
    );
    expect(reindexed.length > 0).toBe(route === 'server' || route === 'pipeline');
    for (const { body } of reindexed)
      expect(JSON.parse(body.toString())).toMatchObject({ source: { timeout: '-1', stats: ['twindex'] } });
  });
});
