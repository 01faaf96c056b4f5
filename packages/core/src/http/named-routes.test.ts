import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import http2 from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { SpanKind } from '@opentelemetry/api';
import { afterEach, describe, expect, test } from 'vitest';
import { getObservability } from '../index.js';
import { type CapturedObservability, type CaptureOptions, captureObservability } from '../testing.js';

const captures: CapturedObservability[] = [];
const closers: (() => void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) close();
  for (const captured of captures.splice(0)) await captured.stop();
});

function capture(options?: CaptureOptions): CapturedObservability {
  const captured = captureObservability(options);
  captures.push(captured);
  return captured;
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    (server as { closeAllConnections?(): void }).closeAllConnections?.();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const serve = (handler: RequestListener) => listen(createServer(handler));
const serverSpan = (captured: CapturedObservability, path: string) =>
  captured.waitForSpan(({ kind, attributes }) => kind === SpanKind.SERVER && attributes['url.path'] === path);
const warnings = ({ logLines }: CapturedObservability) =>
  logLines.filter(({ level }) => level === 'warn').map(({ code, message }) => ({ code, message }));

test('the route is in the name and attribute of the span, and on the metric; ids are nowhere', async () => {
  const captured = capture();
  const { route } = captured.observability;
  const origin = await serve((request, response) => {
    route(request, '/orders/:id');
    response.end();
  });
  for (const id of ['zz-one', 'zz-two']) await fetch(`${origin}/orders/${id}`);
  for (const id of ['zz-one', 'zz-two']) {
    const span = await serverSpan(captured, `/orders/${id}`);
    expect(span.name).toBe('GET /orders/:id');
    expect(span.attributes['http.route']).toBe('/orders/:id');
  }
  const metrics = await captured.metrics();
  expect(metrics).toMatch(
    /http_server_request_duration_seconds_count\{[^}]*http_route="\/orders\/:id"[^}]*\} 2/,
  );
  expect(metrics).not.toContain('zz-');
});

test('without it the span has no route, and ids are nowhere in the metrics', async () => {
  const captured = capture();
  const origin = await serve((_request, response) => response.end());
  await fetch(`${origin}/orders/zz-one`);
  const span = await serverSpan(captured, '/orders/zz-one');
  expect(span.name).toBe('GET');
  expect(span.attributes['http.route']).toBeUndefined();
  expect(await captured.metrics()).not.toContain('zz-');
});

test('the last of several calls counts, and has precedence over what a plugin says', async () => {
  const plugin = {
    name: 'acme',
    setup: ({ http }: import('../plugin/plugin.js').PluginContext) => {
      name = (request) => {
        http.setRoute(request, '/of/the/plugin');
        http.setRouteResolver(request, () => '/resolved');
      };
    },
  };
  let name: (request: IncomingMessage) => void = () => {};
  const captured = capture({ plugins: [plugin] });
  const origin = await serve((request, response) => {
    captured.observability.route(request, '/first');
    captured.observability.route(request, '/last');
    name(request);
    response.end();
  });
  await fetch(`${origin}/orders/7`);
  expect((await serverSpan(captured, '/orders/7')).name).toBe('GET /last');
});

test('requests of http2, with both of its APIs', async () => {
  const captured = capture();
  const { route } = captured.observability;
  const compatible = await listen(
    http2.createServer((request, response) => {
      route(request, '/compat/:id');
      response.end();
    }),
  );
  const streams = await listen(
    http2.createServer().on('stream', (stream) => {
      route(stream, '/stream/:id');
      stream.respond({ ':status': 200 }, { endStream: true });
    }),
  );
  for (const [origin, path, name] of [
    [compatible, '/compat/7', 'GET /compat/:id'],
    [streams, '/stream/7', 'GET /stream/:id'],
  ] as const) {
    const session = http2.connect(origin);
    await once(session.request({ ':path': path }).resume(), 'close');
    session.close();
    expect((await serverSpan(captured, path)).name).toBe(name);
  }
});

test('before init and after shutdown it does nothing', async () => {
  const origin = await serve((request, response) => {
    getObservability().route(request, '/orders/:id');
    response.end('served');
  });
  expect(await (await fetch(origin)).text()).toBe('served');
  const captured = capture();
  await captured.stop();
  captured.observability.route({} as IncomingMessage, '');
  expect(await (await fetch(origin)).text()).toBe('served');
});

