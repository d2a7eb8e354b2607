// The public entry to client/: makes a client of the application write to both indexes during a migration.
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
 * Makes a client write to both indexes of a managed index while one replaces the other, and returns the same client with the same
 * API and types. Everything else goes to the cluster as before, and so does everything while no migration runs. `helpers`,
 * request options, events and error classes stay the client's own. Clients made by `child()` after this call write in the same
 * way.
 *
 * The client registers as a writer in the journal. Close it with `close()`, which finishes the requests in flight, gives the
 * lease back and closes the connections.
 *
 * Differences from the client alone:
 * - A write to a managed index with an unknown outcome (time-out, broken connection, 502, 503, 504) is never repeated, whatever
 *   `maxRetries` says. A write that certainly was not done is repeated.
 * - During the switch of the writers a write waits, for 30 s at most, or for the client's `requestTimeout`.
 * - While the client could not confirm the phase of a migration for 10 s, writes are answered with 503.
 *
 * @param client of `@elastic/elasticsearch` 8 or 9, or `@opensearch-project/opensearch` 2 or 3
 * @throws TwindexError `usage` (no such client, or passed before), `config_invalid`, `unreachable`, `unauthorized`,
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
  /** Closes everything that the client and its children share, once: a second close of OpenSearch's client would never end. */
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
    // OpenSearch's client takes a callback
    callbackify(wrapping.close)(callback as () => void);
    return undefined;
  };
  return client;
}

/** Closes the cluster on any error, so that no writer stays registered without a client. */
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
