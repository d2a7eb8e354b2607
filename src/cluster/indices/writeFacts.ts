// GET /INDEX: the properties of an index and its aliases that affect a write.
import { TwindexError } from '../../errors.js';
import type { Cluster } from '../cluster.js';

export interface WriteFacts {
  /** True if documents pass an ingest pipeline unless the request says `pipeline=_none`. */
  readonly defaultPipeline: boolean;
  /** True if documents pass a pipeline that no request can switch off. */
  readonly finalPipeline: boolean;
  readonly routing: ReadonlyMap<string, string>;
}

interface Index {
  readonly settings?: {
    readonly index?: { readonly default_pipeline?: string; readonly final_pipeline?: string };
  };
  readonly aliases?: Readonly<Record<string, { readonly index_routing?: string }>>;
}

/** @throws TwindexError `not_found` */
export async function writeFacts(cluster: Cluster, index: string): Promise<WriteFacts> {
  const answer = await cluster.connection.json<Record<string, Index>>({
    method: 'GET',
    path: `/${encodeURIComponent(index)}`,
    query: {
      filter_path:
        '*.settings.index.default_pipeline,*.settings.index.final_pipeline,*.settings.index.uuid,*.aliases.*.index_routing',
    },
    repeat: 'always',
  });
  const found = answer[index];
  if (!found) throw new TwindexError('not_found', `index ${index} does not exist any more`);
  const { default_pipeline, final_pipeline } = found.settings?.index ?? {};
  const routings = Object.entries(found.aliases ?? {}).flatMap(([alias, { index_routing }]) =>
    index_routing === undefined ? [] : [[alias, index_routing] as const],
  );
  return {
    defaultPipeline: isPipeline(default_pipeline),
    finalPipeline: isPipeline(final_pipeline),
    routing: new Map(routings),
  };
}

const isPipeline = (name: string | undefined): boolean => name !== undefined && name !== '_none';
