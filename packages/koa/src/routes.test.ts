import { createRequire } from 'node:module';
import { captureObservability, checkPlugin } from '@throughline/core/testing';
import type Koa from 'koa';
import { afterEach, describe, expect, test } from 'vitest';
import { exchanges } from '../../core/test/exchange.js';
import { koaCopies, listen, quietApp } from '../test/served-koa.js';
import { koaPlugin } from './index.js';
import { patchKoa } from './patch-koa.js';
import { patchRouter } from './patch-router.js';

const mount = createRequire(import.meta.url)('koa-mount') as (
  path: string,
  app: Koa | Koa.Middleware,
) => Koa.Middleware;

const answer = (ctx: Koa.Context) => {
  ctx.body = 'ok';
};

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function serve(order: 'before' | 'after', app: Koa) {
  const early = order === 'before' ? await listen(app) : undefined;
  const captured = captureObservability({ plugins: [koaPlugin()] });
  closers.push(captured.stop);
  const { origin, close } = early ?? (await listen(app));
  closers.push(close);
  return { captured, request: exchanges(captured, origin) };
}

test('the plugin keeps the contract of plugins', async () => {
  for (const { promise, kept, detail } of await checkPlugin(() => koaPlugin())) {
    expect(kept, `${promise}: ${detail}`).toBe(true);
  }
});

const cases = koaCopies.flatMap((copy) =>
  (['before', 'after'] as const).map((order) => ({ ...copy, order })),
);
describe.each(cases)('$name, app made $order init', ({ Koa, Router, order }) => {
  test('routes: prefixes, nested routers, expressions, parameters, and several that match', async () => {
    const inner = new Router({ prefix: '/:inner' });
    inner.get('/', answer);
    inner.get('/last/:id', answer);
    const router = new Router({ prefix: '/shop' });
    router.param('id', (_id: string, _ctx: unknown, next: () => unknown) => next());
    router.use('/nested', inner.routes());
    router.get('/', answer);
    router.get('/items/:id', (_ctx: unknown, next: () => unknown) => next());
    router.get('/items/:name', answer);
    router.all('/any/:id', answer);
    const versions = new Router();
    versions.get(/^\/v\d+$/, answer);
    const app = quietApp(Koa);
    app.use(router.routes());
    app.use(versions.routes());
    app.use(router.allowedMethods());
    const { request } = await serve(order, app);
    expect((await request('/v2')).route).toBe('/^\\/v\\d+$/');
    const routes: Record<string, unknown> = {};
    for (const path of ['/shop', '/shop/nested/7', '/shop/nested/7/last/8', '/shop/items/7', '/shop/any/7']) {
      // Version 8 adds a slash.
      routes[path] = String((await request(path)).route).replace(/\/$/, '');
    }
    expect(routes).toEqual({
      '/shop': '/shop',
      '/shop/nested/7': '/shop/nested/:inner',
      '/shop/nested/7/last/8': '/shop/nested/:inner/last/:id',
      '/shop/items/7': '/shop/items/:name',
      '/shop/any/7': '/shop/any/:id',
    });
    expect(await request('/shop/items/7', { method: 'PUT' })).toMatchObject({
      status: 405,
      route: undefined,
    });
    expect(await request('/shop/nothing/7')).toMatchObject({ status: 404, route: undefined });
  });

  test('middleware: of a router, and around it', async () => {
    const router = new Router();
    router.use(async (ctx: Koa.Context, next: () => unknown) => {
      if (ctx.get('authorization') === 'none') ctx.status = 401;
      else await next();
    });
    router.get('/orders/:id', answer);
    const app = quietApp(Koa);
    app.use(async (ctx, next) => {
      if (ctx.path === '/status') ctx.body = 'up';
      else await next();
    });
    app.use(router.routes());
    const { request } = await serve(order, app);
    const unauthorized = { headers: { authorization: 'none' } };
    expect(await request('/orders/7', unauthorized)).toMatchObject({ status: 401, route: '/orders/:id' });
    expect(await request('/status')).toMatchObject({ text: 'up', route: undefined });
    expect(await request('/nothing', unauthorized)).toMatchObject({ status: 404, route: undefined });
  });

  test('mounted apps: the mount path counts, what is taken off the path otherwise does not', async () => {
    const orders = new Router();
    orders.get('/orders/:id', answer);
    orders.get('/', answer);
    const inner = quietApp(Koa);
    inner.use(orders.routes());
    const outer = quietApp(Koa);
    outer.use(mount('/v1', inner));
    const app = quietApp(Koa);
    app.use(mount('/api', outer));
    app.use(async (ctx, next) => {
      ctx.path = ctx.path.replace(/^\/tenants\/\w+/, '');
      await next();
    });
    app.use(orders.routes());
    const { request } = await serve(order, app);
    expect(await request('/api/v1/orders/7')).toMatchObject({ status: 200, route: '/api/v1/orders/:id' });
    expect((await request('/api/v1')).route).toBe('/api/v1');
    expect((await request('/orders/7')).route).toBe('/orders/:id');
    expect((await request('/tenants/acme/orders/7')).route).toBe('/orders/:id');
    expect(await request('/api/v1/nothing')).toMatchObject({ status: 404, route: undefined });
  });

  test('errors of middleware and handlers, also those that other middleware answers', async () => {
    const router = new Router();
    router.use('/inner', async (ctx: Koa.Context, next: () => unknown) => {
      try {
        await next();
      } catch (error) {
        ctx.status = 409;
        ctx.body = (error as Error).message;
      }
    });
    router.get('/inner/:id', async () => {
      throw new RangeError('of the handler');
    });
    router.get('/refused/:id', (ctx: Koa.Context) => ctx.throw(403, 'refused'));
    const app = quietApp(Koa);
    app.use(async (ctx, next) => {
      try {
        await next();
      } catch (error) {
        if (ctx.path !== '/middleware') throw error;
        if (ctx.querystring === 'emits') ctx.app.emit('error', error, ctx);
        ctx.status = 400;
        ctx.body = 'handled';
      }
    });
    app.use((ctx, next) => {
      if (ctx.path.startsWith('/middleware')) throw new TypeError('of middleware');
      return next();
    });
    app.use(router.routes());
    const { request, captured } = await serve(order, app);
    expect(await request('/inner/7')).toMatchObject({
      status: 409,
      route: '/inner/:id',
      exceptions: ['RangeError: of the handler'],
    });
    expect(await request('/refused/7')).toMatchObject({ status: 403, route: '/refused/:id' });
    expect(await request('/middleware')).toMatchObject({
      text: 'handled',
      route: undefined,
      // Koa has composed the middleware of an app that is listening.
      exceptions: order === 'before' ? [] : ['TypeError: of middleware'],
    });
    expect((await request('/middleware?emits')).exceptions).toEqual(['TypeError: of middleware']);
    expect(await request('/middleware/7')).toMatchObject({
      status: 500,
      exceptions: ['TypeError: of middleware'],
    });
    expect(await captured.metrics()).toMatch(
      /http_route="\/inner\/:id",http_response_status_code="409",error_type="RangeError"/,
    );
  });

  test('a router that is exchanged while the app runs', async () => {
    const routerWith = (path: string) => {
      const router = new Router();
      router.get(path, answer);
      return router.routes() as unknown as Koa.Middleware;
    };
    let current = routerWith('/old/:id');
    const app = quietApp(Koa);
    app.use((ctx, next) => current(ctx as never, next));
    const { request } = await serve(order, app);
    expect((await request('/old/7')).route).toBe('/old/:id');
    current = routerWith('/new/:id');
    expect((await request('/new/7')).route).toBe('/new/:id');
    expect(await request('/old/7')).toMatchObject({ status: 404, route: undefined });
  });
});

