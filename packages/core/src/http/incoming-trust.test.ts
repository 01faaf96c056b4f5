import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { context, propagation } from '@opentelemetry/api';
import { afterEach, describe, expect, test } from 'vitest';
import { type CapturedObservability, type CaptureOptions, captureObservability } from '../testing.js';

/*
 * A caller that is not trusted must not choose the trace id, whether it is recorded, or what outgoing calls carry.
 */
const traceId = 'a'.repeat(32);
const spanId = 'b'.repeat(16);
let captured: CapturedObservability;
let server: Server;

afterEach(async () => {
  server.close();
  await captured.stop();
});

async function request(options: CaptureOptions, headers: Record<string, string> = {}) {
  captured = captureObservability(options);
  let baggage: unknown;
  server = createServer((_request, response) => {
    baggage = propagation.getBaggage(context.active())?.getEntry('user')?.value;
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  const sent = { traceparent: `00-${traceId}-${spanId}-01`, baggage: 'user=mallory', ...headers };
  const lines = Object.entries(sent).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${lines.join('')}\r\n`);
  expect(await text(socket)).toMatch(/^HTTP\/1.1 200/);
  const span = await captured.waitForSpan(({ kind }) => kind === 1);
  return { span, baggage: () => baggage, isContinued: span.spanContext().traceId === traceId };
}

describe('http.trustIncomingTrace', () => {
  test('by default the trace of the caller goes on', async () => {
    const { isContinued, baggage, span } = await request({});
    expect(isContinued).toBe(true);
    expect(span.parentSpanContext?.spanId).toBe(spanId);
    expect(baggage()).toBe('mallory');
  });

  test.each([
    ['code', { http: { trustIncomingTrace: false } }],
    ['environment', { env: { THROUGHLINE_HTTP_TRUST_INCOMING_TRACE: 'false' } }],
  ])('false, in %s: a new trace, without a parent, a link or baggage', async (_, options) => {
    const { isContinued, baggage, span } = await request(options);
    expect(isContinued).toBe(false);
    expect(span.parentSpanContext).toBeUndefined();
    expect(span.links).toEqual([]);
    expect(baggage()).toBeUndefined();
  });

  test.each([
    ['code', { http: { trustIncomingTrace: 'link' } } as CaptureOptions],
    ['environment', { env: { THROUGHLINE_HTTP_TRUST_INCOMING_TRACE: 'link' } }],
  ])('link, in %s: a new trace that links to the caller', async (_, options) => {
    const { isContinued, baggage, span } = await request(options);
    expect(isContinued).toBe(false);
    expect(span.parentSpanContext).toBeUndefined();
    expect(span.links.map((link) => link.context)).toMatchObject([{ traceId, spanId }]);
    expect(baggage()).toBeUndefined();
  });

  test('the sampling decision of a caller that is not trusted does not count', async () => {
    const { span } = await request(
      { http: { trustIncomingTrace: 'link' } },
      { traceparent: `00-${traceId}-${spanId}-00` },
    );
    expect(span.spanContext().traceFlags & 1).toBe(1);
  });

  test.each([
    ['gateway', true],
    ['stranger', false],
  ])('a function decides per request: %s', async (name, expected) => {
    const isOurs = ({ headers }: IncomingMessage) => headers['x-from'] === 'gateway';
    const { isContinued } = await request({ http: { trustIncomingTrace: isOurs } }, { 'x-from': name });
    expect(isContinued).toBe(expected);
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['returns a promise', async () => true],
    ['returns nothing', () => undefined],
  ])('a function that %s trusts nobody, and the request is served', async (_, trust) => {
    const { isContinued } = await request({ http: { trustIncomingTrace: trust as never } });
    expect(isContinued).toBe(false);
  });

  test('an old header of a caller that is not trusted is ignored too', async () => {
    const { span } = await request(
      { legacyTraceHeader: 'x-trace-id', http: { trustIncomingTrace: false } },
      { 'x-trace-id': 'c'.repeat(32) },
    );
    expect(span.spanContext().traceId).not.toBe('c'.repeat(32));
  });

  test('a wrong value is refused at start', () => {
    expect(() => captureObservability({ http: { trustIncomingTrace: 'no' as never } })).toThrow(
      /http.trustIncomingTrace.*takes true, false, 'link'/,
    );
  });
});
