import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { ServedFramework, TestedHttpFramework } from '@throughline/core/testing';
import type Koa from 'koa';
import { koaPlugin } from '../src/index.js';
import { findKoa, findRouter } from '../src/koa-internals.js';

type KoaConstructor = typeof Koa;
type Router = import('@koa/router').Router;
type RouterConstructor = typeof import('@koa/router').Router;

export interface KoaCopy {
  readonly name: string;
  readonly Koa: KoaConstructor;
  readonly Router: RouterConstructor;
}

const require = createRequire(import.meta.url);

// A service is started in its folder, whose package.json names the router: here it is that of this package.
process.chdir(`${import.meta.dirname}/..`);

/** Of Koa and its router the oldest and the newest, and of the router also one between. */
export const koaCopies: readonly KoaCopy[] = [
  {
    name: 'koa 3.3.0, @koa/router 15.7.0 (ESM)',
    Koa: (await import('koa')).default,
    Router: (await import('@koa/router')).Router,
  },
  {
    name: 'koa 3.3.0, @koa/router 15.7.0 (CJS)',
    Koa: require('koa'),
    Router: require('@koa/router').Router,
  },
  { name: 'koa 2.16.4, @koa/router 12.0.2', Koa: require('koa2'), Router: require('koa-router12') },
  {
    name: 'koa 2.11.0, @koa/router 8.0.8',
    Koa: require('koa2-oldest'),
    Router: require('koa-router-oldest'),
  },
  { name: 'koa 2.16.4, koa-router 14.0.0', Koa: require('koa2'), Router: require('koa-router') },
];

export async function listen(app: Koa): Promise<ServedFramework> {
  const server = createServer(app.callback()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** An app that says nothing about its errors: these tests make many. */
export function quietApp(Koa: KoaConstructor): Koa {
  const app = new Koa();
  app.silent = true;
  return app;
}

/** What the suite needs of Koa. */
export const koaSubject = ({ Koa, Router }: KoaCopy): TestedHttpFramework => ({
  plugin: () => koaPlugin(),
  async serve(handlers) {
    const fail = async () => {
      await new Promise(setImmediate);
      throw handlers.error();
    };
    const orders: Router = new Router();
    orders.get('/orders/:id', async (ctx) => {
      ctx.body = await handlers.order(ctx.params.id as string);
    });
    const shops: Router = new Router({ prefix: '/shops/:shop' });
    shops.use(orders.routes());
    const router: Router = new Router();
    router.get('/', (ctx) => {
      ctx.body = 'home';
    });
    router.get('/orders/:id', async (ctx) => {
      ctx.body = await handlers.order(ctx.params.id as string);
    });
    router.post('/orders', (ctx) => {
      ctx.status = 201;
      ctx.body = 'created';
    });
    router.use('/api/v1', shops.routes());
    router.get('/thrown/:id', fail);
    router.get('/handled/:id', fail);
    router.get('/denied/:id', (ctx) => {
      ctx.body = 'not reached';
    });
    router.get('/stream/:id', (ctx) => {
      const parts = async function* () {
        yield 'first';
        await handlers.second;
        yield 'second';
      };
      ctx.type = 'text/plain';
      ctx.body = Readable.from(parts());
    });
    const guarded: Router = new Router();
    guarded.use('/denied', async (ctx) => {
      ctx.status = 401;
      ctx.body = 'denied';
    });
    guarded.get('/denied/:id', (ctx) => {
      ctx.body = 'not reached';
    });
    const app = quietApp(Koa);
    app.use(async (ctx, next) => {
      if (!ctx.path.startsWith('/handled')) return next();
      try {
        await next();
      } catch {
        ctx.status = 503;
        ctx.body = 'handled';
      }
    });
    app.use(guarded.routes());
    app.use(router.routes());
    app.use(router.allowedMethods());
    return listen(app);
  },
  patched: () => {
    const { application, context } = findKoa(Koa);
    const { handleRequest, use, callback, emit } = application;
    return [handleRequest, use, callback, emit, context.onerror, findRouter(Router).match];
  },
});
