import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:http';
import { onLoopback } from '@throughline/testbed/otlp-intake';
import { type Bed, difference, type Program } from './bed.js';
import type { Fault, FaultGroup } from './fault.js';

/** One request to itself, so that there is telemetry; then `then` runs. */
export const served = (then: string) => `
const http = require('node:http');
const say = (text) => require('node:fs').writeSync(1, text + '\\n');
const server = http.createServer((request, response) => response.end('ok')).listen(0, '127.0.0.1', () => {
  http.get({ host: '127.0.0.1', port: server.address().port, agent: false }, (response) => {
    response.resume().on('close', () => { ${then} });
  });
});
`;

export interface EndingFault extends Omit<Program, 'onLine'> {
  readonly name: string;
  readonly isQuick?: boolean;
  /** What is done when the program prints READY. */
  readonly atReady?: (child: ChildProcess) => void;
  /** What is done as soon as it runs. */
  readonly atStart?: (child: ChildProcess) => void;
  readonly atLine?: Readonly<Record<string, (child: ChildProcess) => void>>;
  /** Whether the spans of its request arrive. Default: true */
  readonly arrives?: boolean;
}

const kill = (signal: NodeJS.Signals) => (child: ChildProcess) => child.kill(signal);

const endings: readonly EndingFault[] = [
  { name: 'SIGTERM, no handler', body: served("say('READY')"), atReady: kill('SIGTERM'), isQuick: true },
  { name: 'SIGINT, no handler', body: served("say('READY')"), atReady: kill('SIGINT') },
  {
    name: 'SIGHUP, for which nobody listens',
    body: served("say('READY')"),
    atReady: kill('SIGHUP'),
    arrives: false,
  },
  {
    name: 'SIGKILL, which cannot be handled',
    body: served("say('READY')"),
    atReady: kill('SIGKILL'),
    arrives: false,
  },
  {
    name: 'SIGTERM, a handler that closes the server and exits with 3',
    body: served(
      "process.on('SIGTERM', () => { say('closing'); server.close(() => process.exit(3)); }); say('READY')",
    ),
    atReady: kill('SIGTERM'),
    isQuick: true,
  },
  {
    name: 'SIGTERM, a handler added with once before anything else that drains for a while',
    body: `process.once('SIGTERM', () => { require('node:fs').writeSync(1, 'draining\\n'); setTimeout(() => { require('node:fs').writeSync(1, 'drained\\n'); process.exit(0); }, 300); });${served("say('READY')")}`,
    atReady: kill('SIGTERM'),
    isQuick: true,
  },
  {
    name: 'SIGTERM, three handlers in their order, one of them prepended',
    body: served(
      "process.on('SIGTERM', () => say('second')); process.once('SIGTERM', () => { say('third'); process.exit(0); }); process.prependListener('SIGTERM', () => say('first')); say('READY')",
    ),
    atReady: kill('SIGTERM'),
  },
  {
    name: 'SIGTERM, a handler that does not exit; then SIGINT, for which there is none',
    body: served("process.on('SIGTERM', () => say('STAYING')); say('READY')"),
    atReady: kill('SIGTERM'),
    atLine: { STAYING: kill('SIGINT') },
  },
  {
    name: 'SIGTERM, a handler that was removed again',
    body: served(
      "const handler = () => say('never'); process.on('SIGTERM', handler); process.off('SIGTERM', handler); say('READY')",
    ),
    atReady: kill('SIGTERM'),
  },
  {
    name: 'SIGTERM after process.removeAllListeners()',
    body: served("process.removeAllListeners(); say('READY')"),
    atReady: kill('SIGTERM'),
    arrives: false,
  },
  {
    name: 'SIGTERM, an asynchronous handler that throws',
    body: served("process.on('SIGTERM', async () => { throw new Error('while closing'); }); say('READY')"),
    atReady: kill('SIGTERM'),
  },
  {
    name: 'SIGTERM twice; the second handler exits with 4',
    body: served(
      "let count = 0; process.on('SIGTERM', () => { count++; say('TIME ' + count); if (count === 2) process.exit(4); }); say('READY')",
    ),
    atReady: kill('SIGTERM'),
    atLine: { 'TIME 1': kill('SIGTERM') },
  },
  {
    name: 'an end by itself',
    body: served('server.close(); process.exitCode = 0'),
    isQuick: true,
  },
  { name: 'process.exitCode', body: served('server.close(); process.exitCode = 5') },
  { name: 'process.exit(6)', body: served('process.exit(6)'), isQuick: true },
  {
    name: 'process.exit() in a request',
    body: served('').replace("response.end('ok')", "{ say('in the request'); process.exit(7); }"),
    arrives: false,
  },
  { name: 'process.reallyExit(8)', body: served('process.reallyExit(8)') },
  { name: 'process.abort()', body: served('process.abort()'), arrives: false },
  { name: 'process.kill(process.pid) with SIGTERM', body: served("process.kill(process.pid, 'SIGTERM')") },
  {
    name: "'beforeExit': listeners in their order, work that they add, and the exit code",
    body: `let rounds = 0; process.on('beforeExit', (code) => { require('node:fs').writeSync(1, 'beforeExit ' + code + '\\n'); if (rounds++ < 2) setTimeout(() => {}, 5); else process.exitCode = 9; });${served('server.close()')}`,
    isQuick: true,
  },
  {
    name: "process.exit in 'beforeExit'",
    body: `process.on('beforeExit', () => process.exit(10));${served('server.close()')}`,
  },
  {
    name: "'exit': listeners in their order, and one that changes the code",
    body: served(
      "process.on('exit', (code) => say('one ' + code)); process.on('exit', (code) => { say('two ' + code); process.exitCode = 11; }); process.exit(1)",
    ),
  },
  {
    name: "'exit': a listener that throws",
    body: served("process.on('exit', () => { throw new Error('late'); }); process.exit(0)"),
  },
  { name: 'an uncaught exception', body: served("throw new TypeError('boom')"), isQuick: true },
  { name: 'an uncaught exception that is no error', body: served('throw { odd: 1 }') },
  { name: 'an unhandled rejection', body: served("Promise.reject(new TypeError('boom'))"), isQuick: true },
  {
    name: "an uncaught exception, listeners of 'uncaughtExceptionMonitor' and 'uncaughtException' in their order",
    body: served(
      "process.on('uncaughtExceptionMonitor', (error, origin) => say('monitor ' + error.message + ' ' + origin)); process.on('uncaughtException', (error, origin) => { say('handler ' + error.message + ' ' + origin); process.exit(12); }); throw new Error('boom')",
    ),
  },
  {
    name: 'an uncaught exception in the handler of an uncaught exception',
    body: served(
      "process.on('uncaughtException', () => { throw new Error('again'); }); throw new Error('boom')",
    ),
  },
  {
    name: 'an uncaught exception that a handler survives',
    body: served(
      "process.on('uncaughtException', (error) => { say('survived ' + error.message); server.close(); }); throw new Error('boom')",
    ),
  },
  {
    name: 'an unhandled rejection, a listener that decides',
    body: served(
      "process.on('unhandledRejection', (reason) => { say('handled ' + reason); server.close(); }); Promise.reject('no')",
    ),
  },
  {
    name: 'a top-level await that never settles',
    body: "console.log('waiting'); await new Promise(() => {});",
    isModule: true,
    arrives: false,
  },
  { name: 'a syntax error in the program', body: 'const = 1;', arrives: false },
  { name: 'a module that does not exist', body: "require('./nowhere.js');", arrives: false },
  {
    name: 'a worker thread that exits with 2',
    body: `const { Worker, isMainThread } = require('node:worker_threads');
if (isMainThread) new Worker(__filename).on('exit', (code) => console.log('worker ' + code));
else { ${served('process.exit(2)')} }`,
    isQuick: true,
  },
  {
    name: 'a worker thread that throws',
    body: `const { Worker, isMainThread } = require('node:worker_threads');
if (isMainThread) new Worker(__filename).on('error', (error) => console.log('error ' + error.message)).on('exit', (code) => console.log('worker ' + code));
else { ${served("throw new Error('boom')")} }`,
  },
  {
    name: 'a worker thread that is terminated',
    body: `const { Worker, isMainThread, parentPort } = require('node:worker_threads');
if (isMainThread) { const worker = new Worker(__filename).on('message', () => worker.terminate()).on('exit', (code) => console.log('worker ' + code)); }
else { ${served("parentPort.postMessage('ready')")} }`,
    arrives: false,
  },
  {
    name: 'the main thread exits while a worker thread works',
    body: `const { Worker, isMainThread, parentPort } = require('node:worker_threads');
if (isMainThread) new Worker(__filename).on('message', () => process.exit(3));
else { ${served("parentPort.postMessage('ready')")} }`,
    arrives: false,
  },
  {
    name: 'a worker of a cluster that exits with 2',
    body: `const cluster = require('node:cluster');
if (cluster.isPrimary) cluster.fork().on('exit', (code, signal) => { console.log('worker', code, signal); process.exit(0); });
else { ${served('process.exit(2)')} }`,
  },
  {
    name: 'a worker of a cluster that gets SIGTERM',
    body: `const cluster = require('node:cluster');
if (cluster.isPrimary) { const worker = cluster.fork(); worker.on('message', () => worker.process.kill('SIGTERM')).on('exit', (code, signal) => { console.log('worker', code, signal); process.exit(0); }); }
else { ${served("process.send('ready')")} }`,
    isQuick: true,
  },
  {
    name: 'a worker of a cluster that disconnects',
    body: `const cluster = require('node:cluster');
if (cluster.isPrimary) { const worker = cluster.fork(); worker.on('message', () => worker.disconnect()).on('exit', (code, signal) => { console.log('worker', code, signal); process.exit(0); }); }
else { ${served("process.send('ready')")} }`,
  },
  {
    name: 'SIGTERM to the primary of a cluster, which hands it on',
    body: `const cluster = require('node:cluster');
if (cluster.isPrimary) {
  const worker = cluster.fork();
  worker.on('message', () => console.log('READY')).on('exit', (code, signal) => { console.log('worker', code, signal); process.exit(0); });
  process.on('SIGTERM', () => worker.process.kill('SIGTERM'));
} else { ${served("process.send('ready')")} }`,
    atReady: kill('SIGTERM'),
  },
];

