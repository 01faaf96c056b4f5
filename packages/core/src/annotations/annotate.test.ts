import { AsyncResource } from 'node:async_hooks';
import { once } from 'node:events';
import { createServer, request as httpRequest, type RequestListener, type Server } from 'node:http';
import { connect, createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { annotate, logger, observeJob, withSpan } from '../index.js';
import { processState } from '../instance/process-state.js';
import type { ObservabilityPlugin, PluginContext } from '../plugin.js';
import { type CapturedObservability, type CaptureOptions, captureObservability } from '../testing.js';

let captured: CapturedObservability;
let server: Server | undefined;
let context: PluginContext;
const plugin: ObservabilityPlugin = {
  name: 'test',
  setup(given) {
    context = given;
  },
};
const start = (options: CaptureOptions = {}) => {
  captured = captureObservability({
    serviceName: 'orders',
    plugins: [plugin],
    ...options,
    logs: { canonicalLine: true, ...options.logs },
  });
};
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
  await captured?.stop();
  processState().jobs = undefined;
});

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const canonical = () => captured.logLines.filter(({ event_name }) => event_name !== undefined);
const serverSpan = () => captured.waitForSpan(({ attributes }) => 'http.request.method' in attributes);
const warnings = (code: string) => captured.logLines.filter((line) => line.code === code);
const rejections = async (reason: string) =>
  Number(
    new RegExp(`throughline_rejected_annotations_total\\{reason="${reason}",.*\\} (\\d+)`).exec(
      await captured.metrics(),
    )?.[1],
  );

describe('one line per request', () => {
  test('with all that was gathered, however deep and however many lines there are', async () => {
    start();
    const url = await serve(async (_request, response) => {
      annotate({ tenant: 'a', 'cart.items': 2 });
      for (let i = 0; i < 50; i++) logger.info('step');
      await withSpan('deep', async () => {
        await Promise.resolve();
        annotate({ plan: 'gold', tenant: 'b', tags: ['x', 'y'], absent: undefined, nothing: null });
      });
      response.writeHead(201, { 'content-length': 2 }).end('ok');
    });
    await (await fetch(`${url}/orders/7?token=secret`, { method: 'POST', body: 'four' })).text();
    const span = await serverSpan();
    const gathered = { tenant: 'b', 'cart.items': 2, plan: 'gold', tags: ['x', 'y'] };
    expect(span.attributes).toMatchObject(gathered);
    expect(span.attributes).not.toHaveProperty('absent');
    const deep = await captured.waitForSpan(({ name }) => name === 'deep');
    expect(deep.attributes).not.toHaveProperty('plan');
    expect(canonical()).toEqual([
      expect.objectContaining({
        ...gathered,
        level: 'info',
        message: 'POST /orders/7 201',
        event_name: 'http.server.request',
        http_request_method: 'POST',
        url_path: '/orders/7',
        http_response_status_code: 201,
        http_request_body_size: 4,
        http_response_body_size: 2,
        duration_seconds: expect.any(Number),
        trace_id: span.spanContext().traceId,
        span_id: span.spanContext().spanId,
        service_name: 'orders',
      }),
    ]);
    expect(JSON.stringify(canonical())).not.toContain('secret');
  });

  test('also for a failed one, and for one whose client has gone', async () => {
    start();
    let gone: () => void = () => {};
    const isGone = new Promise<void>((resolve) => {
      gone = resolve;
    });
    const url = await serve((request, response) => {
      annotate({ tenant: 'a' });
      if (request.url === '/failed') {
        response.writeHead(503).end();
        return;
      }
      response.on('close', gone);
      client.destroy();
    });
    await (await fetch(`${url}/failed`)).text();
    const client = httpRequest(`${url}/aborted`).on('error', () => {});
    client.end();
    await isGone;
    expect(canonical()).toEqual([
      expect.objectContaining({
        tenant: 'a',
        http_response_status_code: 503,
        level: 'error',
        error_type: '503',
      }),
      expect.objectContaining({ tenant: 'a', url_path: '/aborted', error_type: 'client_disconnected' }),
    ]);
    expect(canonical()[1]).not.toHaveProperty('http_response_status_code');
  });

  test('also for an upgrade and over HTTP/2', async () => {
    start();
    const url = await serve(() => {});
    server?.on('upgrade', (_request, socket) => {
      annotate({ tenant: 'socket' });
      socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n');
    });
    const upgrade = httpRequest(url, { headers: { connection: 'upgrade', upgrade: 'test' } });
    upgrade.end();
    const [, socket] = await once(upgrade, 'upgrade');
    socket.destroy();
    const second = createHttp2Server((_request, response) => {
      annotate({ tenant: 'two' });
      response.end('ok');
    }).listen(0, '127.0.0.1');
    await once(second, 'listening');
    const session = connect(`http://127.0.0.1:${(second.address() as AddressInfo).port}`);
    const stream = session.request({ ':path': '/two' });
    stream.resume();
    await once(stream, 'close');
    session.close();
    second.close();
    await captured.waitForSpan(({ attributes }) => attributes['url.path'] === '/two');
    expect(canonical()).toEqual([
      expect.objectContaining({ tenant: 'socket', http_response_status_code: 101 }),
      expect.objectContaining({ tenant: 'two', http_response_status_code: 200 }),
    ]);
  });

  test('flood control does not drop it, and it takes the place of the access line', async () => {
    start({ logs: { access: true, flood: { maxRepeats: 1, maxLinesPerSecond: { info: 1 } } } });
    const url = await serve((_request, response) => response.end());
    for (let i = 0; i < 5; i++) await (await fetch(url)).text();
    expect(canonical()).toHaveLength(5);
    expect(captured.logLines.filter(({ message }) => message === 'GET / 200')).toHaveLength(5);
  });

  test('off, there is none, and what is annotated is on the span', async () => {
    start({ logs: { canonicalLine: false } });
    const url = await serve((_request, response) => {
      captured.observability.annotate({ tenant: 'a' });
      response.end();
    });
    await (await fetch(url)).text();
    expect((await serverSpan()).attributes.tenant).toBe('a');
    expect(canonical()).toEqual([]);
  });
});

