// The options of `createTwindex` and of its functions.
import type { ClusterOptions } from '../cluster/clusterOptions.js';
import type { ClusterSide } from '../cluster/indexRef.js';
import type { Gate } from '../coordinator/migration/runMigration.js';
import type { VerifyFinding } from '../coordinator/verify/findings.js';
import type { Level } from '../coordinator/verify/pageComparison.js';
import type { Plan } from '../plan/makePlan.js';
import type { Route } from '../protocol/record.js';
import type { Threshold } from '../schema/acceptance.js';
import type { IndexInput } from '../schema/config.js';

/** The options of `createTwindex`: a configuration file, or the cluster and the indexes themselves. */
export interface TwindexOptions {
  /**
   * The configuration file, relative to the current folder. It is not read if both `cluster` and `indexes`
   * are given.
   * @default TWINDEX_CONFIG, or `twindex.config.{ts,js,mjs,json,yaml,yml}` in the current folder
   * @example
   * config: '/etc/shop/twindex.config.ts'
   */
  readonly config?: string | undefined;
  /**
   * The cluster with the indexes and the journal.
   * @default the cluster of the configuration
   * @example
   * cluster: { nodes: ['http://localhost:9200'], auth: { username: 'twindex', password: 'secret' } }
   */
  readonly cluster?: ClusterOptions | undefined;
  /**
   * The cluster of the old indexes, if it is not `cluster`.
   * @default the source of the configuration; without a configuration: none
   * @example
   * source: { nodes: ['http://old-search:9200'] }
   */
  readonly source?: ClusterOptions | undefined;
  /**
   * The declared indexes, in the form of index files. Paths in them are relative to the current folder.
   * @default the index files of the configuration
   * @example
   * indexes: [{ name: 'catalogue', version: 2, mappings: { properties: { price: { type: 'double' } } } }]
   */
  readonly indexes?: readonly IndexInput[] | undefined;
  /**
   * Receives one line for the operator of the application, for example that a family has no index.
   * @default `process.emitWarning`
   * @example
   * onWarning: (text) => console.error(text)
   */
  readonly onWarning?: ((text: string) => void) | undefined;
}

/** The options of every function that sends requests to the cluster. */
export interface Abortable {
  /**
   * Stops the work when it is aborted. The promise is then rejected with the reason of the signal. The same call,
   * made again, continues the migration.
   * @default none
   * @example
   * signal: AbortSignal.timeout(3_600_000)
   */
  readonly signal?: AbortSignal | undefined;
}

/** The options of `plan`. */
export interface PlanOptions extends Abortable {
  /**
   * How the documents of a new version are copied.
   * @default chosen by the plan
   * @example
   * route: 'client'
   */
  readonly route?: Route | undefined;
  /**
   * On how many live documents (1 to 100,000) the transform and the new mapping are tried.
   * @default none: nothing is tried
   * @see docs/commands.md#--sample
   * @example
   * sample: 1_000
   */
  readonly sample?: number | undefined;
}

/** The options of `planAll`. */
export interface PlanAllOptions extends PlanOptions {
  /**
   * Names and patterns.
   * @default all declared indexes
   * @example
   * names: ['catalogue', 'tenant-*']
   */
  readonly names?: readonly string[] | undefined;
}

