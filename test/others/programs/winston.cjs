// What winston does: formats, levels, children, splat, errors, transports; the fields of the trace apart.
const { createRequire } = require('node:module');
const { Writable } = require('node:stream');
const winston = createRequire(process.env.LIBRARY_OWNER)('winston');
const lines = [];
const stream = new Writable({
  write: (chunk, _encoding, done) => {
    lines.push(String(chunk).trimEnd());
    done();
  },
});
const { format } = winston;
const logger = winston.createLogger({
  level: 'debug',
  format: format.combine(format.errors({ stack: false }), format.splat(), format.json()),
  defaultMeta: { app: 'a' },
  transports: [new winston.transports.Stream({ stream })],
});
logger.info('plain');
logger.info('splat %s %d %j', 'a', 1, { b: 2 }, { further: true });
logger.log('warn', 'by name', { x: 1 });
logger.log({ level: 'error', message: 'object', extra: [1, 2] });
logger.error(new Error('an error'));
logger.error('with error', new Error('another'));
logger.child({ child: true }).debug('from a child', { own: 1 });
logger.silly('not shown');
logger.level = 'error';
logger.info('not shown either');
console.log(logger.isLevelEnabled('info'), Object.keys(logger.levels).join(), logger.transports.length);
const simple = winston.createLogger({
  format: format.simple(),
  transports: [new winston.transports.Stream({ stream })],
});
simple.info('simple', { a: 1 });
const profiler = simple.startTimer();
profiler.done({ message: 'timed' });
logger.on('finish', () => {
  for (const line of lines) console.log(line.replace(/"?durationMs"?:\s?\d+/g, 'D'));
});
logger.end();
