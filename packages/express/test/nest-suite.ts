import type { RequestListener } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import { SpanStatusCode } from '@opentelemetry/api';
import { type ModulePatch, type ObservabilityPlugin, observeNest } from '@throughline/core/plugin';
import { captureObservability } from '@throughline/core/testing';
import type { NextFunction, Request, Response } from 'express';
import { afterEach, describe, expect, test } from 'vitest';
import { expressPlugin } from '../src/index.js';
import { closeAll, type Order, type Span, serve as serveApp } from './served-app.js';

/** One version of NestJS. */
export interface Nest {
  readonly common: typeof import('@nestjs/common');
  readonly core: Pick<typeof import('@nestjs/core'), 'NestFactory'>;
  /** Prototype of the class that every exception of a request comes to. */
  readonly exceptionsHandler: { next: unknown };
}

/** The module of an app. */
export type NestModule = new () => object;

/** What NestJS runs on. */
export interface NestPlatform {
  readonly name: 'express' | 'fastify';
  plugin(): ObservabilityPlugin;
  create(nest: Nest, module: NestModule): Promise<INestApplication>;
  listener(application: INestApplication): Promise<RequestListener>;
}

const onExpress: NestPlatform = {
  name: 'express',
  plugin: () => expressPlugin(),
  create: ({ core }, module) => core.NestFactory.create(module, { logger: false }),
  listener: async (application) => application.getHttpAdapter().getInstance(),
};

