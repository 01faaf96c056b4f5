import { captureObservability, checkPlugin } from '@throughline/core/testing';
import type { Hono } from 'hono';
import { RegExpRouter } from 'hono/router/reg-exp-router';
import { afterEach, describe, expect, test } from 'vitest';
import { exchanges } from '../../core/test/exchange.js';
import { type HonoCopy, honoCopies, listen } from '../test/served-hono.js';
import { honoPlugin } from './index.js';
import { patchHono } from './patch-hono.js';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function serve(order: 'before' | 'after', { server }: HonoCopy, app: Hono) {
  const early = order === 'before' ? await listen(server, app) : undefined;
  const captured = captureObservability({ plugins: [honoPlugin()] });
  closers.push(captured.stop);
  const { origin, close } = early ?? (await listen(server, app));
  closers.push(close);
  return { captured, origin, request: exchanges(captured, origin) };
}

test('the plugin keeps the contract of plugins', async () => {
  for (const { promise, kept, detail } of await checkPlugin(() => honoPlugin())) {
    expect(kept, `${promise}: ${detail}`).toBe(true);
  }
});

const cases = honoCopies.flatMap((copy) =>
  (['before', 'after'] as const).map((order) => ({ ...copy, copy, order })),
);
describe.each(cases)('$name, app made $order init', ({ hono: { Hono }, copy, order }) => {
  test('routes: base paths, nested apps, wildcards, expressions and optional parts', async () => {
    const items = new Hono().get('/', (c) => c.text('ok')).get('/:item{[0-9]+}', (c) => c.text('ok'));
    const orders = new Hono().route('/:order/items', items);
    const app = new Hono();
    app.route('/api', new Hono().basePath('/v1').route('/orders', orders));
    app.get('/files/*', (c) => c.text('ok'));
    app.get('/animals/:kind?', (c) => c.text('ok'));
    app.on(['GET', 'PUT'], ['/one/:id', '/two/:id'], (c) => c.text('ok'));
    app.all('/any/:id', (c) => c.text('ok'));
    const { request } = await serve(order, copy, app);
    const routes: Record<string, unknown> = {};
    for (const path of [
      '/api/v1/orders/7/items',
      '/api/v1/orders/7/items/8',
      '/files/a/b',
      '/animals',
      '/animals/cat',
      '/two/7',
      '/any/7',
      '/nothing/7',
    ]) {
      routes[path] = (await request(path)).route;
    }
    expect(routes).toEqual({
      '/api/v1/orders/7/items': '/api/v1/orders/:order/items',
      '/api/v1/orders/7/items/8': '/api/v1/orders/:order/items/:item{[0-9]+}',
      '/files/a/b': '/files/*',
      '/animals': '/animals/:kind?',
      '/animals/cat': '/animals/:kind?',
      '/two/7': '/two/:id',
      '/any/7': '/any/:id',
      '/nothing/7': undefined,
    });
  });

  test('the path of middleware is not the route of what is behind it', async () => {
    const app = new Hono()
      .use('*', async (_c, next) => next())
      .use('/api/*', async (c, next) => {
        if (c.req.header('authorization') === 'none') return c.text('who?', 401);
        return next();
      })
      .get('/api/*', async (_c, next) => next())
      .get('/api/orders/:id', (c) => c.text('ok'));
    app.notFound((c) => c.text('not here', 404));
    const { request, captured } = await serve(order, copy, app);
    const unauthorized = { headers: { authorization: 'none' } };
    expect((await request('/api/orders/7')).route).toBe('/api/orders/:id');
    expect(await request('/api/nothing/7')).toMatchObject({ text: 'not here', route: undefined });
    expect(await request('/nothing/7')).toMatchObject({ text: 'not here', route: undefined });
    expect(await request('/api/orders/7', unauthorized)).toMatchObject({ status: 401, route: '/api/*' });
    expect(await captured.metrics()).not.toMatch(/http_route="\/?\*"/);
  });

  test('mounted apps, of Hono and others, and requests to an app of the same process', async () => {
    const mounted = new Hono().get('/', (c) => c.text('ok')).get('/orders/:id', (c) => c.text('ok'));
    const app = new Hono();
    app.mount('/hono', mounted.fetch);
    app.mount('/other', () => new Response('other'));
    app.get('/internal/:id', async (c) =>
      c.text(await (await mounted.request('/orders/7', {}, c.env)).text()),
    );
    const { request } = await serve(order, copy, app);
    expect((await request('/hono/orders/7')).route).toBe('/hono/orders/:id');
    expect((await request('/hono')).route).toBe('/hono');
    expect(await request('/hono/nothing/7')).toMatchObject({ status: 404, route: '/hono/*' });
    expect(await request('/other/7')).toMatchObject({ text: 'other', route: '/other/*' });
    expect(await request('/internal/7')).toMatchObject({ text: 'ok', route: '/internal/:id' });
  });

  test('errors: with one handler or several, in nested apps, and what is no error', async () => {
    class Refused extends Error {
      override name = 'Refused';
      getResponse = () => new Response('refused', { status: 403 });
    }
    const nested = new Hono();
    nested.get('/:id', () => {
      throw new RangeError('nested');
    });
    nested.onError((error, c) => c.text(error.message, 409));
    const app = new Hono();
    app.get('/sync/:id', () => {
      throw new TypeError('sync');
    });
    app.get(
      '/several/:id',
      async (_c, next) => next(),
      async () => {
        throw new TypeError('several');
      },
    );
    app.get('/refused/:id', () => {
      throw new Refused('refused');
    });
    app.get('/text/:id', async () => {
      throw 'a text';
    });
    app.route('/nested', nested);
    app.onError((error, c) => c.text(error.message, error instanceof Refused ? 403 : 500));
    const { request, captured } = await serve(order, copy, app);
    expect(await request('/sync/7')).toMatchObject({ route: '/sync/:id', exceptions: ['TypeError: sync'] });
    expect(await request('/several/7')).toMatchObject({ status: 500, exceptions: ['TypeError: several'] });
    expect(await request('/refused/7')).toMatchObject({ status: 403, exceptions: ['Refused: refused'] });
    expect(await request('/nested/7')).toMatchObject({
      status: 409,
      route: '/nested/:id',
      exceptions: ['RangeError: nested'],
    });
    expect((await request('/text/7')).exceptions).toHaveLength(1);
    expect(await captured.metrics()).toMatch(
      /http_route="\/nested\/:id",http_response_status_code="409",error_type="RangeError"/,
    );
  });

  test('a router that is exchanged while the app runs', async () => {
    const app = new Hono().get('/old/:id', (c) => c.text('ok'));
    const { request } = await serve(order, copy, app);
    expect((await request('/old/7')).route).toBe('/old/:id');
    app.router = new Hono().get('/new/:id', (c) => c.text('ok')).router;
    expect((await request('/new/7')).route).toBe('/new/:id');
    expect(await request('/old/7')).toMatchObject({ status: 404, route: undefined });
  });
});

