import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createSocketServer, type Server, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { Bed } from './bed.js';
import type { Fault, FaultGroup } from './fault.js';

/** An intake that does something else than taking what it is sent. */
interface Backend {
  readonly name: string;
  readonly isQuick?: boolean;
  /** What becomes of the spans: all exported, all failed, or some of each. */
  readonly spans: 'exported' | 'failed' | 'either';
  readonly start: () => Promise<{ readonly url: string; stop(): void }>;
}

async function listening(server: Server): Promise<{ url: string; stop(): void }> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Reads the request whole, then answers. */
const http = (answer: (response: ServerResponse, request: IncomingMessage) => void) => () =>
  listening(
    createServer(((request, response) => {
      request.resume().on('end', () => answer(response, request));
    }) as RequestListener),
  );
const sockets = (serve: (socket: Socket) => void) => () => listening(createSocketServer(serve));
const status = (code: number, headers = {}, body = '') =>
  http((response) => response.writeHead(code, headers).end(body));

const backends: readonly Backend[] = [
  { name: 'takes everything', spans: 'exported', start: status(200), isQuick: true },
  {
    name: 'is not there',
    spans: 'failed',
    start: async () => ({ url: 'http://127.0.0.1:1', stop() {} }),
    isQuick: true,
  },
  {
    name: 'has a name that does not exist',
    spans: 'failed',
    start: async () => ({ url: 'http://intake.invalid:4318', stop() {} }),
  },
  {
    name: 'takes the connection and never answers',
    spans: 'failed',
    start: sockets(() => {}),
    isQuick: true,
  },
  {
    name: 'drips one byte every 50 ms',
    spans: 'failed',
    start: sockets((socket) => {
      const timer = setInterval(() => socket.write('H'), 50);
      socket.on('close', () => clearInterval(timer));
    }),
    isQuick: true,
  },
  {
    name: 'sends headers, and never the body',
    spans: 'either',
    start: sockets((socket) =>
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n')),
    ),
  },
  {
    name: 'sends a body without an end',
    spans: 'either',
    start: http((response) => {
      const timer = setInterval(() => response.write('x'.repeat(65_536)), 5);
      response.on('close', () => clearInterval(timer));
    }),
  },
  { name: 'closes the connection at once', spans: 'failed', start: sockets((socket) => socket.destroy()) },
  {
    name: 'resets the connection',
    spans: 'failed',
    start: sockets((socket) => socket.on('data', () => socket.resetAndDestroy())),
  },
  {
    name: 'closes its half of the connection',
    spans: 'failed',
    start: sockets((socket) => socket.on('data', () => socket.end())),
  },
  {
    name: 'speaks no HTTP',
    spans: 'failed',
    start: sockets((socket) => socket.on('data', () => socket.end('220 mail.example ESMTP\r\n'))),
  },
  { name: 'answers 400', spans: 'failed', start: status(400, {}, 'no') },
  { name: 'answers 401', spans: 'failed', start: status(401), isQuick: true },
  { name: 'answers 404', spans: 'failed', start: status(404) },
  { name: 'answers 413', spans: 'failed', start: status(413) },
  {
    name: 'answers 429, try again in an hour',
    spans: 'failed',
    start: status(429, { 'retry-after': '3600' }),
  },
  {
    name: 'answers 429 with a date that is none',
    spans: 'failed',
    start: status(429, { 'retry-after': 'tomorrow' }),
  },
  { name: 'answers 500', spans: 'failed', start: status(500, {}, 'x'.repeat(100_000)) },
  {
    name: 'answers 503 and then takes it',
    spans: 'either',
    start: () => {
      let count = 0;
      return http((response) =>
        response.writeHead(count++ % 2 === 0 ? 503 : 200, { 'retry-after': '0' }).end(),
      )();
    },
  },
  {
    name: 'answers 200 and that it has rejected all of them',
    spans: 'failed',
    start: status(
      200,
      { 'content-type': 'application/json' },
      JSON.stringify({ partialSuccess: { rejectedSpans: '1000', errorMessage: 'quota' } }),
    ),
    isQuick: true,
  },
  {
    name: 'answers 200 and that it has rejected more than there were',
    spans: 'failed',
    start: status(
      200,
      { 'content-type': 'application/json' },
      JSON.stringify({ partialSuccess: { rejectedSpans: '99999999999999999999' } }),
    ),
  },
  {
    name: 'answers 200 and nonsense',
    spans: 'exported',
    start: status(200, { 'content-type': 'application/json' }, '{{{'),
  },
  {
    name: 'answers 200 and protobuf that is none',
    spans: 'exported',
    start: status(200, { 'content-type': 'application/x-protobuf' }, '\xff\xff\xff'),
  },
  {
    name: 'answers 200 and a gzip bomb',
    spans: 'either',
    start: http((response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000))),
    ),
  },
  {
    name: 'redirects to itself',
    spans: 'failed',
    start: http((response, request) => response.writeHead(307, { location: request.url ?? '/' }).end()),
    isQuick: true,
  },
  {
    name: 'redirects to another host',
    spans: 'failed',
    start: status(308, { location: 'http://127.0.0.1:1/' }),
  },
  {
    name: 'answers 100 again and again',
    spans: 'failed',
    start: sockets((socket) => {
      const timer = setInterval(() => socket.write('HTTP/1.1 100 Continue\r\n\r\n'), 20);
      socket.on('close', () => clearInterval(timer));
    }),
  },
  {
    name: 'speaks TLS with nobody',
    spans: 'failed',
    start: async () => {
      const { url, stop } = await sockets((socket) => socket.on('data', () => socket.end('no TLS')))();
      return { url: url.replace('http:', 'https:'), stop };
    },
  },
  {
    name: 'flaps: every second connection is refused',
    spans: 'either',
    start: () => {
      let count = 0;
      return sockets((socket) => {
        if (count++ % 2 === 0) socket.destroy();
        else socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'));
      })();
    },
  },
];