describe('one line per message and job', () => {
  test('a message, in a batch or alone', async () => {
    start();
    const about = { system: 'kafka', destination: 'orders', consumerGroup: 'billing' };
    const batch = context.messaging.startBatch({ ...about, count: 2, headers: [] });
    batch.run(() => {
      for (const tenant of ['a', 'b']) {
        const message = context.messaging.startProcess({ ...about, headers: {} });
        message.run(() => annotate({ tenant }));
        message.end(tenant === 'b' ? { error: new TypeError('bad') } : {});
      }
    });
    batch.end();
    const whole = context.messaging.startBatch({ ...about, count: 3, headers: [] });
    whole.run(() => annotate({ tenant: 'all' }));
    whole.end();
    const common = {
      event_name: 'messaging.process',
      messaging_system: 'kafka',
      messaging_destination_name: 'orders',
      messaging_consumer_group_name: 'billing',
    };
    expect(canonical()).toEqual([
      expect.objectContaining({ ...common, tenant: 'a', level: 'info' }),
      expect.objectContaining({ ...common, tenant: 'b', level: 'error', error_type: 'TypeError' }),
      expect.objectContaining({ ...common, tenant: 'all', messaging_batch_message_count: 3 }),
    ]);
    await captured.observability.flush();
    const spans = captured.spans.filter(({ name }) => name === 'process orders');
    expect(spans.map(({ attributes }) => attributes.tenant)).toEqual(['a', 'b']);
  });

  test('a job, whose annotations are not those of the request that started it', async () => {
    start();
    const url = await serve(async (_request, response) => {
      annotate({ tenant: 'request' });
      await observeJob('import', async () => annotate({ rows: 7 }))();
      response.end();
    });
    await (await fetch(url)).text();
    await serverSpan();
    const [job, request] = canonical();
    expect(job).toMatchObject({
      event_name: 'job.run',
      job_name: 'import',
      job_outcome: 'success',
      rows: 7,
    });
    expect(job).not.toHaveProperty('tenant');
    expect(request).toMatchObject({ tenant: 'request' });
    expect(request).not.toHaveProperty('rows');
  });
});

