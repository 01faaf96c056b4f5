import { histogram, withSpan } from '@throughline/core';
import { captureObservability } from '@throughline/core/testing';
import { collectGarbage } from '@throughline/testbed/collect-garbage';
import { Counter, Histogram, Registry, Summary } from 'prom-client';
import { expect, test } from 'vitest';
import { CommandError } from '../command-line/errors.js';
import { parseExposition } from './parse-exposition.js';

test('text format 0.0.4, with everything that it allows', () => {
  const metrics = parseExposition(
    [
      '# HELP http_requests_total The total\\nof \\\\ requests.',
      '# TYPE http_requests_total counter',
      'http_requests_total{method="post",path="C:\\\\DIR\\\\\\"x\\"\\n",} 1027 1395066363000',
      'http_requests_total 3',
      '',
      '# just a comment',
      'metric_without_timestamp_and_labels 12.47',
      'something_weird{problem="division by zero"} +Inf -3982045',
      '  \t',
      '# TYPE rpc_duration_seconds summary',
      'rpc_duration_seconds { quantile = "0.01" } 3102',
      'rpc_duration_seconds_sum 1.7560473e+07',
      'rpc_duration_seconds_count NaN',
    ].join('\r\n'),
  );
  expect(metrics.map(({ name, type, samples }) => [name, type, samples.length])).toEqual([
    ['http_requests_total', 'counter', 2],
    ['metric_without_timestamp_and_labels', 'unknown', 1],
    ['something_weird', 'unknown', 1],
    ['rpc_duration_seconds', 'summary', 3],
  ]);
  expect(metrics[0]?.help).toBe('The total\nof \\ requests.');
  expect(metrics[0]?.samples[0]).toEqual({
    name: 'http_requests_total',
    labels: { method: 'post', path: 'C:\\DIR\\"x"\n' },
    value: 1027,
    timestamp: 1395066363000,
    exemplar: undefined,
  });
  expect(metrics[2]?.samples[0]).toMatchObject({ value: Number.POSITIVE_INFINITY, timestamp: -3982045 });
  expect(metrics[3]?.samples[2]?.value).toBeNaN();
});

test('OpenMetrics: families of counters, units, exemplars, quoted names', () => {
  const metrics = parseExposition(
    [
      '# TYPE acme_http_router_request_seconds summary',
      '# UNIT acme_http_router_request_seconds seconds',
      'acme_http_router_request_seconds_sum{path="/api/v1",method="GET"} 9036.32 1.5',
      '# TYPE orders counter',
      'orders_total{channel="web"} 17 # {trace_id="4bf9",span_id="00f0"} 1.0 1520879607.789',
      'orders_created{channel="web"} 1520872607.123',
      '# TYPE "orders.by.hand" gauge',
      '{"orders.by.hand","shop.id"="x # }"} 3',
      '# EOF',
      '',
    ].join('\n'),
  );
  expect(metrics.map(({ name, type, samples }) => [name, type, samples.length])).toEqual([
    ['acme_http_router_request_seconds', 'summary', 1],
    ['orders_total', 'counter', 2],
    ['orders.by.hand', 'gauge', 1],
  ]);
  expect(metrics[1]?.samples[0]?.exemplar).toEqual({
    labels: { trace_id: '4bf9', span_id: '00f0' },
    value: 1,
    timestampSeconds: 1520879607.789,
  });
  expect(metrics[2]?.samples[0]).toMatchObject({ labels: { 'shop.id': 'x # }' }, value: 3 });
});

test.each([
  ['<html>', 1, 'a metric name is missing'],
  ['a 1\nb{c="d} 2', 2, 'a quoted text that ends is missing'],
  ['a{b=c} 1', 1, 'is not quoted'],
  ['a{b="c" d="e"} 1', 1, "ends with ','"],
  ['a{b="c",b="d"} 1', 1, "label 'b' is there twice"],
  ['a', 1, 'a number is missing'],
  ['a one', 1, "'one' is not a number"],
  ['a 1 2 3', 1, 'more than a sample has'],
  ['# TYPE a countr', 1, "'countr' is not a type"],
])('%j is not an exposition', (text, line, reason) => {
  const parse = () => parseExposition(text);
  expect(parse).toThrow(CommandError);
  expect(parse).toThrow(
    expect.objectContaining({
      code: 'OBS_EXPOSITION_INVALID',
      message: expect.stringMatching(new RegExp(`^Line ${line} .*${reason}`)),
    }),
  );
});

test('reads back what Throughline and prom-client write, with the same names in both formats', async () => {
  const registry = new Registry();
  const registers = [registry];
  new Counter({ name: 'a_total', help: 'A "b" \\ c\nd', labelNames: ['x'], registers }).inc({ x: 'q"\\\n' });
  new Histogram({ name: 'b_seconds', help: 'B', buckets: [1], registers }).observe(0.5);
  new Summary({ name: 'c_seconds', help: 'C', registers }).observe(0.5);
  const captured = captureObservability({
    serviceName: 'x',
    metrics: { registries: [registry], runtime: true },
  });
  try {
    const own = histogram({ name: 'd_seconds', help: 'D' });
    withSpan('work', () => own.observe(0.2));
    // An export between the two answers would add its metric to the second one only.
    await captured.observability.flush();
    // The same holds for the first collection of garbage, which is observed a moment later.
    collectGarbage();
    await expect.poll(() => captured.metrics()).toContain('nodejs_gc_duration_seconds_count{');
    const text = parseExposition((await captured.observability.metrics.render()).body);
    const open = parseExposition(await captured.metrics());
    // OpenMetrics has a type for it, the text format has not.
    const names = (metrics: typeof text) =>
      metrics.filter(({ name }) => !name.startsWith('target')).map(({ name, type }) => `${name} ${type}`);
    expect(names(open)).toEqual(names(text));
    expect(text.find(({ name }) => name === 'a_total')).toMatchObject({
      help: 'A "b" \\ c\nd',
      samples: [{ labels: { x: 'q"\\\n', service_name: 'x' }, value: 1 }],
    });
    const exemplars = open
      .find(({ name }) => name === 'd_seconds')
      ?.samples.flatMap(({ exemplar }) => exemplar ?? []);
    expect(exemplars).toHaveLength(1);
    expect(exemplars?.[0]?.labels.trace_id).toMatch(/^[0-9a-f]{32}$/);
    expect(parseExposition(await registry.metrics()).map(({ samples }) => samples.length)).toEqual([1, 4, 9]);
  } finally {
    await captured.stop();
  }
});
