import { SpanKind, trace } from '@opentelemetry/api';
import { logger } from '@throughline/core';
import { casesToRun } from '@throughline/testbed/cases';
import type { NextFunction, Request, Response } from 'express';
import { afterEach, describe, expect, test } from 'vitest';
import { closeAll, everyExpress, isRepresentative, quietApp, serve } from '../test/served-app.js';
import { expressPlugin } from './index.js';

const answer = (_req: Request, res: Response) => {
  res.send('ok');
};
const passOn = (_req: Request, _res: Response, next: NextFunction) => next();

afterEach(closeAll);

const representative = casesToRun(everyExpress, isRepresentative);
describe.each(representative)('routes of $name, app made $order init', ({ express, order, major }) => {
  test('a route names span, metric and, through the trace, the log line', async () => {
    const { request, captured } = await serve(order, () => {
      const app = quietApp(express);
      app.get('/orders/:id', (req, res) => {
        logger.info('order', { order: req.params.id });
        res.send('ok');
      });
      return app;
    });
    const { span, text } = await request('/orders/7?full=1');
    expect(text).toBe('ok');
    expect(span.name).toBe('GET /orders/:id');
    expect(span.attributes['http.route']).toBe('/orders/:id');
    expect(await captured.metrics()).toMatch(
      /^http_server_request_duration_seconds_count\{[^}]*http_request_method="GET",http_route="\/orders\/:id",http_response_status_code="200"[^}]*\} 1$/m,
    );
    const line = captured.logLines.find((line) => line.message === 'order');
    expect(line).toMatchObject({ trace_id: span.spanContext().traceId, span_id: span.spanContext().spanId });
  });

  test('handlers run in the context of the request, also after waiting', async () => {
    const seen: (string | undefined)[] = [];
    const see = () => seen.push(trace.getActiveSpan()?.spanContext().spanId);
    const { request } = await serve(order, () => {
      const app = quietApp(express);
      app.use((_req, _res, next) => {
        see();
        setImmediate(next);
      });
      app.get('/orders', async (_req, res) => {
        see();
        await new Promise(setImmediate);
        see();
        res.send('ok');
      });
      return app;
    });
    const id = (await request('/orders')).span.spanContext().spanId;
    expect(seen).toEqual([id, id, id]);
  });

  test('string paths stand as declared', async () => {
    const wildcard = major === 4 ? '/files/*' : '/files/*path';
    const optional = major === 4 ? '/pages/:page?' : '/pages{/:page}';
    const { request } = await serve(order, () => {
      const app = quietApp(express);
      app.get('/', answer);
      app.get(wildcard, answer);
      app.get(optional, answer);
      app.get('/flights/:from-:to', answer);
      return app;
    });
    expect((await request('/')).route).toBe('/');
    expect((await request('/files/a/b')).route).toBe(wildcard);
    expect((await request('/pages')).route).toBe(optional);
    expect((await request('/pages/3')).route).toBe(optional);
    expect((await request('/flights/LHR-JFK')).route).toBe('/flights/:from-:to');
  });

  test('a regular expression stands as its text, and keeps its state', async () => {
    const sticky = /^\/sticky\/(\d+)$/y;
    const { request } = await serve(order, () => {
      const app = quietApp(express);
      app.get(/^\/v(\d+)$/i, answer);
      app.get(['/plain', sticky], answer);
      return app;
    });
    expect((await request('/v12')).route).toBe('/^\\/v(\\d+)$/i');
    expect((await request('/sticky/1')).route).toBe('/^\\/sticky\\/(\\d+)$/y');
    // Express 4 makes an expression of its own of a list.
    expect(sticky.lastIndex).toBe(major === 4 ? 0 : '/sticky/1'.length);
  });

  test('of several paths, the one that matched', async () => {
    const { request } = await serve(order, () => {
      const app = quietApp(express);
      app.get(['/cats/:name', '/dogs/:name', /^\/birds\/\d+$/], answer);
      const router = express.Router();
      router.get(['/a', '/b/:id'], answer);
      app.use('/nested', router);
      return app;
    });
    expect((await request('/cats/tom')).route).toBe('/cats/:name');
    expect((await request('/dogs/rex?x=/cats/1')).route).toBe('/dogs/:name');
    expect((await request('/birds/1')).route).toBe('/^\\/birds\\/\\d+$/');
    expect((await request('/nested/b/1')).route).toBe('/nested/b/:id');
  });

  test('app.all, app.route, HEAD', async () => {
    const { request } = await serve(order, () => {
      const app = quietApp(express);
      app.all('/all/:id', answer);
      app.route('/route/:id').get(answer).post(passOn, answer);
      return app;
    });
    expect((await request('/all/1', { method: 'DELETE' })).span.name).toBe('DELETE /all/:id');
    expect((await request('/route/1')).span.name).toBe('GET /route/:id');
    expect((await request('/route/2', { method: 'POST' })).span.name).toBe('POST /route/:id');
    expect((await request('/route/3', { method: 'HEAD' })).span.name).toBe('HEAD /route/:id');
  });

  test('what matches nothing has no route', async () => {
    const { request, captured } = await serve(order, () => {
      const app = quietApp(express);
      app.use(passOn);
      app.post('/orders/:id', answer);
      app.use('/api', express.Router().get('/known', answer));
      return app;
    });
    for (const [path, init] of [
      ['/nothing/here', {}],
      ['/orders/7', {}],
      ['/orders/8', { method: 'HEAD' }],
      ['/api/unknown', {}],
    ] as const) {
      const { status, route, span } = await request(path, init);
      expect({ path, status, route, name: span.name }).toEqual({
        path,
        status: 404,
        route: undefined,
        name: 'method' in init ? 'HEAD' : 'GET',
      });
    }
    expect(await captured.metrics()).not.toContain('http_route=');
  });

  test('a route that passed on is not the route', async () => {
    const { request } = await serve(order, () => {
      const app = quietApp(express);
      app.get('/none/:id', passOn);
      app.get('/later/:id', (_req, _res, next) => setImmediate(next));
      app.get('/skipped/:id', (_req, _res, next) => next('route'), answer);
      app.get('/other/:id', passOn);
      app.get('/other/:name', answer);
      app.use('/mounted', express.Router().get('/:id', passOn));
      app.get('/mounted/:id', answer);
      app.get('/custom/:id', passOn);
      app.use((req, res, next) => {
        if (req.path.startsWith('/custom')) res.status(404).send('custom');
        else next();
      });
      return app;
    });
    expect((await request('/none/1')).route).toBe(undefined);
    expect((await request('/later/1')).route).toBe(undefined);
    expect((await request('/skipped/1')).route).toBe(undefined);
    expect((await request('/other/1')).route).toBe('/other/:name');
    expect((await request('/mounted/1')).route).toBe('/mounted/:id');
    expect(await request('/custom/1')).toMatchObject({ status: 404, text: 'custom', route: undefined });
  });

  test("next('router') leaves the router and its routes", async () => {
    const { request } = await serve(order, () => {
      const app = quietApp(express);
      const router = express.Router();
      router.get('/x', (_req, _res, next) => next('router'));
      router.get('/x', answer);
      app.use('/api', router);
      app.get('/api/:rest', answer);
      return app;
    });
    expect(await request('/api/x')).toMatchObject({ status: 200, route: '/api/:rest' });
    expect((await request('/api/x')).span.events).toEqual([]);
  });

  test('middleware at the root that answers is no route', async () => {
    const { request } = await serve(order, () => {
      const app = quietApp(express);
      app.use((req, res, next) => {
        if (req.path === '/login') res.status(401).send('no');
        else next();
      });
      app.get('/login', answer);
      return app;
    });
    expect(await request('/login')).toMatchObject({ status: 401, route: undefined });
  });

  test('the route is settled once the headers are sent', async () => {
    const { request } = await serve(order, () => {
      const app = quietApp(express);
      app.get('/orders/:id', (_req, res, next) => {
        res.send('ok');
        next();
      });
      app.get('/stream/:id', (_req, res, next) => {
        res.write('o');
        next();
        setImmediate(() => res.end('k'));
      });
      app.get('/orders/:other', passOn);
      app.param('late', (_req, _res, next) => next());
      app.get('/stream/:late', passOn);
      app.use('/orders', passOn);
      app.use((_req, res, next) => {
        if (!res.headersSent) next();
      });
      return app;
    });
    expect((await request('/orders/7')).route).toBe('/orders/:id');
    expect(await request('/stream/7')).toMatchObject({ text: 'ok', route: '/stream/:id' });
  });

  test('router.param callbacks belong to the route that they prepare', async () => {
    const { request } = await serve(order, () => {
      const app = quietApp(express);
      const router = express.Router();
      router.use(passOn);
      router.param('id', (_req, res, next, id) => {
        if (id === 'gone') res.status(410).send('gone');
        else if (id === 'bad') next(new RangeError('bad id'));
        else if (id === 'skip') next('route');
        else setImmediate(next);
      });
      router.get('/:id/passed', passOn);
      router.get('/:id', answer);
      router.get(['/list/:id', '/list/of/:id'], answer);
      app.use('/things', router);
      app.param('code', (_req, _res, next) => next('route'));
      app.get('/codes/:code', answer);
      app.use((req, res, next) => {
        if (/^\/(things|codes)/.test(req.path)) res.status(404).send('custom');
        else next();
      });
      return app;
    });
    expect(await request('/things/7')).toMatchObject({ status: 200, route: '/things/:id' });
    expect(await request('/things/gone')).toMatchObject({ status: 410, route: '/things/:id' });
    expect(await request('/things/list/of/gone')).toMatchObject({
      status: 410,
      route: '/things/list/of/:id',
    });
    expect(await request('/things/bad')).toMatchObject({ status: 500, route: '/things/:id' });
    expect((await request('/things/skip')).route).toBe(undefined);
    expect((await request('/things/7/passed')).route).toBe(undefined);
    expect(await request('/codes/7')).toMatchObject({ status: 404, route: undefined });
  });

  test('OPTIONS: the route that answers, and none when the router answers by itself', async () => {
    const { request } = await serve(order, () => {
      const app = quietApp(express);
      app.use('/orders', passOn);
      app.options('/orders/:id/:part', passOn);
      app.get('/orders/:id/:part', answer);
      app.get('/orders/:id', answer);
      app.options('/own/:id', passOn, (_req, res) => {
        res.set('Allow', 'GET').send('own');
      });
      app.use('/api', express.Router().get('/x', answer));
      return app;
    });
    const options = { method: 'OPTIONS' };
    const automatic = await request('/orders/7', options);
    expect(automatic.headers.get('allow')).toMatch(/GET/);
    expect(automatic.route).toBe(undefined);
    expect((await request('/orders/7/lines', options)).route).toBe(undefined);
    expect(await request('/own/7', options)).toMatchObject({ text: 'own', route: '/own/:id' });
    expect((await request('/api/x', options)).route).toBe('/api');
  });

  test('a router as the handler of a route keeps that route', async () => {
    const { request } = await serve(order, () => {
      const app = quietApp(express);
      const graphql = express.Router();
      graphql.use(answer);
      app.all('/graphql', graphql);
      const deeper = express.Router().get('/deep/:id', answer);
      app.get('/deep/:any', (req, res, next) => deeper(req, res, next));
      return app;
    });
    expect((await request('/graphql', { method: 'POST' })).route).toBe('/graphql');
    expect((await request('/deep/1')).route).toBe('/deep/:id');
  });

  test('a request sent once more through the app has the route that answered', async () => {
    const { request } = await serve(order, () => {
      const app = quietApp(express);
      app.get('/old/:id', (req, res, next) => {
        req.url = '/new/7';
        app(req, res, next);
      });
      app.get('/new/:id', answer);
      return app;
    });
    expect(await request('/old/7')).toMatchObject({ status: 200, route: '/new/:id' });
  });

  test('requests that are not observed are served alike', async () => {
    const { request, origin, captured } = await serve(
      order,
      () => {
        const app = quietApp(express);
        app.get('/health', answer);
        app.get('/boom', () => {
          throw new Error('boom');
        });
        app.get('/orders/:id', answer);
        return app;
      },
      {
        plugins: [expressPlugin()],
        http: { ignoreIncomingPaths: ['/health', '/boom'] },
      },
    );
    expect(await (await fetch(`${origin}/health`)).text()).toBe('ok');
    expect((await fetch(`${origin}/boom`)).status).toBe(500);
    expect((await request('/orders/1')).route).toBe('/orders/:id');
    const served = captured.spans.filter((span) => span.kind === SpanKind.SERVER);
    expect(served.map((span) => span.attributes['url.path'])).toEqual(['/orders/1']);
  });
});
