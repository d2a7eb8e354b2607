// The public door of client/: a client of the application whose writes are mirrored while their indexes are migrated.
import { callbackify } from 'node:util';
import { type Cluster, connect } from '../../cluster/cluster.js';
import type { ClusterOptions } from '../../cluster/connection.js';
import { TwindexError } from '../../errors.js';
import { Mirror } from '../mirror/mirror.js';
import { once } from '../../once.js';
import { findMembers } from '../../plan/findMembers.js';
import type { IndexInput } from '../../schema/config.js';
import type { DeclaredIndexes } from '../../schema/types.js';
import { clusterOf } from './clientCluster.js';
import { loadDeclared } from './definitions.js';
import { dialectOf } from './dialect.js';
import { intercept, type Interception } from './intercept.js';
import type { OfficialClient, OpenClient } from './officialClient.js';

/** Options of `withTwindex`. */
export interface TwindexClientOptions {
  /**
   * The managed indexes, as their index files declare them. Of a family (`name: 'tenant-*'`) the members that exist when the client
   * starts.
   * @default the index files of the configuration
   * @example
   * indexes: [{ name: 'catalogue', version: 2 }]
   */
  readonly indexes?: readonly IndexInput[];
  /**
   * The configuration file, of which only the index files are used.
   * @default TWINDEX_CONFIG, or `twindex.config.{ts,js,mjs,json,yaml,yml}` in the current folder
   * @example
   * config: '/etc/shop/twindex.config.ts'
   */
  readonly config?: string;
  /**
   * The version whose shape the documents of this client have: 2 for a release of the application that writes documents of
   * `catalogue-v2`. The header `x-twindex-version` of a request or a child goes before it. A client that writes to several managed
   * indexes at different versions needs that header.
   * @default the version that unnamed writes have (`twindex writers NAME --version N`)
   * @example
   * version: 2
   */
  readonly version?: number;
  /**
   * How twindex reaches the cluster for its own requests: its journal, its ledger, and the copies for the other index.
   * @default the client's connections and credentials
   * @example
   * cluster: { nodes: ['http://localhost:9200'], auth: { username: 'twindex', password: 'secret' } }
   */
  readonly cluster?: ClusterOptions;
  /**
   * Gets one line for the person who operates the application, for example that the journal can't be reached.
   * @default `process.emitWarning`
   * @example
   * onWarning: (text) => console.error(text)
   */
  readonly onWarning?: (text: string) => void;
}

/**
 * Gives the client back, with the same API and types: from now on its writes to managed indexes reach both indexes while
 * one is replaced by the other. Everything else, and everything while no migration runs, goes to the cluster as before.
 * `helpers`, request options, events and error classes are the client's own, and what `child()` gives from now on writes
 * in the same way.
 *
 * It registers in the journal as a writer, and is to be closed with `close()`, which finishes what was begun, hands its
 * lease back and closes the connections.
 *
 * Differences from the client alone:
 * - A write to a managed index whose outcome is not known (time-out, broken connection, 502, 503, 504) is never sent
 *   again by itself, whatever `maxRetries` says; what certainly was not done is.
 * - During the switch of the writers a write waits, for 30 s at most, or for the client's `requestTimeout`.
 * - While it can't confirm for 10 s what phase a migration is in, writes are answered with 503.
 *
 * @param client of `@elastic/elasticsearch` 8 or 9, or `@opensearch-project/opensearch` 2 or 3
 * @throws TwindexError `usage` (not such a client, or given before), `config_invalid`, `unreachable`, `unauthorized`,
 * `unsupported_engine`
 * @example
 * import { Client } from '@elastic/elasticsearch';
 * import { withTwindex } from 'twindex';
 *
 * const client = await withTwindex(new Client({ node: 'http://localhost:9200' }), { version: 2 });
 * await client.index({ index: 'catalogue-write', id: '1', document: { price: 9.5 } });
 * await client.close();
 */
export async function withTwindex<C extends OfficialClient>(
  client: C,
  options: TwindexClientOptions = {},
): Promise<C> {
  const open = client as unknown as OpenClient;
  const dialect = dialectOf(open);
  if (known.has(open)) throw new TwindexError('usage', 'withTwindex was given this client before.');
  const declared = await loadDeclared(options);
  const cluster = options.cluster ? await connect(options.cluster) : await clusterOf(open, dialect);
  const onWarning = options.onWarning ?? ((text) => process.emitWarning(text, 'TwindexWarning'));
  const mirror = await startMirror(cluster, declared, onWarning);
  const { version } = options;
  const closeConnections = dialect.closeWith(open);
  wrap(open, {
    interception: { mirror, dialect, engine: cluster.engine.name, version },
    close: once(async () => {
      try {
        await mirror.stop();
      } finally {
        await cluster.close();
        await closeConnections();
      }
    }),
  });
  return client;
}

interface Wrapping {
  readonly interception: Interception;
  /** Of all that share the connections. OpenSearch's clients wait for ever when there is nothing left to close. */
  readonly close: () => Promise<void>;
}

const known = new WeakSet<OpenClient>();

function wrap(client: OpenClient, wrapping: Wrapping): OpenClient {
  known.add(client);
  intercept(client, wrapping.interception);
  const child = client.child.bind(client);
  client.child = (options) => wrap(child(options), wrapping);
  client.close = (callback) => {
    if (typeof callback !== 'function') return wrapping.close();
    // OpenSearch's takes one
    callbackify(wrapping.close)(callback as () => void);
    return undefined;
  };
  return client;
}

/** Whatever fails, no writer is left registered that nobody is. */
async function startMirror(
  cluster: Cluster,
  declared: DeclaredIndexes,
  onWarning: (text: string) => void,
): Promise<Mirror> {
  try {
    const { definitions, notes } = await findMembers(cluster, declared);
    for (const note of notes) onWarning(note);
    return await Mirror.start({ cluster, type: 'client', definitions, onWarning });
  } catch (error) {
    await cluster.close();
    throw error;
  }
}
