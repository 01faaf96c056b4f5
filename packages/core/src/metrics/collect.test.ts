import { metrics as otelMetrics } from '@opentelemetry/api';
import * as successor from '@prometheus-io/client';
import * as promClient from 'prom-client';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { afterEach, describe, expect, test } from 'vitest';
import type { MetricRegistry } from '../options/metric-options.js';
import { type CapturedObservability, captureObservability } from '../testing.js';
import { createCollector } from './collect.js';
import { renderMetrics } from './exposition.js';

interface Said {
  readonly metric: string;
  readonly what: string;
}

function collector(timeoutMillis?: number) {
  const said: Said[] = [];
  const collect = createCollector({
    collectFailed: (metric, cause) => said.push({ metric, what: (cause as Error).message }),
    conflicting: (metric, what) => said.push({ metric, what }),
  });
  return {
    said,
    text: async (...registries: MetricRegistry[]) =>
      renderMetrics(await collect(registries, { timeoutMillis }), {}, 'text'),
  };
}

describe('several registries make one answer', () => {
  test('default labels are kept, and a metric that is in two of them is served once', async () => {
    const [first, second] = [new Registry(), new Registry()];
    second.setDefaultLabels({ region: 'eu' });
    const shared = new Gauge({ name: 'shared', help: 's', registers: [first, second] });
    shared.set(1);
    new Counter({ name: 'only_total', help: 'o', labelNames: ['a'], registers: [second] }).inc({ a: 'b' }, 2);
    const { text, said } = collector();
    const answer = await text(first, second, first);
    expect(answer.match(/^shared/gm)).toHaveLength(1);
    expect(answer).toContain('only_total{region="eu",a="b"} 2\n');
    expect(said).toEqual([]);
  });

  test('two metrics of one name and the same labels are one metric, each series once', async () => {
    const registries = [new Registry(), new Registry()];
    for (const [index, registry] of registries.entries()) {
      const counter = new Counter({
        name: 'jobs_total',
        help: 'j',
        labelNames: ['kind'],
        registers: [registry],
      });
      counter.inc({ kind: 'both' }, 10 + index);
      counter.inc({ kind: `only ${index}` });
    }
    const { text, said } = collector();
    expect(await text(...registries)).toBe(
      '# HELP jobs_total j\n# TYPE jobs_total counter\njobs_total{kind="both"} 10\njobs_total{kind="only 0"} 1\njobs_total{kind="only 1"} 1\n',
    );
    expect(said).toEqual([]);
  });

  test.each([
    [
      'other labels',
      (registry: Registry) =>
        new Counter({ name: 'jobs_total', help: 'j', labelNames: ['queue'], registers: [registry] }),
      'with the labels [kind] and with [queue]',
    ],
    [
      'another kind',
      (registry: Registry) =>
        new Gauge({ name: 'jobs_total', help: 'j', labelNames: ['kind'], registers: [registry] }),
      'as a counter and as a gauge',
    ],
  ])('two metrics of one name with %s: the first is served, the other said', async (_case, declare, what) => {
    const [first, second] = [new Registry(), new Registry()];
    new Counter({ name: 'jobs_total', help: 'j', labelNames: ['kind'], registers: [first] }).inc({
      kind: 'a',
    });
    declare(second);
    const { text, said } = collector();
    expect(await text(first, second)).toContain('jobs_total{kind="a"} 1\n');
    expect(said).toEqual([{ metric: 'jobs_total', what }]);
  });
});

describe('a collect callback', () => {
  const fine = (registry: Registry) => new Gauge({ name: 'fine', help: 'f', registers: [registry] }).set(1);

  test('that throws or rejects costs only its own metric', async () => {
    const registry = new Registry();
    const broken = (name: string, collect: () => void | Promise<void>) =>
      new Gauge({ name, help: 'b', registers: [registry], collect });
    broken('throws', () => {
      throw new Error('no connection');
    });
    broken('rejects', () => Promise.reject(new Error('no answer')));
    fine(registry);
    const { text, said } = collector();
    expect(await text(registry)).toContain('fine 1\n');
    expect(said).toEqual([
      { metric: 'throws', what: 'no connection' },
      { metric: 'rejects', what: 'no answer' },
    ]);
  });

  test('that hangs is left out, and not asked again until it has answered', async () => {
    const registry = new Registry();
    let asked = 0;
    let release = () => {};
    new Gauge({
      name: 'slow',
      help: 's',
      registers: [registry],
      collect() {
        asked++;
        return new Promise<void>((resolve) => {
          release = resolve;
        });
      },
    });
    fine(registry);
    const { text, said } = collector(20);
    expect(await text(registry)).toContain('fine 1\n');
    expect(await text(registry)).not.toContain('slow');
    expect(asked).toBe(1);
    expect(said.map(({ what }) => what)).toEqual([
      'no answer within 20 ms',
      'it has not answered an earlier scrape yet',
    ]);
    release();
    await new Promise(setImmediate);
    const third = text(registry);
    expect(asked).toBe(2);
    release();
    expect(await third).toContain('slow 0\n');
  });
});

