import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import http2, { type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { otlpRequestAsJson } from '@throughline/testbed/otlp-trace-request';
import { afterEach, expect, test } from 'vitest';
import { grpcFrame } from '../recorder/transport/grpc-transport.js';
import { type CapturedObservability, captureObservability } from '../testing.js';

/*
 * What `diagnose()` says of an endpoint by gRPC: test data is sent as the exporters send it, and each answer has its meaning.
 */
let captured: CapturedObservability | undefined;
const stops: (() => void)[] = [];
afterEach(async () => {
  await captured?.stop();
  captured = undefined;
  for (const stop of stops.splice(0)) stop();
});

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

type Answer = (stream: ServerHttp2Stream) => void;

async function receiver(answer: Answer) {
  const calls: { readonly headers: IncomingHttpHeaders; readonly body: Buffer }[] = [];
  const server = http2.createServer();
  server.on('session', (session) => stops.push(() => session.destroy()));
  server.on('stream', async (stream, headers) => {
    stream.on('error', () => {});
    calls.push({ headers, body: await buffer(stream) });
    answer(stream);
  });
  return { url: await listening(server), calls };
}

const ends =
  (status: number, message = Buffer.alloc(0), trailers = {}): Answer =>
  (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(status), ...trailers }));
    stream.end(grpcFrame(message, false));
  };

async function diagnose(endpoint: string, timeoutMillis = 5_000) {
  captured = captureObservability({
    serviceName: 'orders',
    traces: { exporter: 'otlp', protocol: 'grpc', endpoint },
  });
  return captured.observability.diagnose({ timeoutMillis });
}

test('a receiver gets the test span in one call of the trace service, and is taken for good', async () => {
  const { url, calls } = await receiver(ends(0));
  const { backends, findings, testTraceId } = await diagnose(url);
  expect(findings).toEqual([]);
  expect(backends).toMatchObject([{ signal: 'traces', isTaken: true }]);
  // The receiver is in this process and is observed itself: those spans are sent too.
  const method = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
  for (const { headers } of calls) {
    expect(headers).toMatchObject({ ':path': method, 'content-type': 'application/grpc' });
  }
  // Behind five bytes: whether it is compressed, and its length.
  const requests = calls.map(({ body }) => JSON.stringify(otlpRequestAsJson('traces', body.subarray(5))));
  const ofTest = requests.filter((each) => each.includes(testTraceId as string));
  expect(ofTest).toHaveLength(1);
  expect(ofTest[0]).toContain('"stringValue":"orders"');
});

const rejected = Buffer.from([0x0a, 0x0b, 0x08, 1, 0x12, 7, ...Buffer.from('too old')]);

test.each<[string, Answer, string, RegExp]>([
  ['takes it in part', ends(0, rejected), 'OBS_ENDPOINT_REJECTED', /rejects the data \(too old\)/],
  ['wants a name', ends(16), 'OBS_ENDPOINT_UNAUTHORIZED', /refuses the credentials .*UNAUTHENTICATED/],
  ['forbids it', ends(7), 'OBS_ENDPOINT_UNAUTHORIZED', /PERMISSION_DENIED/],
  ['is overloaded', ends(14), 'OBS_ENDPOINT_UNAVAILABLE', /cannot accept data now .*UNAVAILABLE/],
  ['has no such service', ends(12), 'OBS_ENDPOINT_NOT_OTLP', /speaks gRPC, but has no OTLP receiver/],
  ['finds a mistake', ends(3), 'OBS_ENDPOINT_REJECTED', /rejects the data .*INVALID_ARGUMENT/],
  [
    'answers as a web page does',
    (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'text/html' });
      stream.end('<html>');
    },
    'OBS_ENDPOINT_NOT_OTLP',
    /does not speak gRPC/,
  ],
])('one that %s', async (_what, answer, code, message) => {
  const { url } = await receiver(answer);
  const { findings, backends } = await diagnose(url);
  expect(findings.map((each) => each.code)).toEqual([code]);
  expect(findings[0]?.message).toMatch(message);
  expect(backends[0]?.isTaken).toBe(false);
});

test('an OTLP/HTTP receiver is told by the port that it needs', async () => {
  const server = createHttpServer((_request, response) => response.end('{}'));
  const { findings } = await diagnose(await listening(server));
  server.closeAllConnections();
  expect(findings.map(({ code }) => code)).toEqual(['OBS_ENDPOINT_NOT_OTLP']);
  expect(findings[0]?.fix).toContain('4317');
});

test('one that never answers, and one that is not there', async () => {
  const silent = createTcpServer((socket) => stops.push(() => socket.destroy()));
  const url = await listening(silent);
  expect((await diagnose(url, 300)).findings.map(({ code }) => code)).toEqual(['OBS_ENDPOINT_TIMEOUT']);
  await captured?.stop();
  const gone = createTcpServer();
  const goneUrl = await listening(gone);
  gone.close();
  await once(gone, 'close');
  expect((await diagnose(goneUrl)).findings.map(({ code }) => code)).toEqual(['OBS_ENDPOINT_REFUSED']);
});