/** What holds for every version. NestJS is loaded when the first test asks for it, which is after init. */
export function describeNest(
  version: string,
  load: () => Nest | Promise<Nest>,
  platform: NestPlatform = onExpress,
): void {
  const applications: { close(): Promise<void> }[] = [];
  let loaded: Promise<Nest> | undefined;

  afterEach(async () => {
    for (const application of applications.splice(0)) await application.close();
    await closeAll();
  });

  async function nest(): Promise<Nest> {
    loaded ??= Promise.resolve(load());
    return loaded;
  }

  async function catsApp(prefix?: string, middleware: readonly unknown[] = []) {
    const { common } = await nest();
    return listen(catsModule(common), (application) => {
      if (prefix) application.setGlobalPrefix(prefix);
      for (const handler of middleware) application.use(handler);
    });
  }

  async function listen(module: NestModule, configure: (application: INestApplication) => void) {
    const application = await platform.create(await nest(), module);
    configure(application);
    await application.init();
    applications.push(application);
    return platform.listener(application);
  }

  const serve = (order: Order, build: () => RequestListener | Promise<RequestListener>) =>
    serveApp(order, build, { plugins: [platform.plugin()] });

  const orders: readonly Order[] = ['after', 'before'];
  describe.each(orders)(`NestJS ${version}, app made %s init`, (order) => {
    test('an exception of the first request', async () => {
      const { request, captured } = await serve(order, () => catsApp());
      const { status, route, span } = await request('/cats/thrown/7');
      expect({ status, route }).toEqual({ status: 500, route: '/cats/thrown/:id' });
      expect(exceptions(span)).toEqual(['TypeError: thrown']);
      expect(span.attributes['error.type']).toBe('TypeError');
      expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: 'thrown' });
      expect(await captured.metrics()).toMatch(
        /http_server_request_duration_seconds_count\{[^}]*http_route="\/cats\/thrown\/:id",http_response_status_code="500",error_type="TypeError"/,
      );
    });

    test('a promise that is rejected', async () => {
      const { request } = await serve(order, () => catsApp());
      const { route, span } = await request('/cats/rejected/7');
      expect(route).toBe('/cats/rejected/:id');
      expect(exceptions(span)).toEqual(['RangeError: rejected']);
    });

    test('an HttpException below 500 leaves the status of the span unset', async () => {
      const { request, captured } = await serve(order, () => catsApp());
      const { status, route, span } = await request('/cats/nobody');
      expect({ status, route }).toEqual({ status: 404, route: '/cats/:name' });
      expect(exceptions(span)).toEqual(['NotFoundException: No such cat']);
      expect(span.attributes['error.type']).toBe('NotFoundException');
      expect(span.status.code).toBe(SpanStatusCode.UNSET);
      expect(await captured.metrics()).toContain('error_type="NotFoundException"');
    });

    test('exceptions of guards, pipes, interceptors and middleware', async () => {
      const { request } = await serve(order, () => catsApp());
      for (const [path, status, exception] of [
        ['/cats/guarded/7', 500, 'TypeError: guarded'],
        ['/cats/forbidden/7', 403, 'ForbiddenException: Forbidden resource'],
        ['/cats/piped/seven', 400, 'BadRequestException: Validation failed (numeric string is expected)'],
        ['/cats/intercepted/7', 500, 'TypeError: intercepted'],
        ['/cats/middleware/7', 500, 'TypeError: middleware'],
      ] as const) {
        const answer = await request(path);
        expect({ path, status: answer.status, exceptions: exceptions(answer.span) }).toEqual({
          path,
          status,
          exceptions: [exception],
        });
      }
    });

    test('an exception that a filter of the service answers', async () => {
      const { request } = await serve(order, () => catsApp());
      const { status, text, route, span } = await request('/cats/filtered/7');
      expect({ status, text, route }).toEqual({ status: 418, text: 'filtered', route: '/cats/filtered/:id' });
      expect(exceptions(span)).toEqual(['TypeError: filtered']);
      expect(span.attributes['error.type']).toBe('TypeError');
      expect(span.status.code).toBe(SpanStatusCode.UNSET);
    });

    test('an error of the framework of which NestJS makes an exception is recorded once, as it was', async () => {
      const { request } = await serve(order, () => catsApp());
      const { status, span } = await request('/cats', {
        method: 'POST',
        body: '{',
        headers: { 'content-type': 'application/json' },
      });
      expect(status).toBe(400);
      expect(span.attributes['error.type']).toMatch(/^(SyntaxError|FastifyError)$/);
      expect(span.events).toHaveLength(1);
    });

    test.runIf(platform.name === 'express')(
      'an exception after an error of Express that was dealt with',
      async () => {
        const { request } = await serve(order, () =>
          catsApp(undefined, [
            (_req: Request, _res: Response, next: NextFunction) => next(new RangeError('of Express')),
            (_error: Error, _req: Request, _res: Response, next: NextFunction) => next(),
          ]),
        );
        const { span } = await request('/cats/thrown/7');
        expect(exceptions(span)).toEqual(['RangeError: of Express', 'TypeError: thrown']);
        expect(span.attributes['error.type']).toBe('TypeError');
      },
    );

    test('a request that matches no route is no exception', async () => {
      const { request } = await serve(order, () => catsApp('api'));
      for (const [path, init] of [
        ['/dogs/rex', {}],
        ['/api/dogs/rex?age=7', {}],
        ['/api/cats', { method: 'DELETE' }],
      ] as const) {
        const { status, span } = await request(path, init);
        expect({ path, status, exceptions: exceptions(span) }).toEqual({ path, status: 404, exceptions: [] });
        expect(span.attributes['error.type']).toBe(undefined);
      }
    });

    test('routes of controllers', async () => {
      const { request, captured } = await serve(order, () => catsApp());
      expect(await request('/cats')).toMatchObject({ status: 200, text: '["tom"]', route: '/cats' });
      expect(await request('/cats/tom')).toMatchObject({ status: 200, route: '/cats/:name' });
      expect((await request('/cats', { method: 'POST' })).span.name).toBe('POST /cats');
      expect(await request('/dogs/rex')).toMatchObject({ status: 404, route: undefined });
      expect(await captured.metrics()).toContain('http_route="/cats/:name"');
    });

    test('a global prefix', async () => {
      const { request } = await serve(order, () => catsApp('api/v1'));
      expect((await request('/api/v1/cats/tom')).route).toBe('/api/v1/cats/:name');
      expect((await request('/api/v1/cats')).route).toBe('/api/v1/cats');
      expect(await request('/elsewhere')).toMatchObject({ status: 404, route: undefined });
      // NestJS answers unknown paths below the prefix with a route that it adds itself.
      const routes = [await request('/api/v1/dogs/1'), await request('/api/v1/dogs/2')].map(
        ({ route }) => route,
      );
      expect(new Set(routes).size).toBe(1);
    });

    test.each([
      [
        'in the path',
        { type: 'URI' },
        '/api/v1/birds/7',
        '/api/v2/birds/7',
        '/api/v1/birds/:id',
        '/api/v2/birds/:id',
      ],
      [
        'in a header',
        { type: 'HEADER', header: 'x-version' },
        '/api/birds/7',
        '/api/birds/7',
        '/api/birds/:id',
        '/api/birds/:id',
      ],
    ] as const)(
      'versions of a controller %s',
      async (_where, { type, ...more }, first, second, ...routes) => {
        const { request } = await serve(order, async () => {
          const { common } = await nest();
          return listen(birdsModule(common), (application) => {
            application.setGlobalPrefix('api');
            const options = { type: common.VersioningType[type], ...more };
            application.enableVersioning(options as Parameters<INestApplication['enableVersioning']>[0]);
          });
        });
        const answers = [
          await request(first, { headers: { 'x-version': '1' } }),
          await request(second, { headers: { 'x-version': '2' } }),
        ];
        expect(answers.map(({ text, route }) => ({ text, route }))).toEqual([
          { text: 'one 7', route: routes[0] },
          { text: 'two 7', route: routes[1] },
        ]);
        const unknown = await request(first.replace('v1', 'v9'), { headers: { 'x-version': '9' } });
        expect(unknown.status).toBe(404);
      },
    );

    test('the patch is taken back', async () => {
      const { exceptionsHandler } = await nest();
      const before = Object.getOwnPropertyDescriptors(exceptionsHandler);
      const { request } = await serve(order, () => catsApp());
      await request('/cats');
      expect(exceptionsHandler.next).not.toBe(before.next.value);
      await closeAll();
      expect(Object.getOwnPropertyDescriptors(exceptionsHandler)).toEqual(before);
    });
  });

  test(`NestJS ${version}: the patch is made once, however many ask for it`, async () => {
    const { exceptionsHandler } = await nest();
    const original = exceptionsHandler.next;
    const http = { setRoute() {}, setRouteResolver: () => true, recordError() {} };
    const patches: ModulePatch[] = [];
    const framework = { name: platform.name, requestOf: () => undefined, isFailing: () => false };
    observeNest({ http, patchModule: (patch) => patches.push(patch) }, framework);
    const patch = () =>
      patches[0]?.patch({ ExceptionsHandler: { prototype: exceptionsHandler } }, undefined) as () => void;
    const undo = patch();
    const ours = exceptionsHandler.next;
    const undoSecond = patch();
    expect(exceptionsHandler.next).toBe(ours);
    undoSecond();
    expect(exceptionsHandler.next).toBe(ours);
    undo();
    expect(exceptionsHandler.next).toBe(original);
  });

  test(`NestJS ${version}: a patch that somebody has put on ours stays, and nothing is done below it`, async () => {
    const { exceptionsHandler } = await nest();
    const original = exceptionsHandler.next;
    const app = await catsApp();
    const first = await serve('before', () => app);
    await first.request('/cats/tom');
    const ours = exceptionsHandler.next as (...args: unknown[]) => unknown;
    exceptionsHandler.next = function theirs(this: unknown, ...args: unknown[]) {
      return ours.apply(this, args);
    };
    await first.captured.stop();
    const captured = captureObservability();
    expect((await fetch(`${first.origin}/cats/thrown/7`)).status).toBe(500);
    const span = await captured.waitForSpan((span) => span.attributes['url.path'] === '/cats/thrown/7');
    expect(exceptions(span)).toEqual([]);
    await captured.stop();
    exceptionsHandler.next = original;
  });
}