const spanCount = 200;

const program = `
const http = require('node:http');
const core = require('@throughline/core');
const observability = core.initObservability({
  serviceName: 'orders',
  metrics: { endpoint: false, runtime: false, cluster: false },
  logs: { startLine: false },
  traces: { timeoutMillis: 400, batch: { maxExportBatchSize: 50, scheduledDelayMillis: 10 } },
  http: { ignoreIncomingPaths: [/./] },
});
process.on('uncaughtException', (error) => console.log('HARM uncaught exception: ' + error.stack));
process.on('unhandledRejection', (error) => console.log('HARM unhandled rejection: ' + (error && error.stack)));
(async () => {
  const server = http.createServer((request, response) => response.end('ok')).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const ask = () => new Promise((resolve, reject) => http.get({ host: '127.0.0.1', port: server.address().port, agent: false }, (response) => response.resume().on('end', resolve)).on('error', reject));
  const { context } = require('@opentelemetry/api');
  for (let i = 0; i < ${spanCount}; i++) {
    core.withSpan('work', () => {}, { attributes: { i } });
    if (i % 50 === 0) await ask();
  }
  await observability.flush({ timeoutMillis: 8_000 });
  await ask();
  const { body } = await observability.metrics.render();
  const counted = {};
  for (const [, result, value] of body.matchAll(/^throughline_spans_total\\{[^}]*result="(\\w+)"[^}]*\\} (\\d+)/gm)) counted[result] = Number(value);
  console.log('COUNTED ' + JSON.stringify(counted));
  await observability.shutdown({ timeoutMillis: 2_000 });
  server.close();
  console.log('CLOSED');
})();
`;

/** Calls of the program to itself make client spans beside its own. */
const maxFurtherSpans = 20;
/** One line when trouble begins, one for another kind of trouble, and one at the end. */
const maxComplaints = 4;

function backendFault({ name, isQuick = false, spans, start }: Backend): Fault {
  return {
    name,
    isQuick,
    async create(bed: Bed) {
      const { url, stop } = await start();
      try {
        const { code, signal, stderr, said, lines } = await bed.run(
          { body: program, env: { OTEL_EXPORTER_OTLP_ENDPOINT: url } },
          { isObserved: false },
        );
        const harm = said.find((line) => line.startsWith('HARM'));
        if (harm) return harm;
        if (code !== 0 || !said.includes('CLOSED'))
          return `it ended with ${code ?? signal}; stderr: ${stderr}`;
        const counted = JSON.parse(said.find((line) => line.startsWith('COUNTED '))?.slice(8) ?? '{}');
        const { exported = 0, failed = 0, dropped = 0 } = counted;
        const sum = exported + failed + dropped;
        if (sum < spanCount || sum > spanCount + maxFurtherSpans) {
          return `of ${spanCount} spans ${JSON.stringify(counted)} are accounted for`;
        }
        if (spans === 'exported' && exported !== sum) return `not exported: ${JSON.stringify(counted)}`;
        if (spans === 'failed' && exported > 0) return `exported: ${JSON.stringify(counted)}`;
        const complaints = lines.filter(({ code: problem }) => String(problem).startsWith('OBS_EXPORT'));
        if (spans === 'failed' && complaints.length === 0) return 'it is not said that spans were lost';
        if (complaints.length > maxComplaints) return `it is said ${complaints.length} times`;
        return undefined;
      } finally {
        stop();
      }
    },
  };
}

export const backendFaults: FaultGroup = {
  title: 'Backends',
  promise: `The service answers, every span is counted as exported, failed or dropped, the loss is said in at most ${maxComplaints} lines, and shutdown ends in time.`,
  faults: backends.map(backendFault),
};
