import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startIntake } from '@throughline/testbed/otlp-intake';
import { promtool } from '@throughline/testbed/promtool';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { installPacked } from './packed.mjs';

/* The services of docs/from-*.md, as they were and as they are with Throughline, in real processes. */
const repository = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const examples = repository('examples/moving-from');
let folder: string;
let intake: Awaited<ReturnType<typeof startIntake>>;
let stops: (() => void)[];
/** The stock service that orders asks: traceparent of each request. */
let asked: (string | undefined)[];
let stockUrl: string;

beforeAll(async () => {
  ({ folder } = await installPacked([
    'express@5',
    'winston@3',
    'dd-trace@5',
    '@opentelemetry/api@1.9.1',
    '@opentelemetry/exporter-prometheus@0.223.0',
    '@opentelemetry/exporter-trace-otlp-http@0.223.0',
    '@opentelemetry/instrumentation-express@0.71.1',
    '@opentelemetry/instrumentation-http@0.223.0',
    '@opentelemetry/instrumentation-undici@0.33.0',
    '@opentelemetry/instrumentation-winston@0.67.0',
    '@opentelemetry/sdk-node@0.223.0',
  ]));
  for (const name of ['opentelemetry', 'dd-trace', 'actuator']) {
    cpSync(join(examples, name), join(folder, name), { recursive: true });
  }
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(async () => {
  stops = [];
  asked = [];
  intake = await startIntake();
  stockUrl = await listen((traceparent) => asked.push(traceparent));
});
afterEach(async () => {
  for (const stop of stops) stop();
  await intake.stop();
});

async function listen(seen: (traceparent: string | undefined) => void): Promise<string> {
  const server = createServer((incoming, response) => {
    seen(incoming.headers.traceparent as string | undefined);
    incoming.resume();
    response.end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Line extends Record<string, unknown> {
  readonly message: string;
}

async function start(args: string[], env: Record<string, string> = {}) {
  const metricsPort = await freePort();
  const child = spawn(process.execPath, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      STOCK_URL: stockUrl,
      OTEL_SERVICE_NAME: 'orders',
      OTEL_BSP_SCHEDULE_DELAY: '50',
      OTEL_EXPORTER_OTLP_ENDPOINT: intake.url,
      OTEL_EXPORTER_PROMETHEUS_PORT: String(metricsPort),
      DD_TRACE_AGENT_URL: 'http://127.0.0.1:9',
      DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
      DD_REMOTE_CONFIGURATION_ENABLED: 'false',
      DD_TRACE_STARTUP_LOGS: 'false',
      ...env,
    },
  });
  stops.push(() => child.kill('SIGKILL'));
  const lines: Line[] = [];
  createInterface({ input: child.stdout }).on('line', (text) => lines.push(JSON.parse(text)));
  const line = (message: string) => vi.waitUntil(() => lines.find((one) => one.message === message), 15_000);
  const { port } = await line('listening');
  // The service may listen before its endpoint does.
  const scrape = () => fetch(`http://127.0.0.1:${metricsPort}/metrics`).catch(() => undefined);
  const metrics = async () => (await vi.waitUntil(scrape, 15_000)).text();
  return { url: `http://127.0.0.1:${port}`, line, metrics };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Nothing of this process goes into the headers. */
async function post(url: string, headers: Record<string, string> = {}): Promise<void> {
  const [response] = await once(request(url, { method: 'POST', headers }).end(), 'response');
  expect(response.statusCode).toBe(200);
  response.resume();
  await once(response, 'end');
}

const seriesOf = (metrics: string, name: string) =>
  metrics.split('\n').filter((text) => text.startsWith(`${name}{`));

describe('from OpenTelemetry', () => {
  const before = ['--require', './opentelemetry/instrumentation.cjs', 'opentelemetry/server.cjs'];
  const after = ['--import', '@throughline/core/register', 'opentelemetry/server.cjs'];

  /** One request, and what is known of it. */
  async function observe(args: string[]) {
    const service = await start(args);
    await post(`${service.url}/orders/7?page=1`);
    const line = await service.line('order placed');
    await vi.waitUntil(() => intake.spansOf('orders').some(({ kind }) => kind === 2), 10_000);
    const spans = intake.spansOf('orders');
    const one = (kind: number) => spans.find((span) => span.kind === kind);
    return { spans, server: one(2), client: one(3), line, metrics: await service.metrics() };
  }

  test('the same service, unchanged, has the same trace, metrics and lines', async () => {
    const old = await observe(before);
    await intake.stop();
    intake = await startIntake();
    const now = await observe(after);

    expect([old.server?.scope, now.server?.scope]).toEqual([
      '@opentelemetry/instrumentation-http',
      '@throughline/core',
    ]);
    expect(now.server?.name).toBe(old.server?.name);
    const names = (attributes: Record<string, unknown> = {}) => Object.keys(attributes).sort();
    expect(names(now.server?.attributes)).toEqual(names(old.server?.attributes));
    // The stock one has these on every span of fetch, though the method is the original and there is no query.
    const redundant = ['http.request.method_original', 'url.query'];
    const oldNames = names(old.client?.attributes).filter((name) => !redundant.includes(name));
    expect(names(now.client?.attributes)).toEqual(oldNames);
    // Throughline says that the ids of its traces are random, as W3C Trace Context, Level 2, asks for.
    const flags = { old: '01', now: '03' };
    for (const [name, { spans, server, client, line }] of Object.entries({ old, now })) {
      const price = spans.find(({ name }) => name === 'price');
      expect(price?.attributes).toEqual({ 'order.id': '7' });
      expect([price?.traceId, client?.traceId, line.trace_id]).toEqual(Array(3).fill(server?.traceId));
      expect(line).toMatchObject({ order: '7', trace_flags: flags[name as keyof typeof flags] });
    }
    expect(asked).toEqual([
      `00-${old.client?.traceId}-${old.client?.spanId}-01`,
      `00-${now.client?.traceId}-${now.client?.spanId}-03`,
    ]);

    // What the page says comes out differently.
    expect(old.spans.map(({ name }) => name)).toContain('request handler');
    expect(now.spans.map(({ name }) => name).sort()).toEqual(['GET', 'POST /orders/:id', 'price']);
    const [oldSeries = ''] = seriesOf(old.metrics, 'http_server_request_duration_count');
    const [newSeries = ''] = seriesOf(now.metrics, 'http_server_request_duration_seconds_count');
    for (const label of ['http_request_method', 'http_route', 'http_response_status_code']) {
      const pair = new RegExp(`${label}="[^"]*"`);
      expect(pair.exec(newSeries)?.[0]).toBe(pair.exec(oldSeries)?.[0] ?? 'missing');
    }
    for (const label of ['url_scheme', 'network_protocol_version', 'otel_scope_name']) {
      expect(oldSeries).toContain(label);
      expect(newSeries).not.toContain(label);
    }
    expect(seriesOf(old.metrics, 'orders_placed_total')[0]).toMatch(/channel="web".* 1$/);
    expect(seriesOf(now.metrics, 'orders_placed_total')[0]).toMatch(/channel="web".* 1$/);
    expect(seriesOf(now.metrics, 'http_client_request_duration_seconds_count')).toHaveLength(1);
  });

  test('both at once: each request is in both, and it is said', async () => {
    const service = await start([
      '--require',
      './opentelemetry/instrumentation.cjs',
      '--import',
      '@throughline/core/register',
      'opentelemetry/server.cjs',
    ]);
    await post(`${service.url}/orders/7`);
    await service.line('order placed');
    const scopes = () => intake.spansOf('orders').flatMap(({ kind, scope }) => (kind === 2 ? scope : []));
    await expect
      .poll(() => scopes().sort())
      .toEqual(['@opentelemetry/instrumentation-http', '@throughline/core']);
  });
});

describe('from dd-trace', () => {
  test('after the move the same span, tags, metric and line come from Throughline', async () => {
    const service = await start(['dd-trace/after.cjs']);
    await post(`${service.url}/orders/7`);
    const line = await service.line('order placed');
    await vi.waitUntil(() => intake.spansOf('orders').some(({ kind }) => kind === 2), 10_000);
    const server = intake.spansOf('orders').find(({ kind }) => kind === 2);
    expect(server?.name).toBe('POST /orders/:id');
    expect(server?.attributes['customer.tier']).toBe('gold');
    expect(intake.spansOf('orders').find(({ name }) => name === 'price')?.attributes['order.id']).toBe('7');
    expect(line).toMatchObject({ trace_id: server?.traceId, span_id: server?.spanId });
    expect(seriesOf(await service.metrics(), 'orders_placed_total')[0]).toMatch(/channel="web".* 1$/);
  });

  test('a service that has not moved calls one that has: one trace id', async () => {
    const moved = await start(['dd-trace/after.cjs']);
    const old = await start(['dd-trace/before.cjs'], { STOCK_URL: moved.url });
    await post(`${old.url}/orders/7`);
    const { dd } = (await old.line('order placed')) as unknown as { dd: { trace_id: string } };
    expect(dd.trace_id).toMatch(/^[0-9a-f]{32}$/);
    await vi.waitUntil(() => intake.spansOf('orders').length > 0, 10_000);
    expect(intake.spansOf('orders').map(({ traceId }) => traceId)).toEqual([dd.trace_id]);
  });

  test('and the other way round', async () => {
    const old = await start(['dd-trace/before.cjs']);
    // What a service with Throughline sends.
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    await post(`${old.url}/orders/7`, { traceparent: `00-${traceId}-00f067aa0ba902b7-01` });
    expect(await old.line('order placed')).toMatchObject({ dd: { trace_id: traceId } });
    expect(asked[0]).toContain(traceId);
  });

  test("with Datadog's headers only, the bridge continues the trace", async () => {
    const moved = await start(['dd-trace/after.cjs'], {
      THROUGHLINE_LEGACY_TRACE_HEADER: 'x-datadog-trace-id',
    });
    const old = await start(['dd-trace/before.cjs'], {
      STOCK_URL: moved.url,
      DD_TRACE_PROPAGATION_STYLE: 'datadog',
    });
    await post(`${old.url}/orders/7`);
    const { dd } = (await old.line('order placed')) as unknown as { dd: { trace_id: string } };
    await vi.waitUntil(() => intake.spansOf('orders').length > 0, 10_000);
    expect(intake.spansOf('orders').map(({ traceId }) => traceId)).toEqual([dd.trace_id]);
  });
});

describe('beside Spring', () => {
  test("Actuator's paths answer", async () => {
    const service = await start(['actuator/service.mjs']);
    await (await fetch(`${service.url}/orders/7`)).text();
    const answers = await Promise.all(
      ['prometheus', 'health', 'health/liveness', 'health/readiness'].map(async (path) => {
        const response = await fetch(`${service.url}/actuator/${path}`);
        return { status: response.status, text: await response.text() };
      }),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(answers[0]?.text).toMatch(
      /^http_server_request_duration_seconds_count\{.*http_route="\/orders\/:id".* 1$/m,
    );
    expect(JSON.parse(answers[1]?.text ?? '')).toMatchObject({ status: 'ok', checks: { stock: {} } });
    // Probes that come at the same time share the result of the checks.
    expect([1, 2]).toContain(asked.length);
  });

  const checker = promtool();
  test.skipIf(!checker)("Prometheus makes Micrometer's series out of ours", () => {
    const run = (...args: string[]) =>
      execFileSync(checker ?? '', args, { cwd: join(examples, 'actuator'), encoding: 'utf8', stdio: 'pipe' });
    expect(run('check', 'rules', '--lint-fatal', 'micrometer-names.rules.yaml')).toContain('3 rules found');
    expect(run('test', 'rules', 'micrometer-names.test.yaml')).toContain('SUCCESS');
  });

  test('every metric that the page names is one that exists', async () => {
    const service = await start(['actuator/service.mjs']);
    const known = `${await service.metrics()}${readFileSync(repository('docs/reference/metrics.md'), 'utf8')}`;
    const page = readFileSync(repository('docs/from-actuator.md'), 'utf8');
    const ours = page
      .split('\n')
      .filter((row) => row.startsWith('| `') || row.startsWith('| common'))
      .flatMap(
        (row) =>
          row
            .split(' | ')
            .slice(1)
            .join()
            .match(/\b(http|db|messaging|nodejs|process)_\w+/g) ?? [],
      )
      .filter((name) => !/^(http_(request|route|response)|db_client_connection_state)/.test(name));
    expect(ours.length).toBeGreaterThan(15);
    expect(ours.filter((name) => !known.includes(name))).toEqual([]);
  });
});
