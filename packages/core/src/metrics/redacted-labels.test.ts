import { metrics } from '@opentelemetry/api';
import { Counter, Histogram, Registry } from 'prom-client';
import { afterEach, expect, test } from 'vitest';
import { counter, histogram } from '../index.js';
import { type CapturedObservability, captureObservability } from '../testing.js';

let captured: CapturedObservability;
afterEach(() => captured.stop());

const url = (password: string) => `postgres://shop:${password}@db:5432/shop`;

test('labels of every kind of metric show no secret, and series that are equal then become one', async () => {
  const registers = [new Registry()];
  captured = captureObservability({ metrics: { registries: registers } });
  counter({ name: 'calls_total', help: 'c', labelNames: ['target'] }).inc({ target: url('hunter2') });
  const theirs = new Counter({ name: 'theirs_total', help: 't', labelNames: ['target'], registers });
  theirs.inc({ target: url('hunter2') }, 2);
  theirs.inc({ target: url('hunter3') }, 3);
  theirs.inc({ target: 'plain' });
  const took = new Histogram({ name: 'took', help: 't', labelNames: ['target'], registers, buckets: [1] });
  took.observe({ target: '/reset?token=hunter2' }, 0.5);
  metrics.getMeter('app').createCounter('api').add(1, { target: 'Bearer hunter2hunter2' });
  const text = await captured.metrics();
  expect(text).not.toContain('hunter');
  expect(text).toMatch(/^theirs_total\{target="postgres:\/\/REDACTED:REDACTED@db:5432\/shop"[^}]*\} 5$/m);
  expect(text).toMatch(/^theirs_total\{target="plain"[^}]*\} 1$/m);
  expect(text).toMatch(/^took_count\{target="\/reset\?token=REDACTED"[^}]*\} 1$/m);
});

test('a label with the name of a secret shows none of its value, however it is recorded', async () => {
  captured = captureObservability({});
  counter({ name: 'logins_total', help: 'l', labelNames: ['api_key', 'kind'] }).inc({
    api_key: 'k1',
    kind: 'a',
  });
  counter({ name: 'plain_total', help: 'l', labelNames: ['api_key'] }).inc({ api_key: '' });
  const meter = metrics.getMeter('app');
  meter.createCounter('uses').add(1, { 'user.password': 'p1' });
  meter.createCounter('uses').add(2, { 'user.password': 'p2' });
  const text = await captured.metrics();
  expect(text).toMatch(/^logins_total\{api_key="REDACTED",kind="a"[^}]*\} 1$/m);
  expect(text).toMatch(/^plain_total(?:\{(?!api_key)[^}]*\})? 1$/m);
  expect(text).toMatch(/^uses_total\{user_password="REDACTED"[^}]*\} 3$/m);
});

test('a scrape shows exemplars without secrets', async () => {
  captured = captureObservability({});
  const took = histogram({ name: 'took2', help: 't', labelNames: [], buckets: [1], enableExemplars: true });
  took.observe({ value: 0.5, exemplarLabels: { token: 'hunter2', url: '/x?token=hunter2', order: '7' } });
  const { body } = await captured.observability.metrics.render('application/openmetrics-text');
  expect(body).toContain('order="7"');
  expect(body).not.toContain('hunter2');
});

test('resource attributes show no secret, in target_info and on spans', async () => {
  captured = captureObservability({
    resourceAttributes: { 'app.database': url('hunter2'), 'app.token': 'hunter2', 'app.region': 'north' },
  });
  captured.observability.tracer.startSpan('work').end();
  const span = await captured.waitForSpan(({ name }) => name === 'work');
  expect(span.resource.attributes).toMatchObject({ 'app.token': 'REDACTED', 'app.region': 'north' });
  expect(JSON.stringify(span.resource.attributes)).not.toContain('hunter');
  expect(await captured.metrics()).not.toContain('hunter');
  expect(JSON.stringify(await captured.observability.diagnose())).not.toContain('hunter');
});
