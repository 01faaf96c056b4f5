import { connect } from 'node:net';
import type { Bed, Ending } from './bed.js';
import type { Fault, FaultGroup } from './fault.js';

/** What a client writes to the socket of a service. */
interface HostileInput {
  readonly name: string;
  readonly bytes: string | Buffer;
  /** Leaves as soon as it has written, or after the first bytes of the answer. */
  readonly leaves?: 'at once' | 'early';
}

const get = (headers: string, path = '/') =>
  `GET ${path} HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n${headers}\r\n`;
const header = (name: string, value: string) => get(`${name}: ${value}\r\n`);
const ids = `${'a'.repeat(32)}-${'b'.repeat(16)}`;
const binary = (text: string) => Buffer.from(text, 'latin1');

const inputs: readonly HostileInput[] = [
  { name: 'traceparent: empty', bytes: header('traceparent', '') },
  {
    name: 'traceparent: not hexadecimal',
    bytes: header('traceparent', `00-${'z'.repeat(32)}-${'b'.repeat(16)}-01`),
  },
  {
    name: 'traceparent: all zeros',
    bytes: header('traceparent', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-00`),
  },
  { name: 'traceparent: version ff', bytes: header('traceparent', `ff-${ids}-01`) },
  {
    name: 'traceparent: a later version with more fields',
    bytes: header('traceparent', `01-${ids}-01-more`),
  },
  { name: 'traceparent: twice', bytes: get(`traceparent: 00-${ids}-01\r\ntraceparent: 00-${ids}-00\r\n`) },
  { name: 'traceparent: 8 KB', bytes: header('traceparent', 'a'.repeat(8_000)) },
  { name: 'traceparent: control characters', bytes: binary(header('traceparent', `00-${ids}-01\x01\x7f`)) },
  {
    name: 'tracestate: 1,000 members',
    bytes: get(
      `traceparent: 00-${ids}-01\r\ntracestate: ${Array.from({ length: 1_000 }, (_, i) => `k${i}=v`).join(',')}\r\n`,
    ),
  },
  {
    name: 'tracestate: only commas',
    bytes: get(`traceparent: 00-${ids}-01\r\ntracestate: ${','.repeat(2_000)}\r\n`),
  },
  {
    name: 'tracestate: illegal keys',
    bytes: get(`traceparent: 00-${ids}-01\r\ntracestate: __proto__=1,A=2,=3,=\r\n`),
  },
  { name: 'baggage: 12 KB', bytes: header('baggage', `key=${'v'.repeat(12_000)}`) },
  {
    name: 'baggage: 1,000 entries',
    bytes: header('baggage', Array.from({ length: 1_000 }, (_, i) => `k${i}=v`).join(',')),
  },
  { name: 'baggage: bad percent-encoding', bytes: header('baggage', 'a=%zz,b=%,c=%e2%28') },
  {
    name: 'baggage: __proto__ and constructor',
    bytes: header('baggage', '__proto__=1,constructor=2,toString=3'),
  },
  { name: 'baggage: only separators', bytes: header('baggage', ';;;,,,===') },
  { name: 'header named __proto__', bytes: header('__proto__', 'polluted') },
  { name: 'header named constructor', bytes: header('constructor', 'prototype') },
  {
    name: 'headers: 500 of them',
    bytes: get(Array.from({ length: 500 }, (_, i) => `x-${i}: v\r\n`).join('')),
  },
  { name: 'header: 15 KB', bytes: header('x-large', 'v'.repeat(15_000)) },
  { name: 'header: more than Node accepts', bytes: header('x-large', 'v'.repeat(40_000)) },
  { name: 'header: no value, no colon', bytes: get('nonsense\r\n') },
  { name: 'header: latin-1 characters', bytes: binary(header('x-name', 'J\xfcrgen \xff')) },
  { name: 'user-agent: 14 KB', bytes: header('user-agent', 'u'.repeat(14_000)) },
  { name: 'user-agent: twice', bytes: get('user-agent: a\r\nuser-agent: b\r\n') },
  { name: 'host: none, HTTP/1.0', bytes: 'GET / HTTP/1.0\r\n\r\n' },
  { name: 'host: none, HTTP/1.1', bytes: 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n' },
  { name: 'host: nonsense', bytes: 'GET / HTTP/1.1\r\nHost: :::@[[%\r\nConnection: close\r\n\r\n' },
  {
    name: 'host: a port beyond all ports',
    bytes: 'GET / HTTP/1.1\r\nHost: a:999999\r\nConnection: close\r\n\r\n',
  },
  { name: 'host: IPv6 without an end', bytes: 'GET / HTTP/1.1\r\nHost: [::1\r\nConnection: close\r\n\r\n' },
  { name: 'x-forwarded-for: nonsense', bytes: header('x-forwarded-for', ',,, , unknown, "') },
  { name: 'forwarded: quotes that do not end', bytes: header('forwarded', 'for="[2001:db8::1') },
  { name: 'path: 14 KB', bytes: get('', `/${'p'.repeat(14_000)}`) },
  { name: 'path: bad percent-encoding', bytes: get('', '/%zz/%/%c0%ae') },
  { name: 'path: NUL, encoded', bytes: get('', '/%00') },
  { name: 'path: //', bytes: get('', '//evil.example//a') },
  { name: 'path: /__proto__/constructor', bytes: get('', '/__proto__/constructor?__proto__[x]=1') },
  { name: 'path: absolute form', bytes: get('', 'http://other.example/path?token=secret') },
  { name: 'path: absolute form without a path', bytes: get('', 'http://other.example') },
  { name: 'path: dots', bytes: get('', '/../../etc/passwd') },
  { name: 'path: latin-1 characters', bytes: binary(get('', '/caf\xe9')) },
  { name: 'query: 14 KB of parameters', bytes: get('', `/?${'a=1&'.repeat(3_500)}`) },
  { name: 'query: only separators', bytes: get('', `/?${'&;='.repeat(1_000)}`) },
  { name: 'method: OPTIONS *', bytes: 'OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n' },
  {
    name: 'method: one that nobody uses',
    bytes: 'M-SEARCH / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  },
  {
    name: 'method: one that does not exist',
    bytes: 'EXPLODE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  },
  { name: 'method: lower case', bytes: 'get / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n' },
  { name: 'method: CONNECT, for which nobody listens', bytes: 'CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n' },
  {
    name: 'upgrade: for which nobody listens',
    bytes: get('Upgrade: websocket\r\n').replace('Connection: close', 'Connection: Upgrade'),
  },
  { name: 'expect: 100-continue, and no body', bytes: get('Expect: 100-continue\r\nContent-Length: 0\r\n') },
  { name: 'expect: something else', bytes: get('Expect: 200-maybe\r\n') },
  {
    name: 'body: shorter than it says, then the client leaves',
    bytes: `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nshort`,
    leaves: 'at once',
  },
  {
    name: 'body: chunks of wrong length',
    bytes: `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\nabc\r\n0\r\n\r\n`,
  },
  {
    name: 'body: length and chunks at once (smuggling)',
    bytes: `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n`,
  },
  {
    name: 'body: trailers',
    bytes: `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\ntraceparent: 00-${ids}-01\r\n\r\n`,
  },
  {
    name: 'pipelining: 200 requests in one write',
    bytes: `${'GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(199)}${get('')}`,
  },
  {
    name: 'pipelining: 200 requests, then the client leaves',
    bytes: 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(200),
    leaves: 'at once',
  },
  { name: 'the client leaves in the middle of the answer', bytes: get('', '/large'), leaves: 'early' },
  { name: 'no HTTP at all', bytes: Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01]) },
  { name: 'nothing, then the client leaves', bytes: '', leaves: 'at once' },
];

