import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { ServerType } from '@hono/node-server';
import type { ServedFramework, TestedHttpFramework } from '@throughline/core/testing';
import type { Hono } from 'hono';
import { findPrototypes } from '../src/hono-internals.js';
import { honoPlugin } from '../src/index.js';

type HonoModule = { readonly Hono: typeof Hono };
type NodeServer = Pick<typeof import('@hono/node-server'), 'serve'>;

export interface HonoCopy {
  readonly name: string;
  readonly hono: HonoModule;
  readonly server: NodeServer;
}

const require = createRequire(import.meta.url);

// A service is started in its folder, whose package.json names Hono: here it is that of this package.
process.chdir(`${import.meta.dirname}/..`);

/** The newest as ES module and as CommonJS, and the oldest; the servers likewise. */
export const honoCopies: readonly HonoCopy[] = [
  { name: 'hono 4.13, imported', hono: await import('hono'), server: await import('@hono/node-server') },
  { name: 'hono 4.13, required', hono: require('hono'), server: require('node-server1') },
  { name: 'hono 4.0', hono: require('hono-oldest'), server: require('node-server1') },
];

export async function listen({ serve }: NodeServer, app: Hono): Promise<ServedFramework> {
  const server: ServerType = serve({
    fetch: app.fetch,
    port: 0,
    hostname: '127.0.0.1',
    // Two versions of the server in one process must not replace each other's classes.
    overrideGlobalObjects: false,
  });
  if (!server.listening) await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      (server as import('node:http').Server).closeAllConnections();
    },
  };
}

/** What the suite needs of Hono. */
export const honoSubject = ({ hono, server }: HonoCopy): TestedHttpFramework => ({
  plugin: () => honoPlugin(),
  async serve(handlers) {
    const { Hono } = hono;
    const handled = new Hono();
    handled.get('/:id', async () => {
      await new Promise(setImmediate);
      throw handlers.error();
    });
    handled.onError((_error, c) => c.text('handled', 503));
    const orders = new Hono().get('/orders/:id', async (c) =>
      c.text(await handlers.order(c.req.param('id'))),
    );
    const shops = new Hono().route('/shops/:shop', orders);
    const app = new Hono();
    // As loggers and the like do it.
    app.use('*', async (_c, next) => {
      await next();
    });
    app.get('/', (c) => c.text('home'));
    app.get('/orders/:id', async (c) => c.text(await handlers.order(c.req.param('id'))));
    app.post('/orders', (c) => c.text('created', 201));
    app.route('/api/v1', shops);
    app.get('/thrown/:id', async () => {
      await new Promise(setImmediate);
      throw handlers.error();
    });
    app.route('/handled', handled);
    app.get(
      '/denied/:id',
      async (c, _next) => c.text('denied', 401),
      (c) => c.text('not reached'),
    );
    app.get('/stream/:id', () => {
      const body = new ReadableStream({
        async start(controller) {
          controller.enqueue(new TextEncoder().encode('first'));
          await handlers.second;
          controller.enqueue(new TextEncoder().encode('second'));
          controller.close();
        },
      });
      return new Response(body, { headers: { 'content-type': 'text/plain' } });
    });
    app.onError((_error, c) => c.text('Internal Server Error', 500));
    return listen(server, app);
  },
  patched: () => {
    const { router, app, context } = findPrototypes(hono);
    return [
      app.matchRoute ?? router.match,
      app.matchRoute ? undefined : Object.getOwnPropertyDescriptor(context, 'req')?.get,
    ];
  },
});
