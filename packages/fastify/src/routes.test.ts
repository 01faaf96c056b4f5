import { EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import { type CapturedObservability, captureObservability, checkPlugin } from '@throughline/core/testing';
import { casesToRun } from '@throughline/testbed/cases';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, test } from 'vitest';
import { type Exchange, exchanges } from '../../core/test/exchange.js';
import { fastifyCopies, listen } from '../test/served-fastify.js';
import { findPrototypes } from './fastify-internals.js';
import { fastifyPlugin } from './index.js';
import { patchFastify } from './patch-fastify.js';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Served {
  readonly captured: CapturedObservability;
  readonly origin: string;
  request(path: string, init?: RequestInit): Promise<Exchange>;
}

async function serve(order: 'before' | 'after', app: FastifyInstance): Promise<Served> {
  const early = order === 'before' ? await listen(app) : undefined;
  const captured = captureObservability({ plugins: [fastifyPlugin()] });
  closers.push(captured.stop);
  const { origin, close } = early ?? (await listen(app));
  closers.push(close);
  return { captured, origin, request: exchanges(captured, origin) };
}

test('the plugin keeps the contract of plugins', async () => {
  for (const { promise, kept, detail } of await checkPlugin(() => fastifyPlugin())) {
    expect(kept, `${promise}: ${detail}`).toBe(true);
  }
});

const cases = fastifyCopies.flatMap((copy) =>
  (['before', 'after'] as const).map((order) => ({ ...copy, order })),
);
// The newest Fastify in both orders, and each other one in one order.
const representative = casesToRun(
  cases,
  ({ name, order }) => name.includes('5.12') || /5\.11|4\.29/.test(name) === (order === 'before'),
);
describe.each(representative)('$name, app made $order init', ({ fastify, order, name }) => {
  // It has no `callHandler`, and an error handler that throws ends its process.
  const isOldest = name === 'fastify 4.0.0';

  test('routes: prefixes, slashes, wildcards, expressions and versions', async () => {
    const app = fastify({ ignoreTrailingSlash: true });
    const answer = async () => 'ok';
    app.get('/files/*', answer);
    app.get('/flights/:from-:to', answer);
    app.get('/numbers/:id(^\\d+$)', answer);
    app.get('/case/Kept/:Id', answer);
    app.get('/versioned', { constraints: { version: '1.2.0' } }, answer);
    app.get('/versioned', { constraints: { version: '2.0.0' } }, answer);
    app.register(
      async (inner) => {
        inner.get('/', answer);
        inner.get('/:id', answer);
        inner.all('/any', answer);
      },
      { prefix: '/tenants/:tenant' },
    );
    const { request } = await serve(order, app as unknown as FastifyInstance);
    const routes: Record<string, unknown> = {};
    for (const path of [
      '/files/a/b.txt',
      '/flights/LHR-JFK',
      '/numbers/42',
      '/case/Kept/7',
      '/tenants/acme',
      '/tenants/acme/7',
      '/tenants/acme/any',
    ]) {
      routes[path] = (await request(path)).route;
    }
    expect(routes).toEqual({
      '/files/a/b.txt': '/files/*',
      '/flights/LHR-JFK': '/flights/:from-:to',
      '/numbers/42': '/numbers/:id(^\\d+$)',
      '/case/Kept/7': '/case/Kept/:Id',
      '/tenants/acme': '/tenants/:tenant',
      '/tenants/acme/7': '/tenants/:tenant/:id',
      '/tenants/acme/any': '/tenants/:tenant/any',
    });
    const versioned = await request('/versioned', { headers: { 'accept-version': '2.x' } });
    expect(versioned).toMatchObject({ status: 200, route: '/versioned' });
  });

  test('who answers without a handler: hooks, 404 handlers, a reply by hand', async () => {
    const app = fastify();
    app.addHook('onRequest', async (request, reply) => {
      if (request.headers.authorization === 'none') return reply.code(401).send('who?');
      return undefined;
    });
    app.get('/hook/:id', async () => 'ok');
    app.get('/hijacked/:id', (_request, reply) => {
      reply.hijack();
      reply.raw.end('by hand');
    });
    app.get('/lost/:id', (_request, reply) => reply.callNotFound());
    app.register(
      async (inner) => {
        inner.setNotFoundHandler((_request, reply) => {
          reply.code(404).send('not here');
        });
        inner.get('/known/:id', async () => 'ok');
      },
      { prefix: '/shop' },
    );
    const { request } = await serve(order, app as unknown as FastifyInstance);
    const unauthorized = { headers: { authorization: 'none' } };
    expect(await request('/hook/7', unauthorized)).toMatchObject({ status: 401, route: '/hook/:id' });
    expect(await request('/hijacked/7')).toMatchObject({ text: 'by hand', route: '/hijacked/:id' });
    expect(await request('/lost/7')).toMatchObject({
      status: 404,
      route: isOldest ? undefined : '/lost/:id',
    });
    expect(await request('/shop/7')).toMatchObject({ text: 'not here', route: undefined, exceptions: [] });
    expect(await request('/nothing/7', unauthorized)).toMatchObject({ status: 401, route: undefined });
    expect(await request('/shop/%zz')).toMatchObject({ status: 400, route: undefined });
  });

  test('errors: of hooks, of validation, sent, thrown by an error handler, and no errors', async () => {
    const app = fastify();
    const fail = async () => {
      throw new RangeError('of the handler');
    };
    app.get('/sent/:id', (_request, reply) => {
      reply.code(409).send(new TypeError('sent'));
    });
    app.get('/text/:id', async () => {
      throw 'a text';
    });
    app.get(
      '/hook/:id',
      {
        preHandler: async () => {
          throw new TypeError('of a hook');
        },
      },
      async () => 'not reached',
    );
    app.post(
      '/validated/:id',
      { schema: { body: { type: 'object', required: ['name'] } } },
      async () => 'ok',
    );
    app.register(async (inner) => {
      inner.setErrorHandler((error) => {
        throw new TypeError(`instead of: ${(error as Error).message}`);
      });
      inner.get('/replaced/:id', fail);
    });
    app.register(async (inner) => {
      inner.setErrorHandler((error, _request, reply) => {
        reply.code(418).send(error);
      });
      inner.get('/passed/:id', fail);
    });
    const { request, captured } = await serve(order, app as unknown as FastifyInstance);
    expect(await request('/sent/7')).toMatchObject({
      status: 409,
      route: '/sent/:id',
      exceptions: ['TypeError: sent'],
    });
    expect((await request('/text/7')).exceptions).toHaveLength(1);
    expect(await request('/hook/7')).toMatchObject({
      route: '/hook/:id',
      exceptions: ['TypeError: of a hook'],
    });
    const invalid = await request('/validated/7', {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    });
    expect(invalid).toMatchObject({ status: 400, route: '/validated/:id' });
    expect(invalid.exceptions).toHaveLength(1);
    const malformed = await request('/validated/7', {
      method: 'POST',
      body: '{',
      headers: { 'content-type': 'application/json' },
    });
    expect(malformed).toMatchObject({ status: 400, route: '/validated/:id' });
    expect(malformed.exceptions).toHaveLength(1);
    if (!isOldest) {
      expect((await request('/replaced/7')).exceptions).toEqual([
        'RangeError: of the handler',
        'TypeError: instead of: of the handler',
      ]);
    }
    expect(await request('/passed/7')).toMatchObject({
      status: 418,
      exceptions: ['RangeError: of the handler'],
    });
    expect(await captured.metrics()).toMatch(/http_route="\/hook\/:id"[^}]*error_type="TypeError"/);
  });

  test('rewritten URLs and upgrades', async () => {
    const app = fastify({ rewriteUrl: ({ url }) => url?.replace('/old/', '/new/') ?? '/' });
    app.get('/new/:id', async () => 'ok');
    app.get('/socket/:id', (request, reply) => {
      reply.hijack();
      request.raw.socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n');
    });
    app.server.on('upgrade', (raw, socket) => {
      const response = Object.assign(new EventEmitter(), { setHeader() {}, end: () => socket.end() });
      app.routing(raw, response as never);
    });
    const { origin, captured, request } = await serve(order, app as unknown as FastifyInstance);
    expect((await request('/old/7')).route).toBe('/new/:id');
    const { port, hostname } = new URL(origin);
    const socket = connect(Number(port), hostname).resume();
    socket.write('GET /socket/7 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    await once(socket, 'close');
    const span = await captured.waitForSpan(({ attributes }) => attributes['url.path'] === '/socket/7');
    expect(span.attributes['http.route']).toBe('/socket/:id');
  });

  // Its router calls no method that could be replaced.
  const isCompiledEarlier = order === 'before' && name === 'fastify 5.12.8';
  test.skipIf(isOldest)('a handler that writes to the socket itself', async () => {
    const app = fastify(isCompiledEarlier ? { logger: { level: 'silent' } } : {});
    app.get('/raw/:id', (_request, reply) => {
      reply.raw.end('raw');
    });
    const { request } = await serve(order, app as unknown as FastifyInstance);
    expect(await request('/raw/7')).toMatchObject({ text: 'raw', route: '/raw/:id' });
  });
});