const program = `
const http = require('node:http');
const server = http.createServer((request, response) => {
  let length = 0;
  request.on('data', (chunk) => { length += chunk.length; }).on('end', () => {
    if (request.url === '/large') { response.end(Buffer.alloc(1e6, 'x')); return; }
    const { method, url, headers } = request;
    response.end(JSON.stringify({ method, url, length, headers, polluted: {}.x ?? null }));
  });
});
server.keepAliveTimeout = 50;
server.listen(0, '127.0.0.1', () => console.log('PORT ' + server.address().port));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
process.stdin.resume().on('end', async () => {
  const { getObservability } = globalThis.observed ? require('@throughline/core') : { getObservability: undefined };
  if (getObservability) console.log('METRICS ' + JSON.stringify((await getObservability().metrics.render()).body));
  process.exit(0);
});
`;

interface Served {
  readonly ending: Ending;
  readonly answers: ReadonlyMap<string, string>;
}

/** One service that gets all of it, one after the other. */
async function serve(bed: Bed, isObserved: boolean, service: string): Promise<Served> {
  const answers = new Map<string, string>();
  const ending = await bed.run(
    {
      body: `globalThis.observed = ${isObserved};${program}`,
      onLine(line, child) {
        const port = Number(/^PORT (\d+)/.exec(line)?.[1]);
        if (!port) return;
        void (async () => {
          for (const input of inputs) answers.set(input.name, await send(port, input));
          // It still serves.
          answers.set('', await send(port, { name: '', bytes: get('') }));
          child.stdin?.end();
        })();
      },
    },
    { isObserved, service },
  );
  return { ending, answers };
}

