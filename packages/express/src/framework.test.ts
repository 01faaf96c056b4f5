import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestedHttpFramework, testHttpFramework } from '@throughline/core/testing';
import type { NextFunction, Request, Response } from 'express';
import { describe, test } from 'vitest';
import { type ExpressCopy, expressCopies } from '../test/express-copies.js';
import { quietApp } from '../test/served-app.js';
import { findPrototypes } from './express-internals.js';
import { expressPlugin } from './index.js';

/** What the suite needs of Express. */
const expressSubject = ({ express }: ExpressCopy): TestedHttpFramework => ({
  plugin: () => expressPlugin(),
  async serve(handlers) {
    const order = (req: Request, res: Response, next: NextFunction) => {
      handlers.order(req.params.id as string).then((text) => res.send(text), next);
    };
    const fail = (_req: Request, _res: Response, next: NextFunction) => {
      setImmediate(() => next(handlers.error()));
    };
    const app = quietApp(express);
    app.get('/', (_req, res) => void res.send('home'));
    app.get('/orders/:id', order);
    app.post('/orders', (_req, res) => void res.status(201).send('created'));
    const shops = express.Router().use('/shops/:shop', express.Router().get('/orders/:id', order));
    app.use('/api/v1', shops);
    app.get('/thrown/:id', fail);
    app.get('/handled/:id', fail);
    app.use('/handled', (_error: unknown, _req: Request, res: Response, _next: NextFunction) => {
      res.status(503).send('handled');
    });
    app.use('/denied', (_req, res) => void res.status(401).send('denied'));
    app.get('/denied/:id', (_req, res) => void res.send('not reached'));
    app.get('/stream/:id', (_req, res) => {
      res.type('text').write('first');
      handlers.second.then(() => res.end('second'));
    });
    app.use((_error: unknown, _req: Request, res: Response, _next: NextFunction) => {
      res.status(500).send('Internal Server Error');
    });
    const server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return {
      origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      close() {
        server.close();
        server.closeAllConnections();
      },
    };
  },
  // Middleware of Express has a mount path of its own.
  routes: { denied: '/denied' },
  patched: () => {
    const { layer, router } = findPrototypes(express);
    return [
      layer.handleRequest ?? layer.handle_request,
      layer.handleError ?? layer.handle_error,
      router.handle,
    ];
  },
});

describe.each(expressCopies)('$name', (copy) => testHttpFramework(test, expressSubject(copy)));
