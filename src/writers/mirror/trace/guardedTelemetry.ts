// Makes OpenTelemetry safe for writes. Samplers, processors and propagators are code of the application, and the
// SDK passes on what they throw. A write must neither fail nor be answered differently because of that.
import type * as Api from '@opentelemetry/api';
import { messageOf } from '../../../errors.js';
import { withoutRepeats } from '../../../repeated.js';

export interface OpenTelemetry {
  readonly api: Pick<typeof Api, 'ROOT_CONTEXT' | 'SpanKind' | 'SpanStatusCode' | 'context' | 'trace'>;
  readonly tracer: Pick<Api.Tracer, 'startSpan'>;
  readonly propagation: Pick<Api.PropagationAPI, 'extract' | 'inject'>;
}

type Attempt = <T>(work: () => T, otherwise: () => T) => T;

/** @param onWarning called at the first problem, and then at growing intervals */
export function guardedTelemetry(
  api: typeof Api,
  tracer: Api.Tracer,
  onWarning: (text: string) => unknown,
): OpenTelemetry {
  const report = withoutRepeats(onWarning);
  const attempt: Attempt = (work, otherwise) => {
    try {
      return work();
    } catch (error) {
      const text = `a trace is incomplete, because the SDK of OpenTelemetry has failed: ${messageOf(error)}`;
      report(text, 'failed');
      return otherwise();
    }
  };
  return {
    api,
    tracer: {
      startSpan: (...args) =>
        attempt(
          () => guardedSpan(tracer.startSpan(...args), attempt),
          () => api.trace.wrapSpanContext(api.INVALID_SPAN_CONTEXT),
        ),
    },
    propagation: {
      extract: (context, ...rest) =>
        attempt(
          () => api.propagation.extract(context, ...rest),
          () => context,
        ),
      inject: (...args) =>
        attempt(
          () => api.propagation.inject(...args),
          () => undefined,
        ),
    },
  };
}

/** A method that fails returns the span, as most methods do anyway. */
function guardedSpan(span: Api.Span, attempt: Attempt): Api.Span {
  const guarded: Api.Span = new Proxy(span, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: readonly unknown[]): unknown => {
        const result = attempt<unknown>(
          () => Reflect.apply(value, target, args),
          () => target,
        );
        return result === target ? guarded : result;
      };
    },
  });
  return guarded;
}