/** The options of `migrate`. All times are in ms. */
export interface MigrationOptions extends Abortable {
  /**
   * The phase at which the promise is resolved: `ready` (the copy is verified), `cutover` (readers moved),
   * `switched` (writers moved) or `finalized` (old index deleted). After `cutover`, the index of the readers has to
   * be kept in sync: by a gateway, or by this run with `stay: true`.
   * @default `switched`, or `ready` if documents are transformed
   * @example
   * until: 'switched'
   */
  readonly until?: Gate | undefined;
  /**
   * Whether to stay after `until`, as long as two indexes have to be kept in sync. The promise is then
   * resolved when the migration is over, and the event `reached` says when `until` is reached.
   * @default false
   * @example
   * stay: true
   */
  readonly stay?: boolean | undefined;
  /**
   * An earlier plan of this index, or its `kind` and `fingerprint`. If the index or its declaration has
   * changed since, the call changes nothing, and the error is `plan_stale`.
   * @default none: the present plan is carried out
   * @example
   * plan: { kind: 'new-version', fingerprint: '623076b7545ace330dac7807993e5b03383ddb95af023f1277d735c312b676f0' }
   */
  readonly plan?: Pick<Plan, 'kind' | 'fingerprint'> | undefined;
  /**
   * How the documents are copied.
   * @default chosen by the plan
   * @example
   * route: 'client'
   */
  readonly route?: Route | undefined;
  /**
   * An NDJSON file with the documents from the source of truth. It implies the route `reingest`.
   * @default none
   * @example
   * from: './products.ndjson'
   */
  readonly from?: string | undefined;
  /**
   * With the route `reingest`: leaves out documents that the source of truth does not have.
   * @default the value of the last run of this migration; in the first run false
   * @example
   * prune: true
   */
  readonly prune?: boolean | undefined;
  /**
   * The highest rate of the copy, in documents per second.
   * @default no limit
   * @example
   * maxDocsPerSecond: 2_000
   */
  readonly maxDocsPerSecond?: number | undefined;
  /**
   * How many times slower other requests may become during the copy: more than 1, at most 100.
   * @default 1.3
   * @example
   * maxSlowdown: 2
   */
  readonly maxSlowdown?: number | undefined;
  /**
   * Whether the copy slows down when other requests become slower.
   * @default true
   * @example
   * throttle: false
   */
  readonly throttle?: boolean | undefined;
  /**
   * The largest lag at which readers or writers may be moved, in ms.
   * @default 1000
   * @example
   * maxLagMs: 5_000
   */
  readonly maxLagMs?: number | undefined;
  /**
   * The longest time for which writes may be refused, in ms.
   * @default 2000
   * @example
   * maxWritePauseMs: 500
   */
  readonly maxWritePauseMs?: number | undefined;
  /**
   * The time after which no earlier request can still take effect in the cluster, in ms.
   * @default 60000
   * @see docs/glossary.md#grace
   * @example
   * graceMs: 120_000
   */
  readonly graceMs?: number | undefined;
  /**
   * The time without a sign of life after which this process counts as dead, in ms.
   * @default 10000
   * @example
   * leaseMs: 30_000
   */
  readonly leaseMs?: number | undefined;
  /**
   * At the end, closes the old index instead of deleting it. This time, in ms, is only for `status`, which shows
   * until when the index should be kept.
   * @default none: the old index is deleted
   * @example
   * keepMs: 7 * 86_400_000
   */
  readonly keepMs?: number | undefined;
  /**
   * How long to wait after moving readers, and again after moving writers, in ms.
   * @default 0
   * @example
   * soakMs: 3_600_000
   */
  readonly soakMs?: number | undefined;
  /**
   * Continues without the documents that the new index or the transform refuses.
   * @default false
   * @example
   * dropRejected: true
   */
  readonly dropRejected?: boolean | undefined;
  /**
   * The largest number of refused documents. The run fails when there are more.
   * @default 1000
   * @example
   * maxRejected: 10
   */
  readonly maxRejected?: number | undefined;
  /**
   * Thresholds of `acceptance` that need not hold.
   * @default none
   * @example
   * force: ['latencyP95Ratio']
   */
  readonly force?: readonly Threshold[] | undefined;
  /**
   * Allows twindex to close the index for a moment, if the change then needs no new index.
   * @default false: the error is `flag_needed`
   * @example
   * allowOutage: true
   */
  readonly allowOutage?: boolean | undefined;
  /**
   * Allows the switch of an index without aliases. Such a switch cannot be rolled back.
   * @default false: the error is `flag_needed`
   * @example
   * allowNoWayBack: true
   */
  readonly allowNoWayBack?: boolean | undefined;
}