describe('what cannot be recorded is refused, counted, and said once', () => {
  /** Calls annotate in a job, and returns the line of the job. */
  const lineOf = (gather: () => void) => {
    observeJob('gathering', gather)();
    return canonical().at(-1);
  };

  test('names: their form, names that Throughline sets, and names without end', async () => {
    start();
    const line = lineOf(() => {
      for (let i = 0; i < 2; i++) {
        annotate({ '': 1, 'two words': 1, 'a..b': 1, _x: 1, ['x'.repeat(65)]: 1 });
        annotate({ trace_id: 'forged', 'http.route': '/forged', message: 'forged', service_name: 'other' });
      }
      annotate({ 'user.id': 'u1', 'with-hyphen': true });
    });
    expect(line).toMatchObject({ 'user.id': 'u1', 'with-hyphen': true, service_name: 'orders' });
    expect(JSON.stringify(line)).not.toContain('forged');
    expect(await rejections('name')).toBe(18);
    expect(warnings('OBS_ANNOTATION_REJECTED')).toHaveLength(5);
    for (let id = 0; id < 400; id++) lineOf(() => annotate({ [`id_${id}`]: 1 }));
    expect(await rejections('name')).toBe(18 + 400 - 254);
    expect(warnings('OBS_ANNOTATION_REJECTED')).toHaveLength(6);
  });

  test('values: objects, functions, numbers that are none, and what throws when it is read', async () => {
    start();
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const hostile = {
      get trap(): string {
        throw new Error('trap');
      },
      fine: 'yes',
    };
    const line = lineOf(() => {
      for (const value of [
        {},
        () => {},
        Symbol('s'),
        Number.NaN,
        [1, 'two'],
        [{}],
        proxy,
        new Date(Number.NaN),
      ]) {
        annotate({ value } as never);
      }
      for (const fields of [undefined, null, 'text', 7, ['a'], proxy]) annotate(fields as never);
      annotate(hostile);
      annotate({ big: 12n, day: new Date(0) });
    });
    expect(line).toMatchObject({ fine: 'yes', big: '12', day: '1970-01-01T00:00:00.000Z' });
    expect(line).not.toHaveProperty('value');
    expect(await rejections('value')).toBe(15);
    expect(warnings('OBS_ANNOTATION_REJECTED').length).toBeLessThanOrEqual(4);
  });

  test('more than fits: fields, characters of one, and characters in all', async () => {
    start();
    const many = lineOf(() => {
      for (let i = 0; i < 100; i++) annotate({ [`field_${i}`]: i });
      annotate({ field_0: 'again' });
    });
    expect(Object.keys(many ?? {}).filter((name) => name.startsWith('field_'))).toHaveLength(64);
    expect(many).toMatchObject({ field_0: 'again' });
    expect(await rejections('limit')).toBe(36);
    const long = lineOf(() => {
      for (let i = 0; i < 50; i++) annotate({ [`field_${i}`]: '😀'.repeat(5_000) });
    });
    expect(String(long?.field_0).length).toBeLessThanOrEqual(1_024);
    expect(String(long?.field_0)).toMatch(/^(?:😀)+…$/u);
    expect(JSON.stringify(long).length).toBeLessThan(20_000);
    expect(warnings('OBS_ANNOTATION_REJECTED')).toHaveLength(1);
  });

  test('secrets are taken out of the span and of the line', async () => {
    start();
    const line = lineOf(() =>
      annotate({ password: 'hunter2', 'client.note': 'Authorization: Bearer abcdefghijkl0123456789' }),
    );
    const span = await captured.waitForSpan(({ name }) => name === 'gathering');
    for (const text of [JSON.stringify(line), JSON.stringify(span.attributes)]) {
      expect(text).not.toContain('hunter2');
      expect(text).not.toContain('abcdefghijkl0123456789');
      expect(text).toContain('client.note');
    }
  });

  test('outside of a request it goes to the active span, or nowhere; after the end it comes too late', async () => {
    start();
    annotate({ tenant: 'nowhere' });
    annotate({ tenant: 'nowhere' });
    expect(await rejections('outside')).toBe(2);
    withSpan('script', () => annotate({ tenant: 'span' }));
    expect((await captured.waitForSpan(({ name }) => name === 'script')).attributes.tenant).toBe('span');
    let late: () => void = () => {};
    const job = observeJob('early end', () => {
      late = AsyncResource.bind(() => annotate({ tenant: 'late' }));
    });
    job();
    late();
    expect(await rejections('late')).toBe(1);
    expect(warnings('OBS_ANNOTATION_REJECTED')).toHaveLength(2);
    await captured.stop();
    annotate({ tenant: 'after shutdown' });
  });

  test('names that the contract forbids, as labels or as annotations, or does not list', async () => {
    start({ contract: { mode: 'error', labels: { forbidden: ['user_id'] } } });
    const byLabels = lineOf(() => {
      for (let i = 0; i < 3; i++) annotate({ 'user.id': 'u1', user_id: 'u1', tenant: 'a' });
    });
    expect(byLabels).toMatchObject({ tenant: 'a' });
    expect(JSON.stringify(byLabels)).not.toContain('u1');
    expect(await rejections('contract')).toBe(6);
    expect(warnings('OBS_CONTRACT_BREACHED').map(({ message }) => message)).toEqual([
      "The service does not meet its contract: the annotation 'user.id' is forbidden.",
      "The service does not meet its contract: the annotation 'user_id' is forbidden.",
    ]);
    await captured.stop();
    start({
      contract: {
        mode: 'warn',
        labels: { forbidden: ['user_id'] },
        annotations: { forbidden: ['email'], allowed: ['user.id', 'tenant'] },
      },
    });
    const line = lineOf(() => annotate({ user_id: 'u1', tenant: 'a', email: 'a@b', plan: 'gold' }));
    expect(line).toMatchObject({ user_id: 'u1', tenant: 'a' });
    expect(line).not.toHaveProperty('email');
    expect(line).not.toHaveProperty('plan');
  });
});