describe('a wrong call is ignored and reported once, and the request is served', () => {
  type Call = (
    captured: CapturedObservability,
    request: IncomingMessage,
    route: CapturedObservability['observability']['route'],
  ) => void;
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();

  test.each<[string, Call, string]>([
    ['a number', (_, request, route) => route(request, 7 as unknown as string), 'a value of type number'],
    [
      'an object that cannot be looked at',
      (_, request, route) => route(request, proxy as string),
      'of type object',
    ],
    ['nothing', (_, request, route) => route(request, undefined as unknown as string), 'of type undefined'],
    ['an empty text', (_, request, route) => route(request, ' '), 'an empty text'],
    ['a long text', (_, request, route) => route(request, `/${'x'.repeat(256)}`), '257 characters'],
    [
      'another object',
      (_, request, route) => route({ raw: request } as unknown as IncomingMessage, '/a'),
      '`request.raw` in Fastify',
    ],
    ['null', (_, _request, route) => route(null as unknown as IncomingMessage, '/a'), 'not a request'],
    [
      'a request that cannot be looked at',
      (_, _request, route) => route(proxy as IncomingMessage, '/a'),
      'not a request',
    ],
  ])('%s', async (_, call, expected) => {
    const captured = capture();
    const origin = await serve((request, response) => {
      call(captured, request, captured.observability.route);
      response.end('served');
    });
    for (const path of ['/a', '/b']) expect(await (await fetch(origin + path)).text()).toBe('served');
    for (const path of ['/a', '/b']) expect((await serverSpan(captured, path)).name).toBe('GET');
    const [warning, ...others] = captured.logLines.filter(({ level }) => level === 'warn');
    expect(others).toEqual([]);
    expect(warning?.code).toBe('OBS_ROUTE_NOT_RECORDED');
    expect(`${warning?.message} ${warning?.fix}`).toContain(expected);
  });

  test('after the response has ended', async () => {
    const captured = capture();
    let late: IncomingMessage | undefined;
    const origin = await serve((request, response) => {
      late = request;
      response.end();
    });
    await fetch(`${origin}/a`);
    expect((await serverSpan(captured, '/a')).name).toBe('GET');
    for (let i = 0; i < 2; i++) captured.observability.route(late as IncomingMessage, '/a');
    expect(warnings(captured)).toEqual([
      {
        code: 'OBS_ROUTE_NOT_RECORDED',
        message: "observability.route() was called for '/a' after the response had ended.",
      },
    ]);
  });

  test('paths instead of templates: their number is limited, and routes that are known still count', async () => {
    const captured = capture({ metrics: { maxSeriesPerMetric: 5_000 } });
    const origin = await serve((request, response) => {
      const { route } = captured.observability;
      if (request.url === '/all') {
        for (let id = 0; id < 2_000; id++) route(request, `/orders/${id}`);
      } else route(request, request.url as string);
      response.end('served');
    });
    await fetch(`${origin}/all`);
    await fetch(`${origin}/orders/1999`);
    await fetch(`${origin}/orders/1`);
    expect((await serverSpan(captured, '/orders/1999')).name).toBe('GET');
    expect((await serverSpan(captured, '/orders/1')).name).toBe('GET /orders/1');
    expect(warnings(captured)).toHaveLength(1);
    expect(warnings(captured)[0]?.message).toContain('more than 1000 different routes');
  });

  test('a path that is ignored is no mistake', async () => {
    const captured = capture({ http: { ignoreIncomingPaths: ['/livez'] } });
    const origin = await serve((request, response) => {
      captured.observability.route(request, '/livez');
      response.end();
    });
    await fetch(`${origin}/livez`);
    expect(warnings(captured)).toEqual([]);
  });
});

test('a plugin that fails to name a route is reported once; its requests are served without a route', async () => {
  let follow: (request: IncomingMessage) => void = () => {};
  const captured = capture({
    plugins: [
      {
        name: 'acme',
        setup: ({ http }) => {
          follow = (request) => {
            http.setRoute(request, 7 as unknown as string);
            http.setRouteResolver(request, () => {
              throw new Error('of the plugin');
            });
          };
        },
      },
    ],
  });
  const origin = await serve((request, response) => {
    follow(request);
    response.end('served');
  });
  for (const path of ['/a', '/b']) expect(await (await fetch(origin + path)).text()).toBe('served');
  for (const path of ['/a', '/b']) expect((await serverSpan(captured, path)).name).toBe('GET');
  expect(warnings(captured)).toEqual([
    {
      code: 'OBS_ROUTE_NOT_RECORDED',
      message:
        'A plugin failed while it looked for the route of a request: of the plugin. Its requests have no route.',
    },
  ]);
});

test('a framework that is mounted in another one: its route is below the mount path', async () => {
  let http: import('../plugin/http.js').HttpRequests | undefined;
  const captured = capture({
    plugins: [
      {
        name: 'acme',
        setup(context) {
          http = context.http;
        },
      },
    ],
  });
  const origin = await serve((request, response) => {
    // As Express does it before it calls what is mounted.
    http?.setRouteResolver(request, () => '/mount/:tenant/');
    const mounted = Object.assign(request, { originalUrl: request.url });
    mounted.url = request.url?.replace('/mount/acme', '');
    const isMatched = mounted.url !== '/nothing';
    http?.setRoute(request, '/orders/:id');
    if (!isMatched) http?.setRoute(request, undefined);
    response.end();
  });
  await fetch(`${origin}/mount/acme/orders/7`);
  await fetch(`${origin}/mount/acme/nothing`);
  expect((await serverSpan(captured, '/mount/acme/orders/7')).name).toBe('GET /mount/:tenant/orders/:id');
  expect((await serverSpan(captured, '/mount/acme/nothing')).name).toBe('GET /mount/:tenant/');
});
