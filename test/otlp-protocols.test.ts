/*
 * Every protocol of OTLP against a real Collector, for all three signals, also compressed and through TLS with a client
 * certificate; and spans by gRPC straight into a real Jaeger.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { counter } from '@throughline/core';
import { type CapturedObservability, captureObservability } from '@throughline/core/testing';
import { collectorHint, startCollector } from '@throughline/testbed/collector';
import { jaegerHint, startJaeger } from '@throughline/testbed/jaeger';
import { anyFreePort } from '@throughline/testbed/ports';
import { createProcesses } from '@throughline/testbed/processes';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { afterAll, afterEach, expect, test } from 'vitest';
import { createAuthority } from './kubernetes/certificates.js';

const processes = createProcesses();
const folder = temporaryFolder();
const authority = createAuthority(join(folder, 'tls'), 'test');
const server = authority.issue('collector', ['IP:127.0.0.1']);
const client = authority.issue('service');
const received: { readonly path: string; readonly body: string }[] = [];
const sink = createServer(async (request, response) => {
  received.push({ path: String(request.url), body: (await buffer(request)).toString() });
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
}).listen(0, '127.0.0.1');
await once(sink, 'listening');
const tlsPort = await anyFreePort();
const jaegerPort = await anyFreePort();
let grpcPort = 0;

const collector = await startCollector({
  processes,
  folder,
  config(ports) {
    grpcPort = ports.grpcPort;
    const tls = {
      cert_file: server.certificateFile,
      key_file: server.keyFile,
      client_ca_file: authority.certificateFile,
    };
    const pipeline = { receivers: ['otlp', 'otlp/tls'], exporters: ['otlphttp'] };
    return {
      receivers: {
        otlp: {
          protocols: {
            http: { endpoint: `127.0.0.1:${ports.otlpPort}` },
            grpc: { endpoint: `127.0.0.1:${ports.grpcPort}` },
          },
        },
        'otlp/tls': { protocols: { grpc: { endpoint: `127.0.0.1:${tlsPort}`, tls } } },
      },
      exporters: {
        otlphttp: {
          endpoint: `http://127.0.0.1:${(sink.address() as AddressInfo).port}`,
          encoding: 'json',
          compression: 'none',
        },
      },
      service: {
        telemetry: { metrics: { level: 'none' } },
        pipelines: { traces: pipeline, logs: pipeline, metrics: pipeline },
      },
    };
  },
});
const jaeger = await startJaeger({
  processes,
  folder,
  receivers: { 'otlp/grpc': { protocols: { grpc: { endpoint: `127.0.0.1:${jaegerPort}` } } } },
});
const hint = `there must be a Collector (${collectorHint}) and Jaeger (${jaegerHint})`;
if ((!collector || !jaeger) && process.env.CI) throw new Error(hint);
if (!collector || !jaeger) console.log(`The test of the protocols is off: ${hint}.`);

let captured: CapturedObservability | undefined;
afterEach(async () => captured?.stop());
afterAll(async () => {
  sink.close();
  sink.closeAllConnections();
  await processes.stopAll();
});

const ways = {
  'http/protobuf': () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: `${collector?.otlpUrl}` }),
  'http/json': () => ({
    OTEL_EXPORTER_OTLP_ENDPOINT: `${collector?.otlpUrl}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  }),
  grpc: () => ({
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${grpcPort}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
  }),
  'grpc, compressed': () => ({ ...ways.grpc(), OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' }),
  'grpc through TLS': () => ({
    OTEL_EXPORTER_OTLP_ENDPOINT: `https://127.0.0.1:${tlsPort}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_EXPORTER_OTLP_CERTIFICATE: authority.certificateFile,
    OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: client.certificateFile,
    OTEL_EXPORTER_OTLP_CLIENT_KEY: client.keyFile,
  }),
};

/** The requests of one service that the Collector took and sent on. */
const bodiesOf = (path: string, service: string) =>
  received.filter((each) => each.path === path && each.body.includes(`"${service}"`)).map(({ body }) => body);

test.skipIf(!collector).each(Object.keys(ways))('%s: spans, log records and metrics arrive', async (name) => {
  const service = `service by ${name}`;
  const env = ways[name as keyof typeof ways]();
  captured = captureObservability({
    serviceName: service,
    env,
    traces: { exporter: 'otlp' },
    logs: { destinations: ['stdout', 'otlp'] },
    metrics: { push: { intervalMillis: 60_000 } },
  });
  const orders = counter({ name: 'orders_total', help: 'Orders.', labelNames: ['kind'] });
  const { observability } = captured;
  const { traceId } = observability.tracer.startActiveSpan('op', (span) => {
    span.setAttribute('order', 7).setAttribute('shares', [0.5, 1.25]);
    observability.logger.warn('slow order', { order: 7, nested: { depth: [1, 'two', null] } });
    orders.inc({ kind: 'book' }, 3);
    span.end();
    return span.spanContext();
  });
  await observability.flush();
  await expect.poll(() => bodiesOf('/v1/traces', service).join()).toContain(traceId);
  expect(bodiesOf('/v1/traces', service).join()).toMatch(/"key":"order","value":\{"intValue":"?7/);
  await expect.poll(() => bodiesOf('/v1/logs', service).join()).toContain('slow order');
  expect(bodiesOf('/v1/logs', service).join()).toContain(traceId);
  await expect.poll(() => bodiesOf('/v1/metrics', service).join()).toContain('orders_total');
  const metrics = bodiesOf('/v1/metrics', service).join();
  expect(metrics).toContain('"stringValue":"book"');
  // The exemplar came along.
  expect(metrics).toContain(traceId);
  const text = (await captured.metrics()).toString();
  expect(text).not.toMatch(/throughline_\w+_total\{[^}]*result="failed"[^}]*\} [1-9]/);
});

test.skipIf(!jaeger)('spans by gRPC arrive in Jaeger', async () => {
  captured = captureObservability({
    serviceName: 'by grpc',
    traces: { exporter: 'otlp', protocol: 'grpc', endpoint: `http://127.0.0.1:${jaegerPort}` },
  });
  const { observability } = captured;
  const span = observability.tracer.startSpan('op');
  span.end();
  await observability.flush();
  const { traceId } = span.spanContext();
  await expect
    .poll(async () => (await fetch(`${jaeger?.url}/api/v3/traces/${traceId}`)).text())
    .toContain('"name":"op"');
});
