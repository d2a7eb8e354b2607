// A live index with its aliases, and the context that its checks are given.
import type { CheckContext, Finding } from '../../../src/plan/checks/check.js';
import { runChecks } from '../../../src/plan/checks/runChecks.js';
import { getIndexes } from '../../../src/cluster/indices/getIndex.js';
import type { IndexDefinition } from '../../../src/schema/types.js';
import type { JsonObject } from '../../../src/json/jsonTypes.js';
import { testCluster, uniqueName } from '../engine.js';

interface Body {
  readonly settings?: JsonObject;
  readonly mappings?: JsonObject;
}

export interface Live {
  readonly name: string;
  readonly index: string;
  readonly context: (target?: Body) => Promise<CheckContext>;
  /** Of one check, among all of a copy. */
  readonly findings: (check: string, target?: Body) => Promise<readonly Finding[]>;
  /** Sends a request about the index: `{index}` in the path stands for it. */
  readonly send: (method: 'PUT' | 'POST' | 'DELETE', path: string, body?: object) => Promise<void>;
}

const ONE_SHARD = { number_of_shards: 1, number_of_replicas: 0 };

/** Creates `<name>-v1` behind `<name>-read` and `<name>-write`. */
export async function createLive({ settings = {}, mappings = {} }: Body = {}): Promise<Live> {
  const cluster = await testCluster();
  const name = uniqueName('chk');
  const index = `${name}-v1`;
  const send: Live['send'] = async (method, path, body) => {
    await cluster.connection.json({ method, path: path.replace('{index}', index), body });
  };
  await send('PUT', '/{index}', {
    settings: { ...ONE_SHARD, ...settings },
    mappings,
    aliases: { [`${name}-read`]: {}, [`${name}-write`]: {} },
  });
  const context = async (target: Body = {}): Promise<CheckContext> => {
    const declared = { settings: { ...ONE_SHARD, ...target.settings }, mappings: target.mappings ?? {} };
    const definition: IndexDefinition = {
      ...declared,
      name,
      version: 2,
      aliases: { read: `${name}-read`, write: `${name}-write` },
      migrations: {},
      file: 'index.json',
    };
    const [source] = await getIndexes(cluster, index);
    return {
      cluster,
      sourceCluster: cluster,
      definition,
      schema: declared,
      source,
      target: { index: `${name}-v2`, ...declared },
    };
  };
  const findings = async (check: string, target?: Body) =>
    (await runChecks(await context(target), 'copy')).filter((finding) => finding.check === check);
  return { name, index, context, findings, send };
}