describe.each(koaCopies)('patches of $name', ({ Koa, Router }) => {
  test('are not to be seen on routers, layers and functions of the service, and are taken back', async () => {
    const router = new Router();
    const handler = Object.assign((ctx: Koa.Context) => answer(ctx), { own: 'property' });
    router.get('/orders/:id', handler);
    const routes = router.routes();
    const app = quietApp(Koa);
    app.use(routes as unknown as Koa.Middleware);
    const before = [...app.middleware];
    const { request, captured } = await serve('after', app);
    await request('/orders/7');
    expect(router.stack[0]?.stack).toEqual([handler]);
    const [followed] = app.middleware as unknown as [typeof routes];
    expect(followed.router).toBe(router);
    expect(followed.name).toBe(routes.name);
    await captured.stop();
    expect(app.middleware.every((middleware, index) => middleware === before[index])).toBe(true);
  });

  test('never harm the service, whatever fails in them', async () => {
    const fail = () => {
      throw new Error('of ours');
    };
    const http = { setRoute: fail, setRouteResolver: fail, recordError: fail };
    const undos = [patchKoa(Koa, http), patchRouter(Router, http)];
    const router = new Router();
    router.get('/orders/:id', (ctx: Koa.Context) => answer(ctx));
    router.get('/thrown', () => {
      throw Object.assign(new Error('of the service'), { status: 409, expose: true });
    });
    const app = quietApp(Koa);
    app.use(router.routes() as unknown as Koa.Middleware);
    Object.freeze(app.middleware);
    const { origin, close } = await listen(app);
    closers.push(close);
    expect(await (await fetch(`${origin}/orders/7`)).text()).toBe('ok');
    expect(await (await fetch(`${origin}/thrown`)).text()).toContain('of the service');
    expect((await fetch(`${origin}/nothing`)).status).toBe(404);
    for (const undo of undos) undo();
  });
});

test.each([
  ['the classes', (module: unknown) => module],
  ['namespaces of ES modules', (module: unknown) => ({ default: module })],
])('the modules given as %s', async (_, given) => {
  const { Koa, Router } = koaCopies[1] as (typeof koaCopies)[number];
  const router = new Router();
  router.get('/orders/:id', (ctx: Koa.Context) => answer(ctx));
  const app = quietApp(Koa);
  app.use(router.routes() as unknown as Koa.Middleware);
  const { origin, close } = await listen(app);
  closers.push(close);
  const modules = { koa: given(Koa), '@koa/router': given(Router) };
  const captured = captureObservability({ plugins: [koaPlugin({ modules })] });
  closers.push(captured.stop);
  expect((await exchanges(captured, origin)('/orders/7')).route).toBe('/orders/:id');
  expect(captured.logLines.filter(({ level }) => level === 'warn')).toEqual([]);
});

test('given something else, it says so and the service runs', async () => {
  const modules = { koa: { no: 'koa' }, '@koa/router': {} };
  const captured = captureObservability({ plugins: [koaPlugin({ modules })] });
  closers.push(captured.stop);
  expect(captured.logLines.filter(({ code }) => code === 'OBS_INSTRUMENTATION_FAILED')).toHaveLength(2);
});