describe.each(fastifyCopies)('patches of $name', ({ fastify }) => {
  test('never harm the service, whatever fails in them', async () => {
    const fail = () => {
      throw new Error('of ours');
    };
    const undo = patchFastify(fastify, { setRoute: fail, setRouteResolver: fail, recordError: fail });
    const app = fastify();
    app.get('/orders/:id', async () => 'ok');
    app.get('/thrown', async () => {
      throw new Error('of the service');
    });
    const { origin, close } = await listen(app as unknown as FastifyInstance);
    closers.push(close);
    expect(await (await fetch(`${origin}/orders/7`)).text()).toBe('ok');
    expect(await (await fetch(`${origin}/thrown`)).text()).toContain('of the service');
    expect((await fetch(`${origin}/nothing`)).status).toBe(404);
    undo();
  });

  test.each([
    ['the function', (module: unknown) => module],
    ['a namespace of an ES module', (module: unknown) => ({ default: module, fastify: module })],
    ["a bundler's stand-in for one", (module: unknown) => ({ default: module })],
  ])('the module given as %s', async (_, given) => {
    const app = fastify();
    app.get('/orders/:id', async () => 'ok');
    const { origin, close } = await listen(app as unknown as FastifyInstance);
    closers.push(close);
    const captured = captureObservability({
      plugins: [fastifyPlugin({ modules: { fastify: given(fastify) } })],
    });
    closers.push(captured.stop);
    expect((await exchanges(captured, origin)('/orders/7')).route).toBe('/orders/:id');
    expect(captured.logLines.filter(({ level }) => level === 'warn')).toEqual([]);
  });

  test('an app that is made to look at it is not started', () => {
    const handles = process.getActiveResourcesInfo().length;
    findPrototypes(fastify);
    expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(handles);
  });
});

test('given something else, it says so and the service runs', async () => {
  const captured = captureObservability({
    plugins: [fastifyPlugin({ modules: { fastify: { no: 'fastify' } } })],
  });
  closers.push(captured.stop);
  expect(captured.logLines.find(({ code }) => code === 'OBS_INSTRUMENTATION_FAILED')?.message).toContain(
    'it has no function fastify',
  );
});
