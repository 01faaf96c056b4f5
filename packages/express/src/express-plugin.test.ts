import { createRequire } from 'node:module';
import { ExpressInstrumentation } from '@opentelemetry/instrumentation-express';
import { captureObservability, checkPlugin } from '@throughline/core/testing';
import * as expressNamespace from 'express';
import { afterEach, describe, expect, test } from 'vitest';
import { type Express, expressCopies, installExpress } from '../test/express-copies.js';
import { closeAll, everyExpress, quietApp, serve } from '../test/served-app.js';
import { findPrototypes, type HandleRequest } from './express-internals.js';
import { expressPlugin } from './index.js';
import { patchExpress } from './patch-express.js';

const require = createRequire(import.meta.url);

afterEach(closeAll);

function ordersApp(express: Express) {
  const app = quietApp(express);
  app.use(
    '/shop',
    express.Router().get('/orders/:id', (_req, res) => void res.send('ok')),
  );
  return app;
}

test('the plugin keeps the contract of plugins', async () => {
  for (const { promise, kept, detail } of await checkPlugin(() => expressPlugin())) {
    expect(kept, `${promise}: ${detail}`).toBe(true);
  }
});

describe.each(expressCopies)('patches of $name', ({ express }) => {
  const methods = () => {
    const { layer, router } = findPrototypes(express);
    return [layer, router].map((prototype) =>
      Object.fromEntries(Reflect.ownKeys(prototype).map((key) => [key, Reflect.get(prototype, key)])),
    );
  };

  test('are all taken back', async () => {
    const before = methods();
    const captured = captureObservability({ plugins: [expressPlugin()] });
    expect(methods()).not.toEqual(before);
    await captured.stop();
    expect(methods()).toEqual(before);
  });

  test('work again after that, for the same app', async () => {
    const app = ordersApp(express);
    for (let round = 0; round < 3; round++) {
      const { request } = await serve('before', () => app);
      expect((await request('/shop/orders/7')).route).toBe('/shop/orders/:id');
      await closeAll();
    }
  });

  test('are made once, however many ask for them', async () => {
    const recorded: unknown[] = [];
    const http = {
      setRoute() {},
      setRouteResolver: () => true,
      recordError: (_req: unknown, error: unknown) => recorded.push(error),
    };
    const undo = patchExpress(express, http);
    const patched = methods();
    const undoSecond = patchExpress({ default: express }, http);
    expect(methods()).toEqual(patched);
    undoSecond();
    expect(methods()).toEqual(patched);
    undo();
    expect(methods()).not.toEqual(patched);
  });

  test('leave a patch in place that somebody has put on theirs, and do nothing below it', async () => {
    const { layer } = findPrototypes(express);
    const name = layer.handleRequest ? 'handleRequest' : 'handle_request';
    const original = layer[name] as HandleRequest;
    const { request } = await serve('after', () => ordersApp(express));
    const ours = layer[name];
    const theirs: HandleRequest = function (...args) {
      return ours?.apply(this, args);
    };
    layer[name] = theirs;
    expect((await request('/shop/orders/7')).route).toBe('/shop/orders/:id');
    await closeAll();
    expect(layer[name]).toBe(theirs);
    const again = await serve('after', () => ordersApp(express));
    expect((await again.request('/shop/orders/7')).route).toBe('/shop/orders/:id');
    await closeAll();
    layer[name] = original;
  });

  test('never harm the service, whatever fails in them', async () => {
    const fail = () => {
      throw new Error('of ours');
    };
    const undo = patchExpress(express, { setRoute: fail, setRouteResolver: fail, recordError: fail });
    const { origin } = await serve(
      'after',
      () => {
        const app = ordersApp(express);
        app.get('/boom', () => {
          throw new Error('of the service');
        });
        return app;
      },
      {},
    );
    expect(await (await fetch(`${origin}/shop/orders/7`)).text()).toBe('ok');
    expect(await (await fetch(`${origin}/boom`)).text()).toContain('of the service');
    expect((await fetch(`${origin}/nothing`)).status).toBe(404);
    undo();
  });
});

test('a copy of Express that is loaded after init', async () => {
  const { request } = await serve('after', () => ordersApp(installExpress('express4')));
  expect((await request('/shop/orders/7')).route).toBe('/shop/orders/:id');
});

test('apps of several copies of Express, one in the other', async () => {
  const { request } = await serve('before', () => {
    const legacy = quietApp(require('express4'));
    legacy.get('/orders/:id', (_req, res) => void res.send('ok'));
    const app = quietApp(require('express'));
    app.use('/legacy/:tenant', (req, res, next) => legacy(req, res, next));
    app.get('/new/:id', (_req, res) => void res.send('ok'));
    return app;
  });
  expect((await request('/legacy/acme/orders/7')).route).toBe('/legacy/:tenant/orders/:id');
  expect((await request('/new/7')).route).toBe('/new/:id');
});

test.each([
  ['a namespace of an ES module', expressNamespace],
  ["a bundler's stand-in for one", { default: { default: expressNamespace.default } }],
  ['the function itself', expressNamespace.default],
])('given as %s', async (_, express) => {
  const { request, captured } = await serve('before', () => ordersApp(expressNamespace.default), {
    plugins: [expressPlugin({ modules: { express } })],
  });
  expect((await request('/shop/orders/7')).route).toBe('/shop/orders/:id');
  expect(captured.logLines.filter((line) => line.level === 'warn')).toEqual([]);
});

test('given something else, it says so and the service runs', async () => {
  const { request, captured } = await serve('before', () => ordersApp(require('express')), {
    plugins: [expressPlugin({ modules: { express: { Router: 'none' } } })],
  });
  expect((await request('/shop/orders/7')).route).toBe('/shop/orders/:id');
  expect(captured.logLines.find((line) => line.code === 'OBS_INSTRUMENTATION_FAILED')?.message).toContain(
    'it has no Router',
  );
});

describe.each(everyExpress.filter(({ name }) => !name.includes('2.0.0')))(
  'with the layer spans of OpenTelemetry, $name, app made $order init',
  ({ express, order }) => {
    test('the route is the same', async () => {
      const { request, captured } = await serve(order, () => ordersApp(express), {
        plugins: [expressPlugin()],
        instrumentations: [new ExpressInstrumentation()],
      });
      const { span } = await request('/shop/orders/7');
      expect(span.name).toBe('GET /shop/orders/:id');
      if (order === 'after') {
        expect(
          captured.spans.some(({ attributes }) => attributes['express.type'] === 'request_handler'),
        ).toBe(true);
      }
    });
  },
);
