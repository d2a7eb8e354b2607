// The parts of OpenTelemetry that twindex uses. Nothing is imported unless an SDK is set up in this process:
// by the application, or by `twindex gateway` (src/cli/gatewayTraces.ts).
import { messageOf } from '../../../errors.js';
import type { OpenTelemetry } from './guardedTelemetry.js';

export type { Attributes, Context, Span } from '@opentelemetry/api';
export type { OpenTelemetry } from './guardedTelemetry.js';

/** Every copy of the API, of any version 1, keeps here what was set up. */
const SET_UP = Symbol.for('opentelemetry.js.api.1');

export function isSetUp(): boolean {
  const global = globalThis as { readonly [SET_UP]?: { readonly trace?: unknown } };
  return global[SET_UP]?.trace !== undefined;
}

/**
 * The copy of the API that is imported here only reads what another copy has set up. It works if its minor
 * version is not newer than that of the other copy.
 */
export async function loadOpenTelemetry(
  version: string,
  onWarning: (text: string) => unknown,
): Promise<OpenTelemetry | undefined> {
  try {
    const api = await import('@opentelemetry/api');
    const { guardedTelemetry } = await import('./guardedTelemetry.js');
    return guardedTelemetry(api, api.trace.getTracer('twindex', version), onWarning);
  } catch (error) {
    onWarning(
      'OpenTelemetry is set up in this process, but writes have no traces, because @opentelemetry/api cannot be ' +
        `loaded (${messageOf(error)}). Install it: npm install @opentelemetry/api`,
    );
    return undefined;
  }
}
