/* The reference pages list what a service really records, and their generators notice what has no description. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { getObservability, logger, observeJob } from '@throughline/core';
import { captureObservability } from '@throughline/core/testing';
import { expect, test } from 'vitest';
import { declaredMetrics } from './metrics-page.js';
import { expectSame } from './source-files.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const names = (page: string) => {
  const text = readFileSync(join(root, 'docs/reference', page), 'utf8');
  return new Set(Array.from(text.matchAll(/^\| `([^`]+)`/gm), ([, name]) => name));
};

test('spans, log lines and metrics of a request and a job have only names of the pages', async () => {
  const captured = captureObservability({
    ...{ serviceName: 'orders', serviceNamespace: 'shop', environment: 'test', team: 'checkout' },
    logs: { canonicalLine: true },
    legacyTraceHeader: 'x-trace-id',
    // A line of Throughline itself.
    env: { OTEL_BSP_MAX_QUEUE_SIZE: 'many' },
  });
  const server = createServer((incoming, response) => {
    getObservability().route(incoming, '/orders/:id');
    logger.error('it failed', Object.assign(new Error('no stock'), { code: 'E_STOCK' }));
    response.end('ok');
  }).listen(0, '127.0.0.1');
  try {
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const call = request({ port, path: '/orders/7?x=1', headers: { 'x-trace-id': 'order-4711' } }).end();
    const [response] = await once(call, 'response');
    response.resume();
    await once(response, 'end');
    await observeJob('nightly report', async () => {
      throw new Error('no report');
    })().catch(() => undefined);
    await captured.waitForSpan(({ name }) => name === 'GET /orders/:id');
    await captured.waitForSpan(({ name }) => name === 'nightly report');

    const used = (records: readonly object[]) => [...new Set(records.flatMap(Object.keys))];
    const attributes = used(captured.spans.map((span) => span.attributes));
    // The id of the caller is on the span under the name that it has on lines.
    const ofSpans = new Set([...names('spans.md'), 'legacy_trace_id']);
    expect(attributes).toContain('http.route');
    expect(attributes.filter((name) => !ofSpans.has(name))).toEqual([]);

    const lines = captured.logLines.filter(({ message }) => message !== 'Throughline is on.');
    const fields = used(lines);
    for (const name of ['error.code', 'http_route', 'job_outcome', 'legacy_trace_id', 'help', 'team'])
      expect(fields).toContain(name);
    expect(fields.filter((name) => !names('log-fields.md').has(name))).toEqual([]);

    const metrics = Array.from((await captured.metrics()).matchAll(/^# HELP (\S+)/gm), ([, name]) => name);
    const ofMetrics = [...names('metrics.md')];
    expect(metrics.length).toBeGreaterThan(10);
    // In OpenMetrics, a counter and an info are named without their ending.
    const isListed = (name = '') =>
      ['', '_total', '_info'].some((ending) => ofMetrics.includes(name + ending));
    expect(metrics.filter((name) => !isListed(name))).toEqual([]);
  } finally {
    server.close();
    await captured.stop();
  }
});

test('a name without a description, and a description of nothing, are errors', () => {
  expect(() => expectSame('Attributes', ['a', 'b'], ['b', 'a'])).not.toThrow();
  expect(() => expectSame('Attributes', ['a'], ['a', 'b'])).toThrow('Attributes without a description: b');
  expect(() => expectSame('Attributes', ['a', 'b'], ['a'])).toThrow('in no code: b');
});

test('labels and buckets are read from constants and lists, also of other files', () => {
  const metric = (name: string) => declaredMetrics(root).find((each) => each.name === name);
  expect(metric('messaging_process_duration_seconds')).toMatchObject({
    kind: 'histogram',
    labels: expect.arrayContaining(['messaging_system', 'error_type', 'messaging_operation_name']),
    buckets: expect.arrayContaining([0.005, 10]),
  });
});
