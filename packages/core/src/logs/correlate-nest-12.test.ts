import { join } from 'node:path';
import { SpanKind, trace } from '@opentelemetry/api';
import { afterEach, expect, test, vi } from 'vitest';
import { withSpan } from '../index.js';
import { type CapturedObservability, captureObservability } from '../testing.js';

// A service is started in its folder, whose package.json names NestJS: here it is that of this package.
process.chdir(join(import.meta.dirname, '../..'));

let captured: CapturedObservability;
afterEach(() => captured?.stop());

test('the logger of NestJS 12, an ES module, is joined with the first request after it was loaded, and taken back', async () => {
  captured = captureObservability({ logs: { correlate: ['nestjs'] } });
  const tracer = trace.getTracer('test');
  const request = () => tracer.startSpan('request', { kind: SpanKind.SERVER }).end();
  request();
  // Nothing was loaded on its behalf.
  expect('getMetadata' in Reflect).toBe(false);

  const { ConsoleLogger } = await import('@nestjs/common');
  const logger = new ConsoleLogger('Orders', { json: true });
  const line = async () => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    try {
      return await withSpan('work', (span) => {
        logger.log('hello');
        const { trace_id: written } = JSON.parse(String(write.mock.calls[0]?.[0]));
        return { written, expected: span.spanContext().traceId };
      });
    } finally {
      write.mockRestore();
    }
  };
  expect((await line()).written).toBeUndefined();
  request();
  const joined = await line();
  expect(joined.written).toBe(joined.expected);
  request();
  await captured.stop();
  expect((await line()).written).toBeUndefined();
});