describe('what calls no method that could be replaced', () => {
  const [copy] = honoCopies as readonly [HonoCopy];
  const { Hono } = copy.hono;

  test('an app with another router: handlers that look at the request', async () => {
    const app = new Hono({ router: new RegExpRouter() });
    app.get('/orders/:id', (c) => c.text(c.req.param('id')));
    app.get('/looks/:id', (c) => {
      throw new TypeError(c.req.path);
    });
    const { request } = await serve('after', copy, app);
    expect((await request('/orders/7')).route).toBe('/orders/:id');
    expect(await request('/looks/7')).toMatchObject({ status: 500, route: '/looks/:id' });
  });

  test('an app that has answered requests, with middleware: routes and errors', async () => {
    const app = new Hono();
    app.use('/api/*', async (_c, next) => next());
    app.get('/api/orders/:id', (c) => c.text('ok'));
    app.get('/api/thrown/:id', () => {
      throw new TypeError('thrown');
    });
    app.onError((_error, c) => c.text('error', 500));
    const { origin, close } = await listen(copy.server, app);
    closers.push(close);
    await (await fetch(`${origin}/api/orders/7`)).text();
    const captured = captureObservability({ plugins: [honoPlugin()] });
    closers.push(captured.stop);
    const request = exchanges(captured, origin);
    expect((await request('/api/orders/7')).route).toBe('/api/orders/:id');
    expect(await request('/api/thrown/7')).toMatchObject({
      route: '/api/thrown/:id',
      exceptions: ['TypeError: thrown'],
    });
    expect(await request('/api/nothing')).toMatchObject({ status: 404, route: undefined });
  });
});

test.each(honoCopies)('patches of $name never harm the service, whatever fails in them', async (copy) => {
  const fail = () => {
    throw new Error('of ours');
  };
  const undo = patchHono(copy.hono, { setRoute: fail, setRouteResolver: fail, recordError: fail });
  const app = new copy.hono.Hono();
  app.use('*', async (_c, next) => next());
  app.get('/orders/:id', (c) => c.text('ok'));
  app.get('/thrown', () => {
    throw new Error('of the service');
  });
  app.onError((error, c) => c.text(error.message, 500));
  const { origin, close } = await listen(copy.server, app);
  closers.push(close);
  expect(await (await fetch(`${origin}/orders/7`)).text()).toBe('ok');
  expect(await (await fetch(`${origin}/thrown`)).text()).toBe('of the service');
  expect((await fetch(`${origin}/nothing`)).status).toBe(404);
  undo();
});

test.each([
  ['a namespace', (module: unknown) => module],
  ["a bundler's stand-in for one", (module: unknown) => ({ default: module })],
])('the module given as %s', async (_, given) => {
  const copy = honoCopies[1] as HonoCopy;
  const app = new copy.hono.Hono().get('/orders/:id', (c) => c.text('ok'));
  const { origin, close } = await listen(copy.server, app as unknown as Hono);
  closers.push(close);
  const captured = captureObservability({ plugins: [honoPlugin({ modules: { hono: given(copy.hono) } })] });
  closers.push(captured.stop);
  expect((await exchanges(captured, origin)('/orders/7')).route).toBe('/orders/:id');
  expect(captured.logLines.filter(({ level }) => level === 'warn')).toEqual([]);
});

test('given something else, it says so and the service runs', async () => {
  const captured = captureObservability({ plugins: [honoPlugin({ modules: { hono: {} } })] });
  closers.push(captured.stop);
  expect(captured.logLines.find(({ code }) => code === 'OBS_INSTRUMENTATION_FAILED')?.message).toContain(
    'it has no class Hono',
  );
});