/** The options of the functions that steer a migration: `cutover`, `switch`, `rollback`, … */
export interface SteeringOptions extends Abortable {
  /**
   * The longest time to wait, in ms. A move that has not begun by then is cancelled.
   * @default 24 hours
   * @example
   * timeoutMs: 600_000
   */
  readonly timeoutMs?: number | undefined;
  /**
   * For `cutover`, `switch` and `finalize`: thresholds of `acceptance` that need not hold.
   * @default none
   * @example
   * force: ['overlapAt10']
   */
  readonly force?: readonly Threshold[] | undefined;
  /**
   * Carries out the command although somebody else has paused the migration or rolled it back.
   * @default false: the error is `unsafe`
   * @example
   * supersede: true
   */
  readonly supersede?: boolean | undefined;
  /**
   * If no other process coordinates the migration, this process becomes the coordinator. True: it then stays
   * as long as two indexes have to be kept in sync. False: the promise is resolved when the command is
   * carried out.
   * @default false
   * @example
   * stay: true
   */
  readonly stay?: boolean | undefined;
}

/** The options of `verify`. */
export interface VerifyOptions extends Abortable {
  /**
   * `content` compares the content of all documents. `stamps` skips the content of documents whose versions
   * prove that both indexes have the same state.
   * @default 'content'
   * @example
   * level: 'stamps'
   */
  readonly level?: Level | undefined;
  /**
   * Compares only about this many documents of each index.
   * @default all documents
   * @example
   * sample: 10_000
   */
  readonly sample?: number | undefined;
  /**
   * Receives each difference. The result has only the first ten.
   * @default none
   * @example
   * onFinding: ({ id, kind }) => console.log(id, kind)
   */
  readonly onFinding?: ((finding: VerifyFinding) => void) | undefined;
}

/** The options of `gateway`. */
export interface TwindexGatewayOptions {
  /**
   * The port to listen on; 0 takes any free port.
   * @default 9201
   * @example
   * port: 0
   */
  readonly port?: number | undefined;
  /**
   * The address to listen on; `0.0.0.0` for every address.
   * @default '127.0.0.1'
   * @example
   * host: '0.0.0.0'
   */
  readonly host?: string | undefined;
  /**
   * The certificate and its key, for https towards clients.
   * @default none: http
   * @example
   * tls: { cert: process.env['GATEWAY_CERT'] ?? '', key: process.env['GATEWAY_KEY'] ?? '' }
   */
  readonly tls?:
    | {
        /**
         * The certificate with its chain, as a PEM text.
         * @example
         * cert: process.env['GATEWAY_CERT'] ?? ''
         */
        readonly cert: string;
        /**
         * The key of the certificate, as a PEM text.
         * @example
         * key: process.env['GATEWAY_KEY'] ?? ''
         */
        readonly key: string;
      }
    | undefined;
  /**
   * The largest body, in bytes, of a request to an index that is being migrated.
   * @default 200 MiB
   * @example
   * maxBodyBytes: 50 * 2 ** 20
   */
  readonly maxBodyBytes?: number | undefined;
  /**
   * The timeout of searches and other reads, in ms.
   * @default 300000
   * @example
   * readTimeoutMs: 30_000
   */
  readonly readTimeoutMs?: number | undefined;
  /**
   * The timeout of writes and of all other requests, in ms.
   * @default 180000
   * @example
   * writeTimeoutMs: 60_000
   */
  readonly writeTimeoutMs?: number | undefined;
  /**
   * The timeout of long requests (`_reindex`, `_forcemerge`, …), in ms.
   * @default 24 hours
   * @example
   * longTimeoutMs: 3_600_000
   */
  readonly longTimeoutMs?: number | undefined;
  /**
   * If a source cluster is configured: which of the two clusters gets the requests for undeclared indexes.
   * @default 'source'
   * @example
   * others: 'target'
   */
  readonly others?: ClusterSide | undefined;
}
