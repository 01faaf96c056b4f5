import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { startIntake } from '@throughline/testbed/otlp-intake';
import { shop } from '@throughline/testbed/paths';
import { anyFreePort } from '@throughline/testbed/ports';
import { createProcesses } from '@throughline/testbed/processes';
import { prometheusHint, startPrometheus } from '@throughline/testbed/prometheus';
import { promtool } from '@throughline/testbed/promtool';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

/* Real Prometheus scrapes a real service, and takes what the same service pushes. */
const processes = createProcesses();
const metricsPort = await anyFreePort();
const prometheus = await startPrometheus({
  processes,
  folder: temporaryFolder(),
  config: {
    global: { scrape_interval: '1s' },
    scrape_configs: [{ job_name: 'pulled', static_configs: [{ targets: [`127.0.0.1:${metricsPort}`] }] }],
  },
});
const tool = promtool();
const isThere = prometheus?.isOwn === true && tool !== undefined;
if (!isThere) {
  if (process.env.CI) test('Prometheus is there', () => expect(isThere, prometheusHint).toBe(true));
  else console.log(`Tests with Prometheus are off: ${prometheusHint}.`);
}

/** Prometheus itself writes the bound of a scraped bucket as 1.0 and of a pushed one as 1. */
const sameBound = ({ le, ...labels }: Record<string, string>) =>
  le === undefined ? labels : { ...labels, le: String(Number(le)) };

// Run from the shop, which has Express and prom-client.
const service = `
  const { counter, gauge, histogram, initObservability, withSpan } = require('@throughline/core');
  const { expressPlugin } = require('@throughline/express');
  const observability = initObservability({ team: 'checkout', plugins: [expressPlugin()] });
  const placed = counter({ name: 'orders_placed_total', help: 'Orders placed.', labelNames: ['channel'] });
  const size = histogram({ name: 'order_size_items', help: 'Items of an order.', buckets: [1, 10] });
  gauge({
    name: 'queue_depth',
    help: 'Jobs that wait.',
    collect() {
      this.set(7);
    },
  });
  const promClient = require(process.env.PROM_CLIENT);
  new promClient.Counter({ name: 'legacy_jobs_total', help: 'Jobs.', labelNames: ['kind'] }).inc({ kind: 'a b"c' });
  new promClient.Histogram({ name: 'legacy_wait_seconds', help: 'Waiting.', buckets: [0.5, 1] }).observe(0.7);
  new promClient.Summary({ name: 'legacy_size_bytes', help: 'Sizes.', percentiles: [0.5] }).observe(4);
  const sizes = new promClient.Summary({ name: 'legacy_part_bytes', help: 'Sizes.', labelNames: ['kind'], percentiles: [0.01, 0.5, 0.999] });
  sizes.observe({ kind: 'head' }, 4);
  sizes.observe({ kind: 'body' }, 5);
  new promClient.Gauge({ name: 'legacy_ratio', help: 'None yet.' }).set(NaN);
  const api = require(process.env.OTEL_API);
  api.metrics.getMeter('app').createCounter('api.calls', { unit: '{call}' }).add(3, { 'peer.name': 'x' });
  api.metrics.getMeter('app').createHistogram('api.duration', { unit: 's' }).record(0.2);
  // What Prometheus does not take, or takes for something else.
  const hostile = { le: '7', '': 'nameless', __name__: 'renamed', 'service.name': 'other', '1st': 'digit' };
  api.metrics.getMeter('app').createHistogram('api.hostile', { unit: 's' }).record(0.2, hostile);
  api.metrics.getMeter('app').createCounter('api.hostile.calls').add(1, hostile);
  api.metrics.getMeter('app').createGauge('api.level').record(NaN);
  const app = require('express')();
  app.get('/orders/:id', (request, response) => {
    placed.inc({ channel: 'web' });
    size.observe(4);
    response.json({});
  });
  const server = app.listen(0, '127.0.0.1', () => console.log('listening ' + server.address().port));`;