export function endingFault(fault: EndingFault): Fault {
  const { name, isQuick = false, atReady, atStart, atLine = {}, arrives = true, ...program } = fault;
  return {
    name,
    isQuick,
    async create(bed) {
      const onLine = (line: string, child: ChildProcess) => {
        if (line === 'READY') atReady?.(child);
        atLine[line]?.(child);
      };
      const service = bed.newService();
      const start = atStart ? { onStart: atStart } : {};
      const [bare, observed] = await Promise.all([
        bed.run({ ...program, ...start, onLine }, { isObserved: false }),
        bed.run({ ...program, ...start, onLine }, { isObserved: true, service }),
      ]);
      const spans = bed.spansOf(service);
      const lost =
        arrives && !spans.includes('GET') ? `no span arrived; stderr: ${observed.stderr}` : undefined;
      return difference(bare, observed) ?? lost;
    },
  };
}

/** Backends that keep the end of the process waiting. */
function hangingAtEnd(name: string, body: string, atReady?: (child: ChildProcess) => void): Fault {
  return {
    name,
    async create(bed: Bed) {
      const hanging = await onLoopback(createServer(() => {}));
      const onLine = (line: string, child: ChildProcess) => {
        if (line === 'READY') atReady?.(child);
      };
      try {
        const bare = await bed.run({ body, onLine }, { isObserved: false });
        const observed = await bed.run(
          {
            body,
            onLine,
            env: { OTEL_EXPORTER_OTLP_ENDPOINT: hanging.url, THROUGHLINE_EXIT_TIMEOUT: '500' },
          },
          { isObserved: true },
        );
        // A process that outlives the bound is killed, which is another signal.
        return difference(bare, { ...observed, stderr: bare.stderr });
      } finally {
        await hanging.stop();
      }
    },
  };
}

export const endingFaults: FaultGroup = {
  title: 'Endings',
  promise:
    'The process ends with the same exit code or signal as without Throughline. The handlers of the service run in the same order and print the same. What was recorded before arrives, unless the process was killed.',
  faults: [
    ...endings.map(endingFault),
    hangingAtEnd('process.exit(6) while the backend hangs', served('process.exit(6)')),
    hangingAtEnd('SIGTERM while the backend hangs', served("say('READY')"), kill('SIGTERM')),
    hangingAtEnd('SIGINT twice while the backend hangs', served("say('READY')"), (child) => {
      child.kill('SIGINT');
      setTimeout(() => child.kill('SIGINT'), 200);
    }),
    hangingAtEnd('an uncaught exception while the backend hangs', served("throw new Error('boom')")),
  ],
};
