import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { expect, test } from 'vitest';
import { createRedactingProcessor } from './redaction-processor.js';

function finished(use: (provider: NodeTracerProvider) => void) {
  const exporter = new InMemorySpanExporter();
  use(
    new NodeTracerProvider({
      spanProcessors: [createRedactingProcessor(), new SimpleSpanProcessor(exporter)],
    }),
  );
  return exporter.getFinishedSpans();
}

test('secrets in the names of a span and its events go', () => {
  const [span] = finished((provider) => {
    const started = provider.getTracer('test').startSpan('login eyJhbGciOiJI.eyJzdWIiOiJz.c2lnbmF0');
    started.addEvent('password: hunter2').addEvent('order created');
    started.end();
  });
  expect(span?.name).toBe('login REDACTED');
  expect(span?.events.map(({ name }) => name)).toEqual(['password: REDACTED', 'order created']);
});

test('a name that is no text does not reach the service as an error', () => {
  const spans = finished((provider) => {
    for (const wrong of [null, undefined, 5, {}]) {
      const started = provider.getTracer('test').startSpan(wrong as never);
      started.addEvent(wrong as never);
      started.updateName(wrong as never);
      started.end();
    }
  });
  expect(spans).toHaveLength(4);
});
