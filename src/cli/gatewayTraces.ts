// Starts the SDK of OpenTelemetry in `twindex gateway`, if the environment asks for traces (docs/traces.md). The
// SDK is large, and few users need it, so these users install it themselves.
import { createRequire } from 'node:module';
import type * as Api from '@opentelemetry/api';
import type * as Sdk from '@opentelemetry/sdk-node';
import { messageOf } from '../errors.js';
import { packageVersion } from '../packageVersion.js';
import { withoutRepeats } from '../repeated.js';
import { within } from '../within.js';
import { isSetUp } from '../writers/mirror/trace/openTelemetry.js';

const INSTALL = 'npm install @opentelemetry/api @opentelemetry/sdk-node';
/** How long the end of the gateway waits for the export of the last traces. */
const FLUSH_MS = 3_000;
/** After that, an export that is still tried again may keep the process alive for this time. */
const EXIT_MS = 500;

type Env = Readonly<Record<string, string | undefined>>;
type Warn = (text: string) => unknown;

export interface GatewayTraces {
  /** Exports the last traces, but does not wait for long. */
  close(): Promise<void>;
}

interface Packages {
  readonly sdk: typeof Sdk;
  readonly api: typeof Api;
  readonly resources: typeof Sdk.resources;
}

interface Parts {
  readonly env: Env;
  readonly onWarning: Warn;
  /** Replaced in tests. */
  readonly load?: () => Packages;
  readonly flushMs?: number;
  readonly exit?: () => void;
}

/** Whether the environment asks for traces, as the specification of OpenTelemetry has it. */
export function wantsTraces(env: Env): boolean {
  const valueOf = (name: string): string => env[name]?.trim() ?? '';
  if (valueOf('OTEL_SDK_DISABLED').toLowerCase() === 'true') return false;
  const [exporter = ''] = valueOf('OTEL_TRACES_EXPORTER').split(',');
  if (exporter !== '') return exporter.trim() !== 'none';
  return (
    valueOf('OTEL_EXPORTER_OTLP_ENDPOINT') !== '' || valueOf('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') !== ''
  );
}

/**
 * @returns undefined if no traces are wanted, if the SDK was set up before twindex was started, or if it cannot
 * be started. The gateway then runs without an SDK of its own
 */
export function startGatewayTraces({
  env,
  onWarning,
  load = loadPackages,
  flushMs = FLUSH_MS,
  exit = exitSoon,
}: Parts): GatewayTraces | undefined {
  if (!wantsTraces(env) || isSetUp()) return undefined;
  const sdk = started(load, env, onWarning);
  if (!sdk) return undefined;
  return {
    close: async () => {
      const failed = (error: unknown): string => messageOf(error) || 'the collector does not answer';
      const ended = sdk.shutdown().then(() => 'exported', failed);
      const outcome = await within(ended, flushMs);
      if (outcome === 'exported') return;
      onWarning(`the last traces could not be exported: ${outcome ?? `no answer in ${flushMs} ms`}`);
      exit();
    },
  };
}

/** A gateway without traces is better than no gateway. */
function started(load: () => Packages, env: Env, onWarning: Warn): Sdk.NodeSDK | undefined {
  try {
    return startSdk(load(), env, onWarning);
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND';
    onWarning(
      isMissing
        ? `OTEL_* asks for traces, but the packages for them are not installed, so there are none. Install them: ${INSTALL}`
        : `OTEL_* asks for traces, but the packages for them cannot be used, so there are none: ${messageOf(error)}`,
    );
    return undefined;
  }
}

/** Several copies of these packages may be installed, so the copies that belong together are looked for. */
function loadPackages(): Packages {
  const here = createRequire(import.meta.url);
  const file = here.resolve('@opentelemetry/sdk-node');
  const there = createRequire(file);
  return {
    sdk: here(file) as typeof Sdk,
    api: there('@opentelemetry/api') as typeof Api,
    resources: there('@opentelemetry/resources') as typeof Sdk.resources,
  };
}

function startSdk({ sdk, api, resources }: Packages, env: Env, onWarning: Warn): Sdk.NodeSDK {
  const { defaultResource, resourceFromAttributes, envDetector, hostDetector } = resources;
  const own = resourceFromAttributes({
    'service.name': 'twindex-gateway',
    'service.version': packageVersion(),
    'process.pid': process.pid,
  });
  const nodeSdk = new sdk.NodeSDK({
    resource: defaultResource().merge(own),
    // the default detectors also send the whole command line
    ...(env['OTEL_NODE_RESOURCE_DETECTORS'] ? {} : { resourceDetectors: [envDetector, hostDetector] }),
    // a gateway has metrics for Prometheus, and a log
    metricReaders: [],
    logRecordProcessors: [],
    // a gateway passes its spans on itself, and following the active one would slow down every promise
    contextManager: null as unknown as Api.ContextManager,
  });
  if (!env['OTEL_LOG_LEVEL']) logProblems(api, onWarning);
  nodeSdk.start();
  return nodeSdk;
}

/** The SDK reports a problem with each batch of spans that it exports. */
function logProblems({ diag, DiagLogLevel }: typeof Api, onWarning: Warn): void {
  const report = withoutRepeats(onWarning);
  const log = (message: string): void => {
    const text = `traces: ${problemIn(message)}`;
    report(text, text.replaceAll(/[0-9a-f]{16,}|\d+/g, '#'));
  };
  const silent = (): void => undefined;
  diag.setLogger(
    { error: log, warn: log, info: silent, debug: silent, verbose: silent },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}

/** The SDK prints an error as JSON, with its stack and all properties. */
function problemIn(message: string): string {
  try {
    const {
      message: own,
      errors,
      code,
    } = JSON.parse(message) as Readonly<Record<string, string | undefined>>;
    return `they could not be exported: ${own ?? errors ?? code ?? 'unknown error'}`;
  } catch {
    return message;
  }
}

/** An export that is tried again for many seconds must not keep alive a gateway that ends. */
function exitSoon(): void {
  setTimeout(() => process.exit(), EXIT_MS).unref();
}
