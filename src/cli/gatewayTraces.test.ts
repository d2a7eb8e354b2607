import { context, diag, propagation, trace } from '@opentelemetry/api';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isSetUp } from '../writers/mirror/trace/openTelemetry.js';
import { startGatewayTraces, wantsTraces } from './gatewayTraces.js';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' };

afterEach(() => {
  vi.unstubAllEnvs();
  for (const part of [trace, diag, propagation, context]) part.disable();
});

describe('traces are wanted', () => {
  it.each<[boolean, Record<string, string>]>([
    [false, {}],
    [true, ENDPOINT],
    [true, { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://a/v1/traces' }],
    [true, { OTEL_TRACES_EXPORTER: 'console' }],
    [true, { OTEL_TRACES_EXPORTER: 'otlp,console' }],
    [false, { OTEL_TRACES_EXPORTER: 'none', ...ENDPOINT }],
    [false, { OTEL_SDK_DISABLED: 'TRUE', ...ENDPOINT }],
    [true, { OTEL_SDK_DISABLED: 'false', ...ENDPOINT }],
    [false, { OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }],
    [false, { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://a', OTEL_SERVICE_NAME: 'a' }],
  ])('%s: %o', (expected, env) => {
    expect(wantsTraces(env)).toBe(expected);
  });
});

describe('the SDK', () => {
  it('is not loaded if nobody wants traces', () => {
    const load = vi.fn<() => never>();
    expect(startGatewayTraces({ env: {}, onWarning: () => undefined, load })).toBeUndefined();
    expect(load).not.toHaveBeenCalled();
  });

  it('is not started twice: one that was set up before twindex is used', () => {
    trace.setGlobalTracerProvider({ getTracer: () => trace.getTracer('a') });
    const load = vi.fn<() => never>();
    expect(startGatewayTraces({ env: ENDPOINT, onWarning: () => undefined, load })).toBeUndefined();
    expect(load).not.toHaveBeenCalled();
  });

  it('that is not installed leaves the gateway without traces, and with the command that installs it', () => {
    const said: string[] = [];
    const load = (): never => {
      throw Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' });
    };
    expect(startGatewayTraces({ env: ENDPOINT, onWarning: (text) => said.push(text), load })).toBeUndefined();
    expect(said).toEqual([
      expect.stringContaining('Install them: npm install @opentelemetry/api @opentelemetry/sdk-node'),
    ]);
  });

  it('whose collector cannot be reached says so, and does not hold up the end', async () => {
    for (const [name, value] of Object.entries(ENDPOINT)) vi.stubEnv(name, value);
    const said: string[] = [];
    const exit = vi.fn<() => void>();
    const traces = startGatewayTraces({
      env: process.env,
      onWarning: (text) => said.push(text),
      flushMs: 50,
      exit,
    });
    expect(isSetUp()).toBe(true);
    trace.getTracer('test').startSpan('write').end();
    await traces?.close();
    expect(said).toEqual(['the last traces could not be exported: no answer in 50 ms']);
    expect(exit).toHaveBeenCalledOnce();
  });

  it('says the same problem once, and not for each batch', () => {
    for (const [name, value] of Object.entries(ENDPOINT)) vi.stubEnv(name, value);
    const said: string[] = [];
    startGatewayTraces({ env: process.env, onWarning: (text) => said.push(text) });
    const refused = {
      stack: 'Error: …',
      errors: 'Error: connect ECONNREFUSED 127.0.0.1:1',
      code: 'ECONNREFUSED',
    };
    for (let n = 0; n < 3; n++) {
      diag.error(JSON.stringify(refused));
      diag.warn(`Dropped ${n + 1} spans because maxQueueSize reached`);
      diag.info('nothing of interest');
    }
    expect(said).toEqual([
      'traces: they could not be exported: Error: connect ECONNREFUSED 127.0.0.1:1',
      'traces: Dropped 1 spans because maxQueueSize reached',
    ]);
  });
});
