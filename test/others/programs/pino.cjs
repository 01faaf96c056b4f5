// What pino does: levels, children, serializers, redaction, mixins, errors, multistream; the fields of the trace apart.
const { createRequire } = require('node:module');
const { Writable } = require('node:stream');
const pino = createRequire(process.env.LIBRARY_OWNER)('pino');
const lines = [];
const stream = new Writable({
  write: (chunk, _encoding, done) => {
    lines.push(String(chunk).trimEnd());
    done();
  },
});
const logger = pino(
  {
    level: 'debug',
    base: { app: 'a' },
    timestamp: false,
    redact: ['password', 'deep.*.secret'],
    serializers: { request: () => 'serialized' },
    mixin: () => ({ mixed: 1 }),
  },
  stream,
);
logger.info('plain');
logger.info({ a: 1 }, 'with %s', 'object');
logger.warn('%s %d %j', 'a', 1, { b: 2 });
logger.error(Object.assign(new Error('an error'), { stack: 'S' }), 'failed');
logger.error(Object.assign(new Error('alone'), { stack: 'S' }));
logger.info({ password: 'p', deep: { x: { secret: 's' } }, request: {} });
const child = logger.child(
  { child: true, trace_id: 'of the service' },
  { level: 'trace', serializers: { own: (value) => value * 2 } },
);
child.trace({ own: 2 }, 'from a child');
child.setBindings({ later: 1 });
child.info('bound');
logger.silent('nothing');
console.log(
  logger.level,
  logger.isLevelEnabled('trace'),
  JSON.stringify(logger.bindings()),
  child.bindings().child,
);
logger.level = 'fatal';
logger.error('not shown');
const multi = pino(
  { timestamp: false, base: null },
  pino.multistream([{ stream }, { level: 'error', stream }]),
);
multi.info('once');
multi.error('twice');
try {
  pino({ level: 'unknown' });
} catch (error) {
  console.log(error.message);
}
setImmediate(() => {
  for (const line of lines) console.log(line);
});
