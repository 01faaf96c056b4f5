import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import type { ServedFramework, TestedHttpFramework } from '@throughline/core/testing';
import type { FastifyInstance } from 'fastify';
import { findPrototypes } from '../src/fastify-internals.js';
import { fastifyPlugin } from '../src/index.js';

type Fastify = typeof import('fastify').fastify;

export interface FastifyCopy {
  readonly name: string;
  readonly fastify: Fastify;
}

const require = createRequire(import.meta.url);

/** The oldest and the newest of each major version; of 5 also the last one that does not compile its router. */
export const fastifyCopies: readonly FastifyCopy[] = [
  { name: 'fastify 5.12.8', fastify: require('fastify') },
  { name: 'fastify 5.11.3', fastify: require('fastify5-interpreted') },
  { name: 'fastify 5.0.0', fastify: require('fastify5-oldest') },
  { name: 'fastify 4.29.1', fastify: require('fastify4') },
  { name: 'fastify 4.0.0', fastify: require('fastify4-oldest') },
];

export async function listen(app: FastifyInstance): Promise<ServedFramework> {
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  return {
    origin,
    close() {
      app.server.closeAllConnections();
      return app.close();
    },
  };
}

/** What the suite needs of Fastify. */
export const fastifySubject = ({ fastify }: FastifyCopy): TestedHttpFramework => ({
  plugin: () => fastifyPlugin(),
  async serve(handlers) {
    const app = fastify({ forceCloseConnections: true });
    app.get('/', async () => 'home');
    app.get<{ Params: { id: string } }>('/orders/:id', async ({ params }) => handlers.order(params.id));
    app.post('/orders', (_request, reply) => {
      reply.code(201).send('created');
    });
    app.register(
      async (api) => {
        api.register(
          async (shops) => {
            shops.get<{ Params: { id: string } }>('/orders/:id', async ({ params }) =>
              handlers.order(params.id),
            );
          },
          { prefix: '/shops/:shop' },
        );
      },
      { prefix: '/api/v1' },
    );
    const fail = async () => {
      await new Promise(setImmediate);
      throw handlers.error();
    };
    app.get('/thrown/:id', fail);
    app.register(async (inner) => {
      inner.setErrorHandler((_error, _request, reply) => {
        reply.code(503).type('text/plain').send('handled');
      });
      inner.get('/handled/:id', fail);
    });
    app.register(async (inner) => {
      inner.addHook('onRequest', async (_request, reply) => reply.code(401).send('denied'));
      inner.get('/denied/:id', async () => 'not reached');
    });
    app.get('/stream/:id', (_request, reply) => {
      const parts = async function* () {
        yield 'first';
        await handlers.second;
        yield 'second';
      };
      reply.type('text/plain').send(Readable.from(parts()));
    });
    return listen(app as unknown as FastifyInstance);
  },
  patched: () => {
    const { reply, logController } = findPrototypes(fastify);
    return [reply.send, reply.hijack, logController?.incomingRequest];
  },
});
