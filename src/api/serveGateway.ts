// Starts a gateway and, in the same process, a stand-by that takes over migrations whose coordinator has died.
import type { Registry } from 'prom-client';
import type { Cluster } from '../cluster/cluster.js';
import type { ClusterSide } from '../cluster/indexRef.js';
import { TwindexError } from '../errors.js';
import { StandBy } from '../coordinator/migration/succession/standBy.js';
import type { IndexDefinition } from '../schema/types.js';
import type { Gateway, GatewayOptions } from '../writers/gateway/gatewayServer.js';
import { openTracer } from '../writers/mirror/trace/openTracer.js';
import { allDefinitions, type Project } from './project.js';

/** The default level is `info`. */
type TellWithLevel = (text: string, level?: 'info' | 'warn' | 'error') => unknown;

interface GatewayRequest
  extends Omit<GatewayOptions, 'cluster' | 'mirror' | 'reads' | 'registries' | 'tracer' | 'onWarning'> {
  /** The cluster that gets the requests for undeclared indexes, if there is a source cluster. Default: the source. */
  readonly others?: ClusterSide | undefined;
  /** Whether this process takes over migrations whose coordinator has died. Default: true. */
  readonly standsBy?: boolean | undefined;
  /** Whether this process has started the SDK of OpenTelemetry itself. Default: false. */
  readonly ownSdk?: boolean | undefined;
  /** Receives one line for the log. */
  readonly tell: TellWithLevel;
}

/** @throws TwindexError `usage`, `config_invalid` (certificate), `failed` (cannot listen on the address) */
export async function serveGateway(
  project: Project,
  { others, standsBy = true, ownSdk = false, tell, ...options }: GatewayRequest,
): Promise<Gateway> {
  const definitions = await allDefinitions(project, (text) => tell(text));
  const { cluster } = project;
  if (others === 'source' && !cluster.source)
    throw new TwindexError('usage', '--others source: the configuration has no `source`');
  // if several processes share a port, only the one that stands by serves the metrics of migrations
  const registries = standsBy ? [await migrationsOf(cluster)] : [];
  const onWarning = (text: string): unknown => tell(text, 'warn');
  // a gateway speaks for the cluster that gets the requests for undeclared indexes
  const { engine } = (others !== 'target' && cluster.source) || cluster;
  const tracer = await openTracer({ kind: 'server', engine: engine.name, ownSdk }, onWarning);
  const gateway = await start(definitions, others, { ...options, cluster, registries, tracer, onWarning });
  const standBy = standsBy ? new StandBy({ cluster, definitions, onNote: tell }) : undefined;
  return {
    url: gateway.url,
    drain: () => gateway.drain(),
    exportMetrics: (process) => gateway.exportMetrics(process),
    stop: async () => {
      await Promise.all([standBy?.stop(), gateway.stop()]);
    },
  };
}

async function migrationsOf(cluster: Cluster): Promise<Registry> {
  const { migrationRegistry } = await import('../metrics/metricsPage.js');
  return migrationRegistry(cluster);
}

/** If the start fails, removes the gateway from the writers in the journal, so that no process waits for it. */
async function start(
  definitions: readonly IndexDefinition[],
  others: ClusterSide | undefined,
  options: Omit<GatewayOptions, 'mirror'>,
): Promise<Gateway> {
  const { cluster, onWarning } = options;
  const [{ Mirror }, { startGateway }] = await Promise.all([
    import('../writers/mirror/mirror.js'),
    import('../writers/gateway/gatewayServer.js'),
  ]);
  const mirror = await Mirror.start({ cluster, definitions, others, type: 'gateway', onWarning });
  try {
    return await startGateway({ ...options, mirror, reads: mirror });
  } catch (error) {
    await mirror.stop();
    throw error;
  }
}
