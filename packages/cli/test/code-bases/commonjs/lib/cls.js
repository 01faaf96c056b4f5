const { createNamespace } = require('cls-hooked');
const rTracer = require('cls-rtracer'); // finds: library
const nanoid = require('nanoid').nanoid;
const ns = createNamespace('app');

module.exports = (app) => {
  app.use(rTracer.expressMiddleware()); // finds: library
  app.use((req, _res, next) =>
    ns.run(() => {
      ns.set('requestId', req.get('X-Request-Id') || nanoid()); // finds: header-read id-made context-stored
      ns.set('user', req.user);
      next();
    }),
  );
};
module.exports.log = (logger) => logger.info({ requestId: ns.get('requestId') }, 'hello'); // finds: logged context-read
