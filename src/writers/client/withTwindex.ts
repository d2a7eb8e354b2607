// The client library: makes an official client write to both indexes during a migration.
import { callbackify } from 'node:util';
import { type Cluster, connect } from '../../cluster/cluster.js';
import type { ClusterOptions } from '../../cluster/clusterOptions.js';
import { connectProblem } from '../../cluster/connectProblem.js';
import { TwindexError } from '../../errors.js';
import { Mirror } from '../mirror/mirror.js';
import { openTracer } from '../mirror/trace/openTracer.js';
import { once } from '../../once.js';
import { findMembers } from '../../plan/findMembers.js';
import type { IndexInput } from '../../schema/config.js';
import { loadConfig, readIndexInputs } from '../../schema/load.js';
import type { DeclaredIndexes } from '../../schema/types.js';
import { clusterOf } from './clientCluster.js';
import { dialectOf } from './dialect.js';
import { intercept, type Interception } from './intercept.js';
import type { OfficialClient, OpenClient } from './officialClient.js';

/** The options of `withTwindex`. */
export interface TwindexClientOptions {
  /**
   * The managed indexes, in the form of index files. A family (`name: 'tenant-*'`) stands for its members
   * that exist when the client starts.
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
   * The version whose shape this client's documents have: 2 if the application writes documents of
   * `catalogue-v2`. The header `x-twindex-version` takes precedence, on a single request or on a child client
   * (`client.child`). A client that writes to several managed indexes at different versions needs this header.
   * @default the version that writes without a version get (`twindex writers NAME --version N` sets it)
   * @example
   * version: 2
   */
  readonly version?: number;
  /**
   * The connection for twindex's own requests: to the journal, to the ledger, and for copies to the other
   * index.
   * @default the client's connections and credentials
   * @example
   * cluster: { nodes: ['http://localhost:9200'], auth: { username: 'twindex', password: 'secret' } }
   */
  readonly cluster?: ClusterOptions;
  /**
   * Receives one line for the operator of the application, for example that the journal can't be reached.
   * @default `process.emitWarning`
   * @example
   * onWarning: (text) => console.error(text)
   */
  readonly onWarning?: (text: string) => void;
}

/**
 * Makes a client write to both indexes during a migration, and returns the same client, with its API and
 * types. All other requests go to the cluster as before, and so do all writes while no migration runs.
 * `helpers`, request options, events and error classes stay the client's own. Clients that `child()` creates
 * later write in the same way.
 *
 * The client registers as a writer in the journal. Close it with `close()`, which finishes the requests in
 * flight, removes the registration and closes the connections.
 *
 * Differences from the client alone:
 * - A write to a managed index is never retried after an unknown outcome (time-out, broken connection, 502,
 *   503, 504), whatever `maxRetries` says. A write that certainly was not done is retried.
 * - During the switch a write waits for at most 30 s or the client's `requestTimeout`, whichever is shorter.
 * - If the client could not confirm the phase of a migration for 10 s, its writes wait for 10 s, and then get a 503.
 *
 * @param client of `@elastic/elasticsearch` 8 or 9, or `@opensearch-project/opensearch` 2 or 3
 * @throws TwindexError `usage` (not such a client, or passed before), `config_invalid`, `unreachable`,
 * `unauthorized`, `forbidden`, `not_an_engine`, `unsupported_engine`
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
  const { indexes, config } = options;
  const declared = indexes
    ? readIndexInputs(indexes, { hooks: undefined, notify: undefined })
    : await loadConfig({ file: config, cwd: process.cwd(), env: process.env });
  const cluster = options.cluster
    ? await connect(options.cluster, undefined, connectProblem)
    : await clusterOf(open, dialect);
  const onWarning = options.onWarning ?? ((text) => process.emitWarning(text, 'TwindexWarning'));
  const mirror = await startMirror(cluster, declared, onWarning);
  const { version } = options;
  const engine = cluster.engine.name;
  const tracer = await openTracer({ kind: 'internal', engine, ownSdk: false }, onWarning);
  const closeConnections = dialect.closeWith(open);
  wrap(open, {
    interception: { mirror, dialect, engine, version, tracer },
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
  /** Runs once for a client and its children: a second close of OpenSearch's client would never end. */
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
    // OpenSearch's `close` may take a callback
    callbackify(wrapping.close)(callback as () => void);
    return undefined;
  };
  return client;
}

/**
 * Starts the mirror. After an error it closes the connection to the cluster, because the application gets no
 * client.
 */
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