describe.skipIf(!isThere)('with real Prometheus', () => {
  let intake: Awaited<ReturnType<typeof startIntake>>;
  let traceId = '';
  const url = prometheus?.url ?? '';
  const query = async (path: string, parameters: Record<string, string>) => {
    const answer = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    return ((await answer.json()) as { data: unknown }).data;
  };
  const series = (match: string) =>
    query('series', { 'match[]': match }) as Promise<Record<string, string>[]>;

  beforeAll(async () => {
    intake = await startIntake();
    const child = processes.start('service', process.execPath, ['-e', service], {
      cwd: shop,
      env: {
        PATH: process.env.PATH,
        PROM_CLIENT: join(shop, '../../packages/core/node_modules/prom-client'),
        OTEL_API: join(shop, '../../packages/core/node_modules/@opentelemetry/api'),
        OTEL_SERVICE_NAME: 'orders',
        OTEL_EXPORTER_OTLP_ENDPOINT: intake.url,
        OTEL_EXPORTER_PROMETHEUS_PORT: String(metricsPort),
        OTEL_BSP_SCHEDULE_DELAY: '50',
        OTEL_METRICS_EXPORTER: 'prometheus,otlp',
        OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${url}/api/v1/otlp/v1/metrics`,
        OTEL_METRIC_EXPORT_INTERVAL: '1000',
        OTEL_METRIC_EXPORT_TIMEOUT: '1000',
      },
    });
    const port = await child.fromLine((line: string) => /^listening (\d+)/.exec(line)?.[1]);
    await fetch(`http://127.0.0.1:${port}/orders/7`);
    await vi.waitUntil(() => intake.spansOf('orders').length === 1, { timeout: 10_000 });
    traceId = intake.spansOf('orders')[0]?.traceId ?? '';
  }, 60_000);
  afterAll(async () => {
    await processes.stopAll();
    await intake.stop();
  });

  test.each([
    ['pulled', 'http_server_request_duration_seconds_bucket'],
    ['pulled', 'orders_placed_total'],
    ['pulled', 'order_size_items_bucket'],
    ['orders', 'http_server_request_duration_seconds_bucket'],
    ['orders', 'orders_placed_total'],
    ['orders', 'order_size_items_bucket'],
  ])('job %s: the exemplar of %s is the trace that was exported', async (job, name) => {
    const traces = async () => {
      const now = Date.now() / 1000;
      const parameters = { query: `${name}{job="${job}"}`, start: String(now - 120), end: String(now + 10) };
      const found = (await query('query_exemplars', parameters)) as {
        exemplars: { labels: Record<string, string> }[];
      }[];
      return found.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels.trace_id));
    };
    await expect.poll(traces, { timeout: 20_000 }).toContain(traceId);
  });

  test('a label that Prometheus does not take, or a value that OTLP does not, costs nothing else', async () => {
    for (const job of ['pulled', 'orders']) {
      await expect
        .poll(() => series(`{job="${job}",__name__=~"api_hostile_(calls_total|seconds_count)"}`), {
          timeout: 20_000,
        })
        .toEqual([
          expect.objectContaining({ exported_service_name: 'other', key_1st: 'digit' }),
          expect.objectContaining({ exported_service_name: 'other', key_1st: 'digit' }),
        ]);
    }
    const dropped = 'throughline_metric_points_total{job="pulled",result="dropped"} > 1';
    await expect
      .poll(async () => (await query('query', { query: dropped })) as { result: unknown[] }, {
        timeout: 20_000,
      })
      .toMatchObject({ result: [expect.anything()] });
  });

  // Of a value that is not finite there is no pushed series. What sockets are open differs from one moment to the next, and with it the series of nodejs_active_*.
  test('pulled and pushed series have the same names and labels', async () => {
    const sets = async () => {
      const of = async (job: string) =>
        (await series(`{job="${job}"}`))
          .filter(
            ({ __name__ }) =>
              !/^(up|scrape_|target_info|nodejs_active_|legacy_ratio$|api_level$)/.test(__name__ ?? ''),
          )
          .map(({ job: _job, instance: _instance, ...labels }) =>
            JSON.stringify(Object.entries(sameBound(labels)).sort(([a], [b]) => (a < b ? -1 : 1))),
          )
          .sort();
      return { pulled: await of('pulled'), pushed: await of('orders') };
    };
    await expect
      .poll(async () => (await series('{job="orders",__name__="legacy_size_bytes_count"}')).length, {
        timeout: 20_000,
      })
      .toBe(1);
    await expect
      .poll(
        async () => {
          const { pulled, pushed } = await sets();
          return {
            onlyPulled: pulled.filter((one) => !pushed.includes(one)),
            onlyPushed: pushed.filter((one) => !pulled.includes(one)),
          };
        },
        { timeout: 20_000 },
      )
      .toEqual({ onlyPulled: [], onlyPushed: [] });
    expect((await sets()).pulled.length).toBeGreaterThan(100);
  });

  test('promtool finds nothing to complain about but the old names of prom-client', async () => {
    const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    const { stdout, stderr, status } = spawnSync(tool ?? '', ['check', 'metrics'], {
      input: text,
      encoding: 'utf8',
    });
    const complaints = (stdout + stderr)
      .split('\n')
      .filter((line) => line !== '' && !/^nodejs_\w+ /.test(line));
    expect(complaints, `exit ${status}`).toEqual([]);
  });

  test.each([
    ['text', 'text/plain;version=0.0.4'],
    ['OpenMetrics', 'application/openmetrics-text;version=1.0.0'],
  ])('the target is up, and %s was understood', async (_format, accept) => {
    const answer = await fetch(`http://127.0.0.1:${metricsPort}/metrics`, { headers: { accept } });
    expect(answer.headers.get('content-type')).toContain(accept.split(';')[0]);
    const up = (await query('query', { query: 'up{job="pulled"}' })) as {
      result: { value: [number, string] }[];
    };
    expect(up.result[0]?.value[1]).toBe('1');
  });
});
