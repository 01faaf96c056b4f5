import { expect, test } from 'vitest';
import { captureObservability } from '../testing.js';
import { metricCheck } from './breaches.js';
import { isConventionalLabel, namingProblems } from './metric-naming.js';

// The good examples of https://prometheus.io/docs/practices/naming/, and others.
test.each([
  ['http_request_duration_seconds', 'histogram'],
  ['node_memory_usage_bytes', 'gauge'],
  ['http_requests_total', 'counter'],
  ['process_cpu_seconds_total', 'counter'],
  ['foobar_build_info', 'gauge'],
  ['data_pipeline_last_record_processed_timestamp_seconds', 'gauge'],
  ['disk_usage_ratio', 'gauge'],
  ['queue_depth', 'gauge'],
  ['queue_depth_min', 'gauge'],
  ['order_value_euros', 'histogram'],
  ['minutes', 'gauge'],
  ['parser_words_total', 'counter'],
  ['db_client_connection_count', 'gauge'],
])('%s (%s) follows the conventions', (name, type) => {
  expect(namingProblems(name, type)).toEqual([]);
});

test.each([
  ['httpRequests_total', 'counter', 'snake case'],
  ['http__requests_total', 'counter', 'snake case'],
  ['job:requests:rate5m', 'gauge', 'snake case'],
  ['requests', 'counter', 'must end in _total'],
  ['queue_depth_total', 'gauge', 'is for counters, but is a gauge'],
  ['request_duration_ms', 'histogram', "is in 'ms' instead of the base unit seconds"],
  ['request_time_milliseconds', 'histogram', 'the base unit seconds'],
  ['cpu_ms_total', 'counter', 'the base unit seconds'],
  ['payload_kb', 'histogram', 'the base unit bytes'],
  ['memory_megabytes', 'gauge', 'the base unit bytes'],
  ['disk_usage_percent', 'gauge', 'the base unit ratio'],
  ['render_duration', 'histogram', 'end it in _duration_seconds'],
  ['response_time', 'histogram', 'end it in _time_seconds'],
  ['orders_counter_total', 'counter', 'belongs to # TYPE'],
  ['orders_count', 'gauge', 'is for the series of histograms'],
])('%s (%s) does not: %s', (name, type, problem) => {
  expect(namingProblems(name, type).join('; ')).toContain(problem);
});

test('labels are in snake case', () => {
  expect(['channel', 'http_route', 'le'].filter((label) => !isConventionalLabel(label))).toEqual([]);
  expect(['httpRoute', 'Channel', 'a__b'].filter(isConventionalLabel)).toEqual([]);
});

test('what Throughline and prom-client name themselves passes, under the strictest list of labels', async () => {
  const captured = captureObservability({ serviceName: 'orders', team: 'a', metrics: { runtime: true } });
  try {
    const check = metricCheck({ mode: 'error', labels: { allowed: [] }, metrics: { naming: true } });
    const { body } = await captured.observability.metrics.render();
    const metrics = [...body.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => ({
      name,
      type,
      labelNames: new Set(
        body
          .split('\n')
          .filter((line) => line.startsWith(name))
          .flatMap((line) => [...line.matchAll(/[{,](\w+)="/g)].map(([, label = '']) => label)),
      ),
    }));
    expect(metrics.length).toBeGreaterThan(20);
    expect(metrics.flatMap(check)).toEqual([]);
  } finally {
    await captured.stop();
  }
});
