const pino = require('pino');
const { randomUUID } = require('node:crypto');
const { als } = require('./als');

const app = require('fastify')({
  logger: pino({
    mixin() {
      return { traceId: als.getStore()?.traceId }; // finds: logged context-read
    },
  }),
  bodyLimit: 1024,
});

app.addHook('onRequest', (request, reply, done) => {
  const traceId = request.headers['x-trace-id'] ?? randomUUID(); // finds: header-read id-made
  reply.header('x-trace-id', traceId); // finds: header-returned
  reply.header('vary', 'origin');
  als.run({ traceId }, done); // finds: context-stored
});
app.get('/', (request) => {
  request.log.info({ traceId: request.traceId }, 'hello'); // finds: logged
});

const other = require('fastify')({
  requestIdHeader: 'x-trace-id', // finds: header-read
  requestIdLogLabel: 'traceId', // finds: logged
  genReqId: (request) => request.headers['x-request-id'] ?? randomUUID(), // finds: header-read id-made
});
other.decorateRequest('traceId', ''); // finds: context-stored
other.decorateRequest('user', null);
other.register(require('@fastify/request-context').fastifyRequestContext, {
  defaultStoreValues: (request) => ({ traceId: request.id }),
});
other.addHook('preHandler', async (request, reply) => {
  request.requestContext.set('traceId', request.headers['x-trace-id']); // finds: header-read context-stored
  request.requestContext.set('user', 'ann');
  reply.headers({ 'x-trace-id': request.requestContext.get('traceId') }); // finds: header-returned context-read
});
