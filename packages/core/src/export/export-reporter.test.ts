import { trace } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { withSpan } from '../index.js';
import { captureObservability } from '../testing.js';
import { exportReporter } from './export-reporter.js';

test('what is said of an export carries no trace of the request in which it failed', async () => {
  const captured = captureObservability();
  try {
    const spans: unknown[] = [];
    const reporter = exportReporter('spans', 'http://c/v1/traces', () => spans.push(trace.getActiveSpan()));
    withSpan('request', () => {
      reporter.failed(1, 0, undefined);
      reporter.dropped(1);
      expect(trace.getActiveSpan()).toBeDefined();
    });
    expect(spans).toEqual([undefined, undefined]);
  } finally {
    await captured.stop();
  }
});
