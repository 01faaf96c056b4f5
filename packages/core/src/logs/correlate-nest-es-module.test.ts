import { trace } from '@opentelemetry/api';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { withSpan } from '../index.js';
import { type CapturedObservability, captureObservability } from '../testing.js';
import { correlateNestEsModule } from './correlate-nest-es-module.js';

let captured: CapturedObservability;
afterEach(() => captured?.observability.shutdown());

describe('NestJS 12, an ES module', () => {
  test('is joined when work comes and not before, and taken back', async () => {
    captured = captureObservability({ logs: { correlate: [] } });
    // As a service's first file would be, in a folder that can resolve it.
    const nest = correlateNestEsModule(import.meta.filename);
    nest.onWork();
    const { ConsoleLogger } = await import('@nestjs/common');
    const logger = new ConsoleLogger('Orders', { json: true });
    const traceIdOf = async () => {
      const spy = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
      try {
        const id = await withSpan('work', () => {
          logger.log('hello');
          return trace.getActiveSpan()?.spanContext().traceId;
        });
        return { id, written: JSON.parse(String(spy.mock.calls[0]?.[0])).trace_id };
      } finally {
        spy.mockRestore();
      }
    };
    // Before NestJS was there nothing was loaded on its behalf.
    expect((await traceIdOf()).written).toBeUndefined();
    nest.onWork();
    const during = await traceIdOf();
    expect(during.written).toBe(during.id);
    nest.onWork();
    nest.stop();
    expect((await traceIdOf()).written).toBeUndefined();
  });

  test('is no other version, and none where none is installed', () => {
    for (const script of ['/nowhere/main.js', undefined]) {
      const nest = correlateNestEsModule(script);
      nest.onWork();
      nest.stop();
    }
  });
});
