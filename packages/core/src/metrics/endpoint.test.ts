import { once } from 'node:events';
import { Agent, createServer, get, request as httpRequest, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { metrics, SpanKind } from '@opentelemetry/api';
import { Gauge, Histogram, Registry } from 'prom-client';
import { afterEach, expect, test } from 'vitest';
import { histogram, withSpan } from '../index.js';
import { type CapturedObservability, type CaptureOptions, captureObservability } from '../testing.js';

let captured: CapturedObservability;
afterEach(() => captured.stop());

async function start(options: CaptureOptions): Promise<string> {
  captured = captureObservability(options);
  await captured.observability.ready;
  const line = captured.logLines.find((entry) => entry.message === 'Throughline is on.');
  return `http://127.0.0.1:${line?.metrics_port}`;
}

test('serves text to a person and OpenMetrics to a scraper that asks, with the identity', async () => {
  const url = await start({
    serviceName: 'orders',
    metrics: { endpoint: { port: 0, host: '127.0.0.1' }, runtime: true },
  });
  const text = await fetch(`${url}/metrics`);
  expect(text.status).toBe(200);
  expect(text.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(text.headers.get('cache-control')).toBe('no-store');
  const body = await text.text();
  expect(body).toMatch(/^process_cpu_seconds_total\{service_name="orders"\} \d/m);
  expect(body).toMatch(/^nodejs_eventloop_lag_seconds\{service_name="orders"\} /m);
  expect(body).toMatch(/^throughline_info\{version="[^"]+",service_name="orders"\} 1$/m);

  const openMetrics = await fetch(`${url}/metrics`, { headers: { accept: 'application/openmetrics-text' } });
  expect(openMetrics.headers.get('content-type')).toBe(
    'application/openmetrics-text; version=1.0.0; charset=utf-8',
  );
  expect((await openMetrics.text()).endsWith('# EOF\n')).toBe(true);
  // Scrapes are not requests of the service.
  await captured.observability.flush();
  expect(captured.spans.filter((span) => span.kind === SpanKind.SERVER)).toEqual([]);
});

test.each(['orders', 'über', '주문'])(
  'every character arrives as UTF-8, with the right length: %s',
  async (route) => {
    const url = await start({ metrics: { endpoint: { port: 0, host: '127.0.0.1' } } });
    captured.observability.metrics
      .gauge({ name: 'depth', help: 'd', labelNames: ['route'] })
      .set({ route }, 1);
    const answer = await fetch(`${url}/metrics`, { headers: { 'accept-encoding': 'identity' } });
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(Number(answer.headers.get('content-length'))).toBe(bytes.length);
    expect(bytes.toString('utf8')).toContain(`depth{route="${route}",`);
  },
);

test('HEAD, other methods and other paths', async () => {
  const url = await start({ metrics: { endpoint: { port: 0, path: '/prom' } } });
  const head = await fetch(`${url}/prom`, { method: 'HEAD' });
  expect(Number(head.headers.get('content-length'))).toBeGreaterThan(0);
  expect(await head.text()).toBe('');
  expect((await fetch(`${url}/prom`, { method: 'POST' })).status).toBe(405);
  const other = await fetch(`${url}/metrics`);
  expect(other.status).toBe(404);
  expect(await other.text()).toContain('/prom');
});

test('a port in use is a warning with a fix; the service runs on', async () => {
  const occupant = createServer().listen(0);
  await once(occupant, 'listening');
  const { port } = occupant.address() as AddressInfo;
  await start({ metrics: { endpoint: { port } } });
  const warning = captured.logLines.find((line) => line.code === 'OBS_METRICS_PORT_IN_USE');
  expect(warning).toMatchObject({
    level: 'warn',
    message: expect.stringMatching(
      new RegExp(
        `^Port ${port} is taken, .*: set OTEL_EXPORTER_PROMETHEUS_PORT to another port, for example \\d+\\.$`,
      ),
    ),
  });
  expect(JSON.stringify(warning)).not.toContain('    at ');
  expect(warning?.fix).toContain('OTEL_EXPORTER_PROMETHEUS_PORT');
  occupant.close();
});

test('connections that somebody holds open keep out neither probes nor a scraper that has one already', async () => {
  const url = await start({ metrics: { endpoint: { port: 0, host: '127.0.0.1' } } });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const scrape = async () => {
    const [response] = (await once(get(`${url}/metrics`, { agent }), 'response')) as [IncomingMessage];
    response.resume();
    await once(response, 'end');
    return response.socket;
  };
  const held: Socket[] = [];
  const hold = async (count: number) => {
    for (let i = 0; i < count; i++) {
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      held.push(socket.on('error', () => {}));
      await once(socket, 'connect');
      // Half of a request, which nobody answers.
      socket.write('GET /livez HTTP/1.1\r\nHost: ');
    }
  };
  await hold(200);
  const scraper = await scrape();
  await hold(150);
  expect((await fetch(`${url}/livez`)).status).toBe(200);
  expect(await scrape()).toBe(scraper);
  for (const socket of held) socket.destroy();
  agent.destroy();
});

test('a host that cannot be bound is a warning too', async () => {
  await start({ metrics: { endpoint: { host: '203.0.113.1', port: 0 } } });
  expect(captured.logLines.map((line) => line.code)).toContain('OBS_METRICS_ENDPOINT_FAILED');
});

test('gzip for those who take it', async () => {
  const url = await start({ metrics: { endpoint: { port: 0 }, runtime: true } });
  const zipped = await fetch(`${url}/metrics`, { headers: { 'accept-encoding': 'gzip' } });
  expect(zipped.headers.get('content-encoding')).toBe('gzip');
  expect(await zipped.text()).toContain('process_cpu_seconds_total');
  const plain = await fetch(`${url}/metrics`, { headers: { 'accept-encoding': 'gzip;q=0, identity' } });
  expect(plain.headers.get('content-encoding')).toBeNull();
});

test('with a token only those who have it are answered', async () => {
  const url = await start({ metrics: { endpoint: { port: 0, token: 's3cret' } } });
  const status = async (authorization?: string) =>
    (await fetch(`${url}/metrics`, authorization ? { headers: { authorization } } : {})).status;
  expect(await status()).toBe(401);
  expect(await status('Bearer wrong')).toBe(401);
  expect(await status('Bearer s3cret')).toBe(200);
});

test('/livez and /readyz run the checks of the service, each within its time', async () => {
  const url = await start({ metrics: { endpoint: { port: 0 } } });
  const { health } = captured.observability;
  const read = async (path: string) => {
    const answer = await fetch(url + path);
    return { status: answer.status, ...((await answer.json()) as object) };
  };
  expect(await read('/livez')).toEqual({ status: 'ok', checks: {} });

  const remove = health.addReadinessCheck('database', () => Promise.reject(new Error('no connection')));
  health.addReadinessCheck('queue', () => true);
  health.addReadinessCheck('hanging', () => new Promise(() => {}), { timeoutMillis: 20 });
  expect((await fetch(`${url}/readyz`)).status).toBe(503);
  expect(await read('/readyz')).toMatchObject({
    status: 'failing',
    checks: {
      database: { status: 'failing', error: 'no connection' },
      queue: { status: 'ok' },
      hanging: { status: 'failing', error: 'no answer within 20 ms' },
    },
  });
  expect((await fetch(`${url}/livez`)).status).toBe(200);
  remove();
  health.addReadinessCheck('hanging', () => undefined);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  health.addLivenessCheck('deadlock', () => false);
  expect((await fetch(`${url}/livez`)).status).toBe(503);
});

test('why a check fails is told without secrets, and not at any length', async () => {
  const url = await start({ metrics: { endpoint: { port: 0, host: '127.0.0.1' } } });
  captured.observability.health.addReadinessCheck('database', () => {
    throw new Error('connect postgres://shop:hunter2@db/shop: refused');
  });
  captured.observability.health.addReadinessCheck('queue', () => {
    throw new Error(`password=hunter2 ${'x'.repeat(1_000_000)}`);
  });
  const body = await (await fetch(`${url}/readyz`)).text();
  expect(body).toContain('connect postgres://REDACTED:REDACTED@db/shop: refused');
  expect(body).not.toContain('hunter2');
  expect(body.length).toBeLessThan(2_000);
});

test('what a check asks of other services makes no spans: a probe is no request of the service', async () => {
  const url = await start({ metrics: { endpoint: { port: 0 } } });
  const { health, flush } = captured.observability;
  const stock = createServer((_request, response) => response.end()).listen(0, '127.0.0.1');
  await once(stock, 'listening');
  health.addReadinessCheck('stock', async () => {
    await withSpan('ask stock', () => fetch(`http://127.0.0.1:${(stock.address() as AddressInfo).port}`));
  });
  const [probe] = await once(get(`${url}/readyz`), 'response');
  expect(probe.statusCode).toBe(200);
  probe.resume();
  await flush();
  expect(captured.spans.filter(({ name }) => name === 'ask stock')).toEqual([]);
  stock.closeAllConnections();
  stock.close();
});

test('on shutdown the service is not ready first, and still scraped until its telemetry is sent', async () => {
  let release: () => void = () => {};
  const exporter = {
    export: (_spans: unknown, done: (result: { code: number }) => void) => {
      release = () => done({ code: 0 });
    },
    shutdown: async () => {},
  };
  const url = await start({ metrics: { endpoint: { port: 0 } }, traces: { exporter } });
  captured.observability.tracer.startSpan('last').end();
  const stopped = captured.stop();
  expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: 'stopping' });
  expect((await fetch(`${url}/metrics`)).status).toBe(200);
  release();
  await stopped;
  await expect(fetch(`${url}/readyz`)).rejects.toThrow();
});

test('the handler can be mounted in the service, and the port is free again after shutdown', async () => {
  const url = await start({ metrics: { endpoint: { port: 0 } } });
  const service = createServer(captured.observability.metricsHandler).listen(0);
  await once(service, 'listening');
  const answer = await fetch(`http://127.0.0.1:${(service.address() as AddressInfo).port}/anything`);
  expect(await answer.text()).toContain('throughline_info');
  service.close();
  await captured.stop();
  await expect(fetch(`${url}/metrics`)).rejects.toThrow();
});

test('a scrape of 10,000 series leaves the event loop to requests, and a scraper may leave early', async () => {
  const url = await start({ metrics: { endpoint: { port: 0 }, maxSeriesPerMetric: 1_000 } });
  for (let metric = 0; metric < 10; metric++) {
    const wide = histogram({ name: `wide${metric}_seconds`, help: 'w', labelNames: ['route'] });
    for (let route = 0; route < 10_000; route++) wide.observe({ route: `/r/${route}` }, 0.1);
  }
  let turns = 0;
  let scraping = true;
  const turn = () => {
    turns++;
    if (scraping) setImmediate(turn);
  };
  const handled = captured.observability.metrics.render('application/openmetrics-text');
  turn();
  const { body } = await handled;
  scraping = false;
  // One piece of work would have left the first turn alone, which stands before it.
  expect(turns).toBeGreaterThan(2);
  expect(body.match(/^wide\d_seconds_count/gm)).toHaveLength(10 * 1_001);

  const request = get(`${url}/metrics`);
  request.on('error', () => {});
  await once(request, 'socket');
  request.end();
  request.destroy();
  expect((await fetch(`${url}/metrics`)).status).toBe(200);
  expect(captured.logLines.filter(({ code }) => code === 'OBS_METRICS_COLLECT_FAILED')).toEqual([]);
});

test('scrapers that leave at any moment leave nothing behind, and the next one is answered', async () => {
  const registers = [new Registry()];
  await start({ metrics: { registries: registers } });
  for (let metric = 0; metric < 5; metric++) {
    const wide = new Histogram({ name: `wide${metric}`, help: 'w', labelNames: ['route'], registers });
    for (let route = 0; route < 1_000; route++) wide.observe({ route: `/r/${route}` }, 0.1);
  }
  let open = 0;
  const service = createServer((request, response) => {
    open++;
    response.once('close', () => open--);
    captured.observability.metricsHandler(request, response);
  }).listen(0);
  await once(service, 'listening');
  const options = { port: (service.address() as AddressInfo).port, headers: { 'accept-encoding': 'gzip' } };
  const leave = [
    // As soon as it is connected, …
    async () => {
      const request = get(options).on('error', () => {});
      const [socket] = await once(request, 'socket');
      await once(socket, 'connect');
      request.destroy();
    },
    // … while the answer is being made, …
    async () => {
      const request = get(options).on('error', () => {});
      const asked = once(service, 'request');
      await asked;
      await new Promise(setImmediate);
      request.destroy();
    },
    // … and in the middle of it.
    async () => {
      const request = get({ ...options, headers: {} });
      const [response] = await once(request, 'response');
      await once(response, 'data');
      response.on('error', () => {}).destroy();
    },
  ];
  for (let round = 0; round < 5; round++) for (const one of leave) await one();
  const answer = await fetch(`http://127.0.0.1:${options.port}/metrics`, {
    headers: { accept: 'application/openmetrics-text' },
  });
  expect((await answer.text()).endsWith('# EOF\n')).toBe(true);
  await expect.poll(() => open).toBe(0);
  expect(captured.logLines.filter(({ code }) => code)).toEqual([]);
  service.closeAllConnections();
  service.close();
});

test('a scraper that says how long it waits is answered in time, without what hangs', async () => {
  const registers = [new Registry()];
  const url = await start({
    serviceName: 'orders',
    metrics: { endpoint: { port: 0 }, registries: registers },
  });
  new Gauge({ name: 'hanging', help: 'h', registers, collect: () => new Promise(() => {}) });
  metrics
    .getMeter('app')
    .createObservableGauge('also.hanging')
    .addCallback(() => new Promise(() => {}));
  metrics.getMeter('app').createCounter('answered').add(1);
  const headers = { 'x-prometheus-scrape-timeout-seconds': '0.25' };
  await fetch(`${url}/metrics`, { headers });
  const text = await (await fetch(`${url}/metrics`, { headers })).text();
  expect(text).toContain('answered_total{service_name="orders"} 1\n');
  const failures = text.match(/(?<=^throughline_collect_failures_total\{metric=")[^"]+/gm);
  expect(failures?.sort()).toEqual(['hanging', 'of the OpenTelemetry API']);
  const said = captured.logLines.filter(({ code }) => code === 'OBS_METRICS_COLLECT_FAILED');
  expect(said.map(({ message }) => message)[0]).toContain(
    "'hanging' could not be collected: no answer within 200 ms",
  );
  expect(said).toHaveLength(2);
});

test('metrics are answered before the service listens, and where they are mounted after shutdown as well', async () => {
  const url = await start({ metrics: { endpoint: { port: 0 } } });
  // What a slow start looks like: the endpoint is there, the service's own parts are not yet.
  let isUp = false;
  captured.observability.health.addReadinessCheck('start', () => isUp);
  expect((await fetch(`${url}/metrics`)).status).toBe(200);
  expect((await fetch(`${url}/livez`)).status).toBe(200);
  expect((await fetch(`${url}/readyz`)).status).toBe(503);
  isUp = true;
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  const mounted = createServer(captured.observability.metricsHandler).listen(0);
  await once(mounted, 'listening');
  await captured.stop();
  const late = await fetch(`http://127.0.0.1:${(mounted.address() as AddressInfo).port}/`);
  expect(late.status).toBe(200);
  expect(await late.text()).toContain('throughline_info');
  mounted.closeAllConnections();
  mounted.close();
});

test('hostile methods and Host headers make no series', async () => {
  await start({ serviceName: 'orders' });
  const service = createServer((_request, response) => response.end()).listen(0);
  await once(service, 'listening');
  const { port } = service.address() as AddressInfo;
  for (let i = 0; i < 50; i++) {
    const call = httpRequest({
      port,
      path: `/unknown/${i}`,
      method: i % 2 ? 'PROPFIND' : 'GET',
      headers: { host: `h${i}.example` },
    });
    call.end();
    const [response] = await once(call, 'response');
    response.resume();
    await once(response, 'end');
  }
  const text = await captured.metrics();
  service.close();
  const series = text.match(/^http_server_request_duration_seconds_count.*$/gm);
  expect(series?.map((line) => /http_request_method="(\w+)"/.exec(line)?.[1]).sort()).toEqual([
    'GET',
    '_OTHER',
  ]);
  expect(text).not.toContain('example');
});
