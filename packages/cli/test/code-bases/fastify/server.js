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