const exceptions = (span: Span) =>
  span.events.map(
    ({ attributes }) => `${attributes?.['exception.type']}: ${attributes?.['exception.message']}`,
  );

/** Decorators are applied by hand: the test runner does not compile them. */
function catsModule(common: Nest['common']) {
  const { Catch, Controller, Get, Module, NotFoundException, Param, ParseIntPipe, Post } = common;
  const { UseFilters, UseGuards, UseInterceptors } = common;

  class TextFilter {
    catch(exception: Error, host: import('@nestjs/common').ArgumentsHost) {
      host.switchToHttp().getResponse<Response>().status(418).send(exception.message);
    }
  }
  Catch(TypeError)(TextFilter);

  class CatsController {
    list() {
      return ['tom'];
    }
    create() {
      return 'created';
    }
    find(name: string) {
      if (name === 'nobody') throw new NotFoundException('No such cat');
      return { name };
    }
    thrown() {
      throw new TypeError('thrown');
    }
    async rejected() {
      await new Promise(setImmediate);
      throw new RangeError('rejected');
    }
    guarded() {}
    forbidden() {}
    piped() {}
    intercepted() {}
    filtered() {
      throw new TypeError('filtered');
    }
    middleware() {}
  }
  type Method = Exclude<keyof CatsController, 'constructor'>;
  const decorate = (method: Method, ...decorators: MethodDecorator[]) => {
    const descriptor = Object.getOwnPropertyDescriptor(CatsController.prototype, method);
    for (const decorator of decorators) decorator(CatsController.prototype, method, descriptor ?? {});
  };
  const fail = (message: string) => () => {
    throw new TypeError(message);
  };
  Controller('cats')(CatsController);
  decorate('list', Get());
  decorate('create', Post());
  decorate('find', Get(':name'));
  Param('name')(CatsController.prototype, 'find', 0);
  decorate('thrown', Get('thrown/:id'));
  decorate('rejected', Get('rejected/:id'));
  decorate('guarded', Get('guarded/:id'), UseGuards({ canActivate: fail('guarded') }));
  decorate('forbidden', Get('forbidden/:id'), UseGuards({ canActivate: () => false }));
  decorate('piped', Get('piped/:id'));
  Param('id', ParseIntPipe)(CatsController.prototype, 'piped', 0);
  decorate('intercepted', Get('intercepted/:id'), UseInterceptors({ intercept: fail('intercepted') }));
  decorate('filtered', Get('filtered/:id'), UseFilters(new TextFilter()));
  decorate('middleware', Get('middleware/:id'));

  class CatsModule {
    configure(consumer: import('@nestjs/common').MiddlewareConsumer) {
      const middleware = (req: Request, _res: Response, next: NextFunction) => {
        if (req.originalUrl.startsWith('/cats/middleware')) throw new TypeError('middleware');
        next();
      };
      consumer.apply(middleware).forRoutes(CatsController);
    }
  }
  Module({ controllers: [CatsController] })(CatsModule);
  return CatsModule;
}

/** The same path in two versions. */
function birdsModule({ Controller, Get, Module, Param }: Nest['common']): NestModule {
  const controllers = (['1', '2'] as const).map((version) => {
    class BirdsController {
      find(id: string) {
        return `${version === '1' ? 'one' : 'two'} ${id}`;
      }
    }
    const { prototype } = BirdsController;
    Get(':id')(prototype, 'find', Object.getOwnPropertyDescriptor(prototype, 'find') ?? {});
    Param('id')(prototype, 'find', 0);
    Controller({ path: 'birds', version })(BirdsController);
    return BirdsController;
  });
  class BirdsModule {}
  Module({ controllers })(BirdsModule);
  return BirdsModule;
}
