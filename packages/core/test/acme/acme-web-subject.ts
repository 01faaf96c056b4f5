import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestedHttpFramework } from '../../src/testing.js';
import { AcmeApp, type AcmeHandler, AcmeRouter } from './acme-web.js';
import { acmeWebPlugin, type faults, madeNow, markUsed } from './acme-web-plugin.js';

/** What the suite needs of the framework. */
export const acmeWebSubject = (fault?: keyof typeof faults): TestedHttpFramework => ({
  plugin: () => acmeWebPlugin(fault),
  async serve(handlers) {
    const order: AcmeHandler = async ({ params, response }) =>
      void response.end(await handlers.order(params.id as string));
    const fail = async () => {
      await new Promise(setImmediate);
      throw handlers.error();
    };
    const orders = new AcmeRouter().add('GET', '/orders/:id', order);
    const app = madeNow(
      new AcmeApp()
        .add('GET', '/', ({ response }) => void response.end('home'))
        .add('GET', '/orders/:id', order)
        .add('POST', '/orders', ({ response }) => void response.writeHead(201).end('created'))
        .mount('/api/v1', new AcmeRouter().mount('/shops/:shop', orders))
        .add('GET', '/thrown/:id', fail)
        .add('GET', '/handled/:id', fail)
        .add('GET', '/denied/:id', ({ response }) => void response.writeHead(401).end('denied'))
        .add('GET', '/stream/:id', async ({ response }) => {
          response.write('first');
          await handlers.second;
          response.end('second');
        }) as AcmeApp,
    );
    app.onError('/handled', (_error, { response }) => void response.writeHead(503).end('handled'));
    const server = createServer((request, response) => {
      response.once('close', () => markUsed(app));
      app.listener(request, response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return {
      origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      close() {
        server.close();
        server.closeAllConnections();
      },
    };
  },
  patched: () => [AcmeApp.prototype.run],
});
