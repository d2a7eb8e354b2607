// GET /_cluster/state and /INDEX/_settings: unassigned primaries, and blocks. The engine answers these
// requests even while searches and writes have to wait.
import type { Cluster } from '../cluster.js';

export interface ShardsAndBlocks {
  readonly missing: readonly { readonly index: string; readonly shard: number }[];
  /** The name of the block without `index.blocks.`, for example `read_only_allow_delete`. */
  readonly blocks: readonly { readonly index: string; readonly block: string }[];
  readonly clusterBlocks: readonly string[];
}

interface StateAnswer {
  readonly blocks?: { readonly global?: Readonly<Record<string, { readonly description: string }>> };
  readonly routing_table?: {
    readonly indices?: Readonly<
      Record<
        string,
        { readonly shards?: Readonly<Record<string, readonly { state: string; primary: boolean }[]>> }
      >
    >;
  };
}

type SettingsAnswer = Readonly<
  Record<
    string,
    { readonly settings?: { readonly index?: { readonly blocks?: Readonly<Record<string, string>> } } }
  >
>;

/** @param indexes names; the engine ignores those of missing indexes */
export async function shardsAndBlocks(
  cluster: Cluster,
  indexes: readonly string[],
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
): Promise<ShardsAndBlocks> {
  const names = indexes.map(encodeURIComponent).join(',');
  const how = { method: 'GET', repeat: 'never', timeoutMs, signal } as const;
  const [state, settings] = await Promise.all([
    cluster.connection.json<StateAnswer>({
      ...how,
      path: `/_cluster/state/blocks,routing_table/${names}`,
      query: {
        ignore_unavailable: true,
        filter_path:
          'blocks.global,routing_table.indices.*.shards.*.state,routing_table.indices.*.shards.*.primary',
      },
    }),
    cluster.connection.json<SettingsAnswer>({
      ...how,
      path: `/${names}/_settings/index.blocks.*`,
      query: { ignore_unavailable: true, allow_no_indices: true },
    }),
  ]);
  return {
    missing: Object.entries(state.routing_table?.indices ?? {}).flatMap(([index, { shards = {} }]) =>
      Object.entries(shards)
        .filter(([, copies]) => copies.some((copy) => copy.primary && copy.state === 'UNASSIGNED'))
        .map(([shard]) => ({ index, shard: Number(shard) })),
    ),
    blocks: Object.entries(settings).flatMap(([index, { settings: one }]) =>
      Object.entries(one?.index?.blocks ?? {})
        .filter(([, value]) => value === 'true')
        .map(([block]) => ({ index, block })),
    ),
    clusterBlocks: Object.values(state.blocks?.global ?? {}).map(({ description }) => description),
  };
}