function send(port: number, { bytes, leaves }: HostileInput): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1');
    socket.setTimeout(2_000, () => socket.destroy());
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      if (leaves === 'early') socket.destroy();
    });
    socket.on('close', () => {
      // How much of an answer arrives before the client leaves is chance.
      const answer = leaves ? '' : Buffer.concat(chunks).toString('latin1');
      resolve(answer.replace(/^Date: .*\r\n/gm, '').replace(/"host":"127[^"]*"/g, ''));
    });
    socket.write(bytes, () => {
      if (leaves === 'at once') setImmediate(() => socket.destroy());
    });
  });
}

interface Outcome {
  readonly bare: Served;
  readonly observed: Served;
  readonly metrics: string;
}

const outcomes = new WeakMap<Bed, Promise<Outcome>>();

function outcomeOn(bed: Bed): Promise<Outcome> {
  let outcome = outcomes.get(bed);
  if (!outcome) {
    outcome = (async () => {
      const [bare, observed] = await Promise.all([
        serve(bed, false, 'unused'),
        serve(bed, true, bed.newService()),
      ]);
      const line = observed.ending.said.find((said) => said.startsWith('METRICS '));
      return { bare, observed, metrics: line ? JSON.parse(line.slice(8)) : '' };
    })();
    outcomes.set(bed, outcome);
  }
  return outcome;
}

/** The most series that these requests may make: methods and statuses, never paths. */
const maxSeries = 40;

function afterwards(name: string, check: (outcome: Outcome) => string | undefined): Fault {
  return { name, isQuick: true, create: async (bed) => check(await outcomeOn(bed)) };
}

export const hostileInput: FaultGroup = {
  title: 'Hostile input',
  promise:
    'The service answers byte for byte as it would without Throughline, whatever a client sends. All of it goes to one service, one after the other, which then still serves.',
  faults: [
    ...inputs.map(
      ({ name }): Fault => ({
        name,
        isQuick: true,
        async create(bed) {
          const { bare, observed } = await outcomeOn(bed);
          const [without, withIt] = [bare.answers.get(name), observed.answers.get(name)];
          if (withIt === undefined) return `not answered; stderr: ${observed.ending.stderr.slice(0, 1_000)}`;
          return without === withIt
            ? undefined
            : `answered ${withIt.slice(0, 500)}\ninstead of ${without?.slice(0, 500)}`;
        },
      }),
    ),
    afterwards('all of it: the service still serves, and has printed nothing', ({ bare, observed }) => {
      if (!observed.answers.get('')?.startsWith('HTTP/1.1 200')) return 'it does not answer any more';
      if (observed.ending.code !== bare.ending.code) return `it ended with ${observed.ending.code}`;
      return observed.ending.stderr === '' ? undefined : observed.ending.stderr;
    }),
    afterwards(
      'all of it: no request is still counted as active',
      ({ metrics }) => /^http_server_active_requests\{[^}]*\} [1-9]/m.exec(metrics)?.[0],
    ),
    afterwards('all of it: no path, header or invented method has become a series', ({ metrics }) => {
      const series = metrics
        .split('\n')
        .filter((line) => /^http_server_request_duration_seconds_count/.test(line));
      if (series.length === 0) return 'there are no series at all';
      if (series.length > maxSeries) return `there are ${series.length} series`;
      return series.find((line) => /ppp|evil|proto|passwd|EXPLODE|M-SEARCH/.test(line));
    }),
  ],
};
