// Makes OpenTelemetry safe for writes. Samplers, processors and propagators are code of the application, and the
// SDK passes on what they throw. A write must neither fail nor be answered differently because of that.
import type * as Api from '@opentelemetry/api';
import { messageOf } from '../../../errors.js';

export interface OpenTelemetry {
  readonly api: Pick<typeof Api, 'ROOT_CONTEXT' | 'SpanKind' | 'SpanStatusCode' | 'context' | 'trace'>;
  readonly tracer: Pick<Api.Tracer, 'startSpan'>;
  readonly propagation: Pick<Api.PropagationAPI, 'extract' | 'inject'>;
}

type Report = (text: string) => unknown;

/** @param report called at the first problem only */
export function guardedTelemetry(api: typeof Api, tracer: Api.Tracer, report: Report): OpenTelemetry {
  let isReported = false;
  const failed = (error: unknown): void => {
    if (!isReported)
      report(`a trace is incomplete, because the SDK of OpenTelemetry has failed: ${messageOf(error)}`);
    isReported = true;
  };
  const startSpan = (...args: Parameters<Api.Tracer['startSpan']>): Api.Span => {
    try {
      return guardedSpan(tracer.startSpan(...args), failed);
    } catch (error) {
      failed(error);
      return api.trace.wrapSpanContext(api.INVALID_SPAN_CONTEXT);
    }
  };
  const extract: Api.PropagationAPI['extract'] = (context, ...rest) => {
    try {
      return api.propagation.extract(context, ...rest);
    } catch (error) {
      failed(error);
      return context;
    }
  };
  const inject: Api.PropagationAPI['inject'] = (...args) => {
    try {
      api.propagation.inject(...args);
    } catch (error) {
      failed(error);
    }
  };
  return { api, tracer: { startSpan }, propagation: { extract, inject } };
}

function guardedSpan(span: Api.Span, failed: (error: unknown) => void): Api.Span {
  const guarded: Api.Span = new Proxy(span, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: readonly unknown[]): unknown => {
        try {
          const result: unknown = Reflect.apply(value, target, args);
          return result === target ? guarded : result;
        } catch (error) {
          failed(error);
          return guarded;
        }
      };
    },
  });
  return guarded;
}
