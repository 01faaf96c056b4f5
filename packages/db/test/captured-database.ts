import { type Span as ApiSpan, context, trace } from '@opentelemetry/api';
import {
  type CapturedObservability,
  type CaptureOptions,
  captureObservability,
} from '@throughline/core/testing';
import { type DbPluginOptions, dbPlugin } from '@throughline/db';
import { expect } from 'vitest';

export type Span = CapturedObservability['spans'][number];

/** Observability with the plugin, and what a request does under it. */
export function captureDatabase(options: DbPluginOptions = {}, capture: CaptureOptions = {}) {
  const captured = captureObservability({ plugins: [dbPlugin(options)], ...capture });
  return {
    ...captured,
    /**
     * Runs `fn` below a span.
     *
     * @returns its result, and the client spans directly below, as they ended
     */
    async request<T>(fn: () => Promise<T> | T): Promise<{ result: T; spans: readonly Span[] }> {
      const parent = trace.getTracer('test').startSpan('request');
      const result = await underSpan(parent, fn).finally(() => parent.end());
      const { spanId, traceId } = parent.spanContext();
      await captured.waitForSpan((span) => span.spanContext().spanId === spanId);
      const spans = captured.spans.filter((span) => span.parentSpanContext?.spanId === spanId);
      for (const span of spans) expect(span.spanContext().traceId).toBe(traceId);
      return { result, spans };
    },
  };
}
export type CapturedDatabase = ReturnType<typeof captureDatabase>;

async function underSpan<T>(span: ApiSpan, fn: () => Promise<T> | T): Promise<T> {
  return context.with(trace.setSpan(context.active(), span), async () => fn());
}

/** The error that `fn` rejects with, or throws. */
export async function errorOf(fn: () => unknown): Promise<Error & { code?: string }> {
  try {
    await fn();
  } catch (error) {
    return error as Error;
  }
  return expect.unreachable('it did not fail');
}

/** Everything that an application can see of an error, except for its stack. */
export function facts(error: Error) {
  const properties = Object.fromEntries(Object.entries(error));
  return { ...properties, name: error.name, message: error.message, type: error.constructor.name };
}