describe('in a service', () => {
  let captured: CapturedObservability;
  afterEach(() => {
    promClient.register.clear();
    successor.register.clear();
    return captured.stop();
  });

  test("prom-client's and its successor's default registries are found, others are given", async () => {
    const own = new successor.Registry();
    captured = captureObservability({
      serviceName: 'orders',
      metrics: { registries: [own, new Registry()] },
    });
    new promClient.Counter({ name: 'old_total', help: 'o' }).inc();
    new successor.Counter({ name: 'new_total', help: 'n' }).inc(2);
    new successor.Histogram({ name: 'own_seconds', help: 'o', buckets: [1], registers: [own] }).observe(0.5);
    const metrics = await captured.metrics();
    expect(metrics).toContain('old_total{service_name="orders"} 1\n');
    expect(metrics).toContain('new_total{service_name="orders"} 2\n');
    expect(metrics).toContain('own_seconds_bucket{le="1.0",service_name="orders"} 1\n');
  });

  test('both with their default metrics: each series once, nothing to complain about', async () => {
    captured = captureObservability({ metrics: { runtime: true } });
    promClient.collectDefaultMetrics();
    successor.collectDefaultMetrics();
    const series = (await captured.metrics())
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.replace(/ \S+( #.*)?$/, ''));
    expect(new Set(series).size).toBe(series.length);
    expect(series.filter((name) => name.startsWith('process_cpu_seconds_total'))).toHaveLength(1);
    expect(captured.logLines.filter(({ code }) => code)).toEqual([]);
  });

  test('failures are counted and said once; a metric of the OpenTelemetry API with other labels as well', async () => {
    captured = captureObservability({ serviceName: 'orders' });
    new Gauge({
      name: 'broken',
      help: 'b',
      collect: () => {
        throw new Error('no connection');
      },
    });
    new Histogram({ name: 'wait_seconds', help: 'w', labelNames: ['queue'] }).observe({ queue: 'a' }, 1);
    otelMetrics.getMeter('app').createHistogram('wait', { unit: 's' }).record(1, { shard: 'b' });
    await captured.metrics();
    await captured.metrics();
    const metrics = await captured.metrics();
    expect(metrics).toContain(
      'throughline_collect_failures_total{metric="broken",service_name="orders"} 3\n',
    );
    expect(metrics).not.toContain('shard=');
    expect(captured.logLines.filter(({ code }) => code).map(({ code }) => code)).toEqual([
      'OBS_METRICS_COLLECT_FAILED',
      'OBS_METRIC_CONFLICT',
    ]);
  });

  test("a target_info of the service's own does not stand beside the one of the resource", async () => {
    captured = captureObservability({ serviceName: 'orders' });
    new Gauge({ name: 'target_info', help: 't', labelNames: ['mine'] }).set({ mine: 'x' }, 1);
    const metrics = await captured.metrics();
    expect(metrics.match(/^target_info/gm)).toHaveLength(1);
    expect(metrics).not.toContain('mine=');
    expect(captured.logLines.filter(({ code }) => code).map(({ code }) => code)).toEqual([
      'OBS_METRIC_CONFLICT',
    ]);
  });

  test('target_info has the resource attributes that are no labels', async () => {
    captured = captureObservability({
      serviceName: 'orders',
      resourceAttributes: { 'k8s.pod.name': 'orders-1' },
    });
    expect(await captured.metrics()).toMatch(
      /# TYPE target info\ntarget_info\{k8s_pod_name="orders-1",service_instance_id="orders-1:\d+",service_name="orders"\} 1\n/,
    );
  });
});
