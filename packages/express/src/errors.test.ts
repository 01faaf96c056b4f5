import { casesToRun } from '@throughline/testbed/cases';
import type { NextFunction, Request, Response } from 'express';
import { afterEach, describe, expect, test } from 'vitest';
import { closeAll, everyExpress, isRepresentative, quietApp, type Span, serve } from '../test/served-app.js';

afterEach(closeAll);

const exceptions = (span: Span) => span.events.map((event) => event.attributes?.['exception.message']);

const representative = casesToRun(everyExpress, isRepresentative);
describe.each(representative)('errors of $name, app made $order init', ({ express, order, major }) => {
  test('an error that nobody handles', async () => {
    const { request, captured } = await serve(order, () => {
      const app = quietApp(express);
      app.get('/thrown/:id', () => {
        throw new TypeError('thrown');
      });
      app.get('/passed/:id', (_req, _res, next) => {
        setImmediate(() => next(new RangeError('passed')));
      });
      return app;
    });
    const thrown = await request('/thrown/7');
    expect(thrown).toMatchObject({ status: 500, route: '/thrown/:id' });
    expect(exceptions(thrown.span)).toEqual(['thrown']);
    expect(thrown.span.attributes['error.type']).toBe('TypeError');
    const passed = await request('/passed/7');
    expect(passed).toMatchObject({ status: 500, route: '/passed/:id' });
    expect(exceptions(passed.span)).toEqual(['passed']);
    expect(await captured.metrics()).toMatch(
      /http_server_request_duration_seconds_count\{[^}]*http_route="\/passed\/:id",[^}]*error_type="RangeError"/,
    );
  });

  test('values that nobody can look at: the same value goes to the error handler', async () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const getters = Object.defineProperty({}, 'message', {
      get() {
        throw new Error('from a getter');
      },
    });
    const values = [proxy, getters, Object.create(null), Object.freeze(new Error('frozen'))];
    const handled: unknown[] = [];
    const { request } = await serve(order, () => {
      const app = quietApp(express);
      app.get('/thrown/:index', (req) => {
        throw values[Number(req.params.index)];
      });
      app.get('/passed/:index', (req, _res, next) => next(values[Number(req.params.index)]));
      app.use((error: unknown, _req: Request, res: Response, _next: NextFunction) => {
        handled.push(error);
        res.sendStatus(500);
      });
      return app;
    });
    for (const [index, value] of values.entries()) {
      for (const way of ['thrown', 'passed']) {
        const { status, span } = await request(`/${way}/${index}`);
        expect(status).toBe(500);
        expect(span.attributes['error.type']).toBeDefined();
        expect(Object.is(handled.pop(), value)).toBe(true);
      }
    }
  });

  // Express 4 does not look at what a handler returns.
  if (major === 5) {
    test('a promise that is rejected', async () => {
      const { request } = await serve(order, () => {
        const app = quietApp(express);
        app.get('/rejected/:id', async () => {
          await new Promise(setImmediate);
          throw new RangeError('rejected');
        });
        return app;
      });
      const { span, route, status } = await request('/rejected/7');
      expect({ route, status }).toEqual({ route: '/rejected/:id', status: 500 });
      expect(exceptions(span)).toEqual(['rejected']);
    });
  }

  test('an error handler that answers keeps the route, and the error is recorded once', async () => {
    const { request } = await serve(order, () => {
      const router = express.Router();
      router.use((_req, _res, next) => next());
      router.get('/:id', (_req, _res, next) => next(new Error('boom')));
      router.use((_req, _res, next) => next());
      router.use((error: Error, _req: Request, _res: Response, next: NextFunction) => next(error));
      const app = quietApp(express);
      app.use('/orders', router);
      app.get('/orders/:other', (_req, res) => {
        res.send('not reached');
      });
      app.use('/orders', (error: Error, _req: Request, res: Response, _next: NextFunction) => {
        res.status(503).send(error.message);
      });
      return app;
    });
    const { span, route, status, text } = await request('/orders/7');
    expect({ route, status, text }).toEqual({ route: '/orders/:id', status: 503, text: 'boom' });
    expect(exceptions(span)).toEqual(['boom']);
  });

  test('error handlers among the handlers of a route', async () => {
    const { request } = await serve(order, () => {
      const app = quietApp(express);
      app.get(
        '/orders/:id',
        (_req: Request, _res: Response, next: NextFunction) => next(new Error('boom')),
        (_error: Error, _req: Request, res: Response, _next: NextFunction) => {
          res.send('recovered');
        },
      );
      return app;
    });
    const { span, route, text } = await request('/orders/7');
    expect({ route, text }).toEqual({ route: '/orders/:id', text: 'recovered' });
    expect(exceptions(span)).toEqual(['boom']);
  });

  test('errors of middleware', async () => {
    const { request } = await serve(order, () => {
      const app = quietApp(express);
      app.use((req, _res, next) => next(req.path === '/root' ? new Error('root') : undefined));
      app.use('/mounted/:id', (_req, _res, next) => next(new Error('mounted')));
      app.use((error: Error, _req: Request, res: Response, _next: NextFunction) => {
        res.status(500).send(error.message);
      });
      return app;
    });
    const root = await request('/root');
    expect({ text: root.text, route: root.route }).toEqual({ text: 'root', route: undefined });
    expect(exceptions(root.span)).toEqual(['root']);
    const mounted = await request('/mounted/7');
    expect({ text: mounted.text, route: mounted.route }).toEqual({ text: 'mounted', route: '/mounted/:id' });
    expect(exceptions(mounted.span)).toEqual(['mounted']);
  });

  test('an error handler that goes on leads to the route that answers', async () => {
    const { request } = await serve(order, () => {
      const app = quietApp(express);
      app.get('/a/:id', (_req, _res, next) => next(new Error('boom')));
      app.use((_error: Error, _req: Request, _res: Response, next: NextFunction) => next());
      app.get('/a/:name', (_req, res) => {
        res.send('ok');
      });
      return app;
    });
    const { span, route } = await request('/a/7');
    expect(route).toBe('/a/:name');
    expect(exceptions(span)).toEqual(['boom']);
  });

  test("'route' and 'router' are no errors; what is not an Error object is one", async () => {
    const { request } = await serve(order, () => {
      const app = quietApp(express);
      const router = express.Router();
      router.get('/route', (_req, _res, next) => next('route'));
      router.get('/router', (_req, _res, next) => next('router'));
      router.get('/text', (_req, _res, next) => next('a text'));
      app.use(router);
      app.use((_req, res) => {
        res.status(404).send('none');
      });
      return app;
    });
    expect((await request('/route')).span.events).toEqual([]);
    expect((await request('/router')).span.events).toEqual([]);
    const text = await request('/text');
    expect(text.route).toBe('/text');
    expect(exceptions(text.span)).toEqual(['a text']);
  });

  test('a path that cannot be decoded', async () => {
    const { request } = await serve(order, () => {
      const app = quietApp(express);
      app.get('/orders/:id', (_req, res) => {
        res.send('ok');
      });
      return app;
    });
    const { status, route, span } = await request('/orders/%zz');
    expect({ status, route }).toEqual({ status: 400, route: undefined });
    expect(exceptions(span)).toEqual(["Failed to decode param '%zz'"]);
  });

  test('middleware that gives up on a slow router', async () => {
    const { request } = await serve(order, () => {
      const app = quietApp(express);
      app.use((_req, res, next) => {
        setTimeout(() => !res.headersSent && next(new Error('too slow')), 10);
        next();
      });
      app.use(
        '/slow/:kind',
        express.Router().get('/:id', () => {}),
      );
      app.use((_error: Error, _req: Request, _res: Response, next: NextFunction) => next());
      app.use('/slow', (_req, res) => {
        res.status(503).send('later');
      });
      return app;
    });
    const { status, route, span } = await request('/slow/big/7');
    expect({ status, route }).toEqual({ status: 503, route: '/slow' });
    expect(exceptions(span)).toEqual(['too slow']);
  });

  test('an error page made by a router', async () => {
    const { request } = await serve(order, () => {
      const pages = express.Router();
      pages.use((_req, res) => {
        res.status(500).send('page');
      });
      const app = quietApp(express);
      app.use(
        '/api',
        express.Router().get('/:id', () => {
          throw new Error('boom');
        }),
      );
      app.use((_error: Error, req: Request, res: Response, next: NextFunction) => pages(req, res, next));
      return app;
    });
    expect(await request('/api/7')).toMatchObject({ text: 'page', route: '/api/:id' });
  });
});
