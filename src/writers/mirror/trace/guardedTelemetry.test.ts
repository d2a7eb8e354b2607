import * as api from '@opentelemetry/api';
import { afterEach, expect, it, vi } from 'vitest';
import { guardedTelemetry } from './guardedTelemetry.js';

const broken = (): never => {
  throw new Error('a processor of the application');
};

afterEach(() => void vi.restoreAllMocks());

it('what the SDK throws reaches no write, and is reported once', () => {
  const said: string[] = [];
  const span = {
    spanContext: () => api.INVALID_SPAN_CONTEXT,
    setAttribute: broken,
    setAttributes: broken,
    addEvent: broken,
    setStatus: broken,
    updateName: broken,
    end: broken,
  } as unknown as api.Span;
  const tracer = { startSpan: () => span } as unknown as api.Tracer;
  vi.spyOn(api.propagation, 'inject').mockImplementation(broken);
  vi.spyOn(api.propagation, 'extract').mockImplementation(broken);
  const telemetry = guardedTelemetry(api, tracer, (text) => said.push(text));
  const guarded = telemetry.tracer.startSpan('write');
  guarded.setAttribute('a', 1).setStatus({ code: api.SpanStatusCode.ERROR }).addEvent('b').end();
  telemetry.propagation.inject(api.ROOT_CONTEXT, {});
  expect(telemetry.propagation.extract(api.ROOT_CONTEXT, {})).toBe(api.ROOT_CONTEXT);
  expect(guarded.spanContext()).toBe(api.INVALID_SPAN_CONTEXT);
  expect(said).toEqual([expect.stringContaining('a processor of the application')]);
});

it('a span that cannot be started is one that nobody records', () => {
  const tracer = { startSpan: broken } as unknown as api.Tracer;
  const { tracer: guarded } = guardedTelemetry(api, tracer, () => undefined);
  expect(guarded.startSpan('write').isRecording()).toBe(false);
});
